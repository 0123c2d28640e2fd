"""An item on its way into a worker and back: what is asked of it, its open input, and what an answer to it means."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar, cast

import msgspec

from concord.errors import DecodingOverran, ItemError
from concord.jail.broker import Source
from concord.jail.cell import NO_PROPER_ANSWER
from concord.jail.input import Input
from concord.jail.messages import Done, Failed, Job, Part, Request

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Question:
    """One of many items for the same job."""

    source: int | Source  # as of `Jail.run`; open until its answer is there
    item: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered(Generic[Result]):
    """A result, and the names of the walls that stood around the worker it came from."""

    result: Result
    walls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Errand(Generic[Result]):
    """Its input is open until it is closed."""

    job: Job[Result]
    item: str
    given: Input
    request: Request
    deadline_seconds: float  # wall time

    def result(self, reply: Part | Done | Failed, kind: type[Part | Done]) -> Result:
        """Raises what the source or the job raised, and DecodingOverran for what is not of this kind or type."""
        self.given.check()
        if isinstance(reply, Failed):
            raise reply.fault.revived(self.item)
        try:
            if isinstance(reply, kind):
                result: Result = _decoder(cast(Hashable, self.job.result)).decode(reply.result)
                return result
        except msgspec.DecodeError:
            pass
        raise DecodingOverran(item=self.item, cause=NO_PROPER_ANSWER)

    def cause_of(self, error: ItemError) -> ItemError:
        """What failed the item: if its source did, the worker's own error is only its shadow. Raises what the source
        raised where that is not about the item."""
        raised = self.given.broker.error if self.given.broker else None
        if raised is None:
            return error
        if isinstance(raised, ItemError):
            return raised
        raise raised


@cache
def _decoder(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    """Kept: to look a type over takes longer than to decode a small answer."""
    return msgspec.msgpack.Decoder(kind)
