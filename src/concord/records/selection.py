"""Which items of an intake an officer chooses: by answer, by pattern, or by name. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from concord.errors import EmptyArgument, MalformedRequest
from concord.records.seizure import ItemState

_SIGNS = re.compile(r"((?:^|(?<=/))\*\*/|\*\*|\*|\?|\[!?[^\]/]+\])")
_FOLDERS = {"**/": "(?:.*?/)??", "**": ".*?"}


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
    Raises MalformedRequest, and EmptyArgument for an empty one.
    """
    given = list(dict.fromkeys(texts))
    if "" in given:
        raise EmptyArgument
    states = frozenset(ItemState(text) for text in given if text in set(ItemState))
    patterns = tuple(expression(text) for text in given if text not in set(ItemState))
    return Selection(states, patterns, frozenset(items))


def expression(pattern: str) -> re.Pattern[str]:
    """Raises MalformedRequest where it is no pattern."""
    whole = pattern if "/" in pattern else f"**/{pattern}"
    try:
        return re.compile(_joined(_SIGNS.split(whole)), re.DOTALL)
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


def _joined(parts: Iterable[str]) -> str:
    """Names are hostile: a search that tries every place for every star would never end on a long one of the right signs.
    Wherever another star follows that can pass over what lies between, the first place that fits is as good as any
    later one; so it is kept for good, `(?>...)`, and only the last stars go on searching.
    """
    folders = [["", ""]]  # each `**` with the expressions of what follows it, in which each `*` begins another
    for part in parts:
        if part in _FOLDERS:
            folders.append([_FOLDERS[part], ""])
        elif part == "*":
            folders[-1].append("")
        else:
            folders[-1][-1] += _part(part)
    *before, (star, fixed, *rest) = folders
    whole = "".join(f"(?>{first}{then}{_kept(names)})" for first, then, *names in before)
    return f"{whole}{star}{fixed}{_kept(rest[:-1])}" + "".join(f"[^/]*{last}" for last in rest[-1:])


def _kept(names: Iterable[str]) -> str:
    return "".join(f"(?>[^/]*?{name})" for name in names)


def _part(part: str) -> str:
    if part == "?":
        return "[^/]"
    if part.startswith("[") and _SIGNS.fullmatch(part):
        denied = part.startswith("[!")
        signs = part[2 if denied else 1 : -1]
        inside = re.sub(r"([\\^\[&~|])", r"\\\1", signs)
        return f"[^/{inside}]" if denied else f"(?!/)[{inside}]"
    return re.escape(part)
