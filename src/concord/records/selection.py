"""Which items of an intake an officer chooses: by answer, by pattern, or by name. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from concord.errors import MalformedRequest
from concord.records.seizure import ItemState

_SIGNS = re.compile(r"(\*\*/|\*\*|\*|\?|\[!?[^\]/]+\])")
_EXPRESSIONS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Selection:
    """The sum of its parts; of none, nothing.

    A pattern chooses no ordinary files: these are entered only when they are named, or asked for as ORDINARY.
    """

    states: frozenset[ItemState] = frozenset()
    patterns: tuple[re.Pattern[str], ...] = ()
    items: frozenset[str] = frozenset()

    def chooses(self, path: str, source: str, state: ItemState) -> bool:
        """`path` is the item as it is shown, `source` what the intake was opened on."""
        if state in self.states or path in self.items:
            return True
        if state is ItemState.ORDINARY:
            return False
        place = place_in(source, path)
        return any(pattern.fullmatch(place) or pattern.fullmatch(path) for pattern in self.patterns)


def selection(texts: Iterable[str], items: Sequence[str] = ()) -> Selection:
    """From what was given: an answer as it is written in answers (NEW), or else a pattern. `items` are named as shown.

    A pattern without a slash is for the name, wherever it lies; one with a slash for the whole way from the source, or
    from the root. `*` and `?` stand for signs within a name, `**` also for folders, `[ab]` and `[!ab]` for one sign.
    Raises MalformedRequest.
    """
    given = list(dict.fromkeys(texts))
    states = frozenset(ItemState(text) for text in given if text in set(ItemState))
    patterns = tuple(expression(text) for text in given if text not in set(ItemState))
    return Selection(states, patterns, frozenset(items))


def expression(pattern: str) -> re.Pattern[str]:
    """Raises MalformedRequest where it is no pattern."""
    whole = pattern if "/" in pattern else f"**/{pattern}"
    parts = (_part(part) for part in _SIGNS.split(whole))
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error as error:
        raise MalformedRequest(cause=f"{pattern[:80]} is no pattern: {error}") from None


def place_in(source: str, path: str) -> str:
    """The way from the source to an item, which in an archive begins after the archive's own name."""
    if path.startswith(source):
        rest = path[len(source) :]
        for sign in ("!/", "/"):
            if rest.startswith(sign):
                return rest[len(sign) :]
    return path


def _part(part: str) -> str:
    if part in _EXPRESSIONS:
        return _EXPRESSIONS[part]
    if part.startswith("[") and _SIGNS.fullmatch(part):
        denied = part.startswith("[!")
        signs = part[2 if denied else 1 : -1]
        inside = re.sub(r"([\\^\[&~|])", r"\\\1", signs)
        return f"[^/{inside}]" if denied else f"[{inside}]"
    return re.escape(part)
