"""Ids, secrets and times that two installations make alike: drawn from a seed that is told before each step.

What is drawn for one step does not hang on how much was drawn before it, so that what somebody else did in one of the
installations only shifts nothing. Without a seed chance and clock are the real ones. The ids of the database itself
(`gen_random_uuid`) are not reached by this; ours are known by how they begin.
"""

import random
import uuid
from datetime import UTC, datetime, timedelta

BEGINS = "5eed5eed"  # the first digits of an id that was drawn here

_real_bytes = random._urandom  # type: ignore[attr-defined]
_drawn: random.Random | None = None
_time: datetime | None = None


def take_over() -> None:
    """Before anything that makes ids is imported: models keep the function that they are given."""
    uuid.uuid4 = _uuid4
    random._urandom = _bytes  # type: ignore[attr-defined]  # what `secrets` draws from


def tell(seed: str, at: datetime) -> None:
    """From now on everything is drawn from `seed`, and it is `at`."""
    global _drawn, _time
    _drawn, _time = random.Random(seed), at


def forget() -> None:
    """From now on chance and clock are the real ones."""
    global _drawn, _time
    _drawn = _time = None


def clock() -> datetime:
    """A microsecond later each time: entries of one step keep their order."""
    global _time
    if _time is None:
        return datetime.now(UTC)
    _time += timedelta(microseconds=1)
    return _time


def _uuid4() -> uuid.UUID:
    drawn = uuid.UUID(bytes=_bytes(16), version=4)
    return drawn if _drawn is None else uuid.UUID(BEGINS + drawn.hex[8:])


def _bytes(count: int) -> bytes:
    return _real_bytes(count) if _drawn is None else _drawn.randbytes(count)
