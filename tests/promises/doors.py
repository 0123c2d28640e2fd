"""Everything that can be done through the three doors, read from their own tables: the tree of commands, the endpoints, the
addresses of the pages. What each is called with is drawn from a few ids and words, by the types that it takes.
"""

import enum
import random
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import click
import msgspec

from concord.actions.installation import Installation
from concord.api.endpoint import Endpoint, Query
from concord.api.table import endpoints
from concord.cli.main import concord
from concord.web import routes

ACTS = "profile"  # a command that takes one acts in its name


@dataclass(frozen=True)
class Words:
    """What to draw from. `named`: by the name of a field, an argument or an option, however many signs join its words."""

    ids: Sequence[str]
    named: Mapping[str, Sequence[str]] = field(default_factory=dict)
    paths: Sequence[str] = ()

    def word(self, name: str, chance: random.Random) -> str:
        return chance.choice(self.named.get(name.strip("-").replace("-", "_"), ["x"]))


# ---- commands -----------------------------------------------------------------------------------------------------------


def commands() -> dict[str, click.Command]:
    """Every command that does something, by its words."""
    return dict(_leaves(concord, ()))


def _leaves(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield " ".join(words), command
        return
    for name, below in command.commands.items():
        yield from _leaves(below, (*words, name))


def acts(command: click.Command) -> bool:
    return any(one.name == ACTS for one in command.params)


def arguments(command: click.Command, words: Words, chance: random.Random) -> list[str]:
    """What is required, and JSON every other time where there is a choice."""
    said: list[str] = []
    for one in command.params:
        flag = isinstance(one, click.Option) and one.is_flag
        if one.name == "as_json" and chance.random() < 0.5:
            said.append("--json")
        elif flag and one.required:
            said.append(chance.choice([*one.opts, *one.secondary_opts]))
        elif not flag and (one.required or isinstance(one, click.Argument)):
            drawn = list(dict.fromkeys(_drawn(one, words, chance) for _ in range(9 if one.nargs == -1 else 1)))[:2]
            said += (
                drawn if isinstance(one, click.Argument) else [part for text in drawn for part in (one.opts[0], text)]
            )
    return said


def _drawn(one: click.Parameter, words: Words, chance: random.Random) -> str:
    name = str(one.name)
    if isinstance(one.type, click.types.UUIDParameterType):
        return chance.choice(words.ids)
    if name in words.named:
        return words.word(name, chance)
    if isinstance(one.type, click.Choice):
        return str(chance.choice(list(one.type.choices)))
    if isinstance(one.type, click.types.IntParamType):
        return "3"
    if isinstance(one.type, (click.Path, click.File)):
        return chance.choice(words.paths)
    return words.word(name, chance)


# ---- endpoints ----------------------------------------------------------------------------------------------------------


def all_endpoints(installation: Installation) -> list[Endpoint]:
    return [one for methods in endpoints(installation) for one in methods]


def body(endpoint: Endpoint, words: Words, chance: random.Random) -> Any:
    """As its type wants it; None where it takes none."""
    return None if endpoint.takes is None else _value(endpoint.takes, "", words, chance)


def query(endpoint: Endpoint, words: Words, chance: random.Random) -> dict[str, str]:
    """Some of the parameters that it has a word for."""
    return {
        one.name: _parameter(one, words, chance)
        for one in endpoint.query
        if (one.name in words.named or "enum" in one.schema) and chance.random() < 0.5
    }


def _parameter(one: Query, words: Words, chance: random.Random) -> str:
    known = one.schema.get("enum")
    return str(chance.choice(list(known))) if known else words.word(one.name, chance)


def _value(kind: Any, name: str, words: Words, chance: random.Random) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        left_out = type(None) in inner and name not in words.named and chance.random() < 0.7
        return None if left_out else _value(inner[0], name, words, chance)
    if origin is not None:
        drawn = [_value(inner[0], name, words, chance) for _ in range(9)]
        return [one for place, one in enumerate(drawn) if one not in drawn[:place]][:2]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return {
            one.encode_name: _value(hints[one.name], one.name, words, chance) for one in msgspec.structs.fields(kind)
        }
    if name in words.named:
        return words.word(name, chance)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return chance.choice([one.value for one in kind])
    if kind is datetime:
        return "2090-01-01T00:00:00Z"
    plain: dict[Any, Any] = {UUID: chance.choice(words.ids), bool: chance.random() < 0.5, int: 3}
    return plain.get(kind, words.word(name, chance))


# ---- pages --------------------------------------------------------------------------------------------------------------


def pages(installation: Installation) -> list[str]:
    """Every address, with a country where it wants a part."""
    return ["/" + re.sub(r"<str:\w+>", "XA", str(one.pattern)) for one in routes(installation)]
