"""What a server says is input from outside: only what has the published shape is used, and nothing beside it."""

from __future__ import annotations

import re
from typing import Any, Callable  # noqa: UP035  Python 3.8

STATES = ("NEW", "KNOWN", "PARTLY_IDENTIFIED", "IDENTIFIED", "NOT_RELEVANT")
MATCHES = ("exact", "near", "none")
BANDS = ("exact", "close", "near")
MOST_SIGNS = 10_000  # of one text
MOST_ENTRIES = 1_000  # of one list

Check = Callable[[Any], bool]


class MisshapenError(Exception):
    """What is not as it should be."""


def text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MOST_SIGNS


def number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def word(value: Any) -> bool:
    """A code of a vocabulary that may have grown since."""
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.+-]{1,100}", value) is not None


def one_of(*known: Any) -> Check:
    return lambda value: isinstance(value, (str, type(None))) and value in known


def maybe(check: Check) -> Check:
    return lambda value: value is None or check(value)


def list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and len(value) <= MOST_ENTRIES and all(check(one) for one in value)


def shaped(**checks: Check) -> Check:
    """An object with exactly these."""
    return lambda value: (
        isinstance(value, dict)
        and value.keys() == checks.keys()
        and all(check(value[name]) for name, check in checks.items())
    )


def _contact(value: Any) -> bool:
    return isinstance(value, dict) and len(value) <= 20 and all(text(key) and text(one) for key, one in value.items())


FAULT = shaped(code=word, message=text)
COUNT = shaped(recorded=number, identified=number, safeguarded=number)
MATCH = shaped(
    material=word,
    kind=one_of(*MATCHES),
    band=one_of(*BANDS),
    distance=maybe(number),
    owner=shaped(country=text, unit=text),
    series=list_of(text),
    segment=maybe(shaped(start=number, end=number)),
)
ANSWER: dict[str, Check] = {
    "item": text,
    "sha256": maybe(lambda value: isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None),
    "answer": one_of(None, *STATES),
    "match": one_of(*MATCHES),
    "distance": maybe(number),
    "band": one_of(None, *BANDS),
    "transform": maybe(word),
    "compared": list_of(word),
    "not_compared": list_of(shaped(what=word, reason=word)),
    "matches": list_of(MATCH),
    "victims": COUNT,
    "suspects": COUNT,
    "qualifiers": list_of(word),
    "reasons": list_of(text),
    "contact": _contact,
    "error": maybe(FAULT),
    "restricted": list_of(shaped(country=text, unit=text, channel=text, hours=text, time_zone=text)),
}

SESSION: dict[str, Check] = {
    "user": text,
    "unit": text,
    "country": text,
    "items_per_call": number,
    "request_bytes": number,
    "part_bytes": number,
    "upload_bytes": number,
    "purpose": text,
    "takes_pictures": lambda value: isinstance(value, bool),
}

UPLOAD: dict[str, Check] = {"upload": word, "size_bytes": number, "received_bytes": number}


def checked(value: Any, checks: dict[str, Check]) -> dict[str, Any]:
    """The fields of `checks`, in their order. Raises MisshapenError."""
    if not isinstance(value, dict):
        raise MisshapenError("it is no object")
    for name, check in checks.items():
        if name not in value or not check(value[name]):
            raise MisshapenError(f"{name} is missing or not of its kind")
    return {name: value[name] for name in checks}


def is_answer(value: Any) -> bool:
    try:
        checked(value, ANSWER)
    except MisshapenError:
        return False
    return True


def checked_answers(value: Any, items: list[str]) -> list[dict[str, Any]]:
    """An answer to each of `items`, in their order. Raises MisshapenError."""
    given = value.get("answers") if isinstance(value, dict) else None
    if not isinstance(given, list) or len(given) != len(items):
        raise MisshapenError("it has not one answer for every item")
    answers = [checked(one, ANSWER) for one in given]
    if [one["item"] for one in answers] != items:
        raise MisshapenError("it answers other items than were asked")
    for one in answers:
        if one["answer"] is None and one["error"] is None:
            raise MisshapenError("an item has neither an answer nor an error")
    return answers


def failed(item: str, code: str, message: str) -> dict[str, Any]:
    """The answer about what could not be asked, in the published shape."""
    nobody = {"recorded": 0, "identified": 0, "safeguarded": 0}
    return {
        "item": item,
        "sha256": None,
        "answer": None,
        "match": "none",
        "distance": None,
        "band": None,
        "transform": None,
        "compared": [],
        "not_compared": [],
        "matches": [],
        "victims": dict(nobody),
        "suspects": dict(nobody),
        "qualifiers": [],
        "reasons": ["Nothing could be compared."],
        "contact": {},
        "error": {"code": code, "message": message},
        "restricted": [],
    }
