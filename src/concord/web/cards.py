"""An answer as an officer reads it: which words, which icon, whom to call. Pure; the templates only place it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from concord.records.answer import (
    COMPARISONS,
    WHY_NOT,
    Answer,
    Band,
    Contact,
    Count,
    Match,
    Owner,
    Qualifier,
    State,
)

NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is told apart: by word, by icon and, last, by colour."""

    name: str  # of icon and colours
    word: str
    meaning: str


NEW = Look("new", "NEW", "Not found by anything it can be compared by.")
NEW_IN_PART = Look("new-in-part", "NEW", "Not found by what was compared; something else was not compared.")
KNOWN = Look("known", "KNOWN", "Held already; no victim in it is identified.")
PARTLY_IDENTIFIED = Look(
    "partly-identified", "PARTLY IDENTIFIED", "Some of its recorded victims are identified, not all."
)
IDENTIFIED = Look("identified", "IDENTIFIED", "Every recorded victim in it is identified.")
NOT_RELEVANT = Look("not-relevant", "NOT RELEVANT", "Every unit that holds it calls it not relevant.")
FAILED = Look("failed", "COULD NOT BE EXAMINED", "Nothing is said about it; the card says why.")

LOOKS = {
    State.NEW: NEW,
    State.KNOWN: KNOWN,
    State.PARTLY_IDENTIFIED: PARTLY_IDENTIFIED,
    State.IDENTIFIED: IDENTIFIED,
    State.NOT_RELEVANT: NOT_RELEVANT,
    None: FAILED,
}
LEGEND = (NEW, KNOWN, PARTLY_IDENTIFIED, IDENTIFIED, NOT_RELEVANT)

HOW = {Band.EXACT: "Exact copy of a file", Band.CLOSE: "Close copy", Band.NEAR: "Near copy"}


@dataclass(frozen=True, slots=True)
class Label:
    word: str
    meaning: str


QUALIFIERS = {
    Qualifier.UNCONFIRMED: Label("UNCONFIRMED", "Rests on a near match that nobody has confirmed."),
    Qualifier.RESTRICTED_CONTACT: Label("RESTRICTED", "Another record is not open to you: ask the bureau named."),
    Qualifier.SUSPENDED: Label("SUSPENDED", "By the hub: nobody but its owner and the hub sees it."),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A term and what stands beside it; `is_known` is false for *not recorded*."""

    term: str
    value: str
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Held:
    """One match, as a line of the card's list."""

    owner: str
    how: str
    series: str  # empty: none
    material: str


@dataclass(frozen=True, slots=True)
class Card:
    item: str
    look: Look
    word: str  # the look's, or what NEW is limited to
    match: str | None  # None: nothing matched
    labels: Sequence[Label]
    reasons: Sequence[str]
    facts: Sequence[Fact]
    compared: Sequence[str]
    not_compared: Sequence[Label]
    matches: Sequence[Held]
    contact: Sequence[Fact]  # empty: nobody to call
    bureaus: Sequence[Sequence[Fact]]  # others to call, about what is restricted
    error: str | None
    sha256: str | None  # None: not known


def answer_card(answer: Answer, now: datetime) -> Card:
    """`now` is when it was asked: it says what time it is where the contact is."""
    look = NEW_IN_PART if answer.answer is State.NEW and answer.not_compared else LOOKS[answer.answer]
    return Card(
        item=answer.item,
        look=look,
        word=_word(answer, look),
        match=_how(answer.band, answer.distance) if answer.band else None,
        labels=[QUALIFIERS[one] for one in answer.qualifiers],
        reasons=answer.reasons,
        facts=_facts(answer),
        compared=[COMPARISONS[one] for one in answer.compared],
        not_compared=[Label(COMPARISONS[one.what], WHY_NOT[one.reason]) for one in answer.not_compared],
        matches=[_held(one) for one in answer.matches],
        contact=contact_facts(answer.contact, now) if isinstance(answer.contact, Contact) else (),
        bureaus=[contact_facts(one, now) for one in answer.restricted if one != answer.contact],
        error=_without_item(answer.error.message, answer.item) if answer.error else None,
        sha256=answer.sha256,
    )


def failed_card() -> Card:
    """An empty one, which the script fills in when no answer comes."""
    return Card("", FAILED, FAILED.word, None, (), (), (), (), (), (), (), (), error=" ", sha256=None)


def summary(cards: Sequence[Card]) -> str:
    """For example `3 asked: 2 IDENTIFIED, 1 NEW`; empty without cards. The script says the same (answers.js)."""
    counts = Counter(card.word for card in cards)
    return f"{len(cards)} asked: " + ", ".join(f"{count} {word}" for word, count in counts.items()) if cards else ""


def contact_facts(contact: Contact, now: datetime) -> list[Fact]:
    return [
        Fact("Unit", _owner(contact.owner)),
        _fact("Channel", contact.channel),
        _fact("Hours", contact.hours),
        _fact("Time zone", _with_local_time(contact.time_zone, now)),
    ]


def _word(answer: Answer, look: Look) -> str:
    """Never a plain NEW where something was not compared."""
    if look is NEW_IN_PART:
        return f"{look.word} {' and '.join(COMPARISONS[one] for one in answer.compared)} only"
    return look.word


def _how(band: Band, distance: int | None) -> str:
    """`distance` is None for what others hold, and says nothing of an exact copy."""
    bits = f", {distance} of 256 bits differ" if distance and band is not Band.EXACT else ""
    return HOW[band] + bits


def _facts(answer: Answer) -> list[Fact]:
    if not answer.matches:
        return []
    facts = [
        Fact("Held by", "; ".join(_unique(_owner(one.owner) for one in answer.matches))),
        Fact("Victims", _counted(answer.victims), is_known=bool(answer.victims.recorded)),
    ]
    if answer.suspects.recorded:
        facts.append(Fact("Suspects", _counted(answer.suspects)))
    if series := _unique(name for one in answer.matches for name in one.series):
        facts.append(Fact("Series", "; ".join(series)))
    if answer.transform and answer.transform != "none":
        facts.append(Fact("Found as", answer.transform))
    return facts


def _counted(count: Count) -> str:
    if not count.recorded:
        return "none recorded"
    safeguarded = f", {count.safeguarded} safeguarded" if count.safeguarded else ""
    return f"{count.identified} of {count.recorded} identified{safeguarded}"


def _held(match: Match) -> Held:
    how = _how(match.band, match.distance)
    return Held(_owner(match.owner), how, "; ".join(match.series), str(match.material))


def _owner(owner: Owner) -> str:
    return f"{owner.unit} ({owner.country})"


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _fact(term: str, value: str) -> Fact:
    known = bool(value) and value != NOT_RECORDED
    return Fact(term, value if known else NOT_RECORDED, known)


def _with_local_time(time_zone: str, now: datetime) -> str:
    """`Europe/Paris, 14:05 there when asked`; the name alone where this machine does not know it."""
    try:
        there = now.astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return time_zone
    return f"{time_zone}, {there:%H:%M} there when asked"


def _without_item(message: str, item: str) -> str:
    """The card names the item already."""
    rest = message.removeprefix(f"{item}: ")
    return rest[:1].upper() + rest[1:]
