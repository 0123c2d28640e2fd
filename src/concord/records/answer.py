"""The answer to *ask*: computed from what the asker may see, never stored. Pure: no database, no clock.

Only victims decide. A match by digest is the same content; a near match is a machine's finding that no person has
confirmed, so an answer that rests on one is UNCONFIRMED.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import msgspec

from concord.fingerprints.transform import NONE
from concord.records.person import PersonState, Role
from concord.values import Category

CLOSE_BITS = 15  # up to here a near match is called close; both bands lie within the search radius


class State(StrEnum):
    NEW = "NEW"
    KNOWN = "KNOWN"
    PARTLY_IDENTIFIED = "PARTLY_IDENTIFIED"
    IDENTIFIED = "IDENTIFIED"
    NOT_RELEVANT = "NOT_RELEVANT"


class Kind(StrEnum):
    """How something matched."""

    EXACT = "exact"
    NEAR = "near"
    NONE = "none"


class Band(StrEnum):
    """How closely, as far as anybody may know of another country's holdings."""

    EXACT = "exact"
    CLOSE = "close"
    NEAR = "near"


class Qualifier(StrEnum):
    UNCONFIRMED = "UNCONFIRMED"
    RESTRICTED_CONTACT = "RESTRICTED_CONTACT"  # something about it is restricted: `restricted` says whom to contact
    SUSPENDED = "SUSPENDED"  # by the hub; told to the unit whose it is, and to the hub


class Compared(StrEnum):
    DIGEST = "digest"
    NEAR = "near"


class NotCompared(msgspec.Struct, frozen=True):
    """A comparison that was not made, and why."""

    what: Compared
    reason: str  # digest_only, digest_known, digest_was_known, pdq_only, low_quality, undecodable


# With `gc=False` what is made for each of very many files is not looked through for cycles, which it cannot be part of.


# ---- what is known, as gathered under the asker's rights ------------------------------------------------------------


class Owner(msgspec.Struct, frozen=True):
    country: str
    unit: str


class Contact(msgspec.Struct, frozen=True, cache_hash=True):
    """Whom to call."""

    country: str
    unit: str
    channel: str
    hours: str
    time_zone: str

    @property
    def owner(self) -> Owner:
        return Owner(self.country, self.unit)


class Holding(msgspec.Struct, frozen=True, gc=False):
    """A material that matched, as one unit holds it."""

    material: UUID
    contact: Contact
    category: Category
    distance: int | None  # bits between fingerprints; None: the same digest
    transform: str = NONE

    @property
    def kind(self) -> Kind:
        return Kind.EXACT if self.distance is None else Kind.NEAR

    @property
    def band(self) -> Band:
        if self.distance is None:
            return Band.EXACT
        return Band.CLOSE if self.distance <= CLOSE_BITS else Band.NEAR


class Seen(msgspec.Struct, frozen=True):
    """A person who appears in a material."""

    material: UUID
    person: UUID
    role: Role
    state: PersonState


class Belongs(msgspec.Struct, frozen=True):
    """A series that a material belongs to."""

    material: UUID
    series: str


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """Everything found for one question that the asker may know of."""

    holdings: Sequence[Holding] = ()
    persons: Sequence[Seen] = ()
    series: Sequence[Belongs] = ()
    restricted: Sequence[Contact] = ()  # bureaus to contact about what the asker may not know of, by country
    suspended: bool = False  # something of what the asker knows is


class Question(msgspec.Struct, frozen=True, gc=False):
    """One item as it could be compared."""

    item: str
    sha256: str | None
    compared: Sequence[Compared]
    not_compared: Sequence[NotCompared] = ()
    error: "Fault | None" = None


class Fault(msgspec.Struct, frozen=True):
    """Why an item could not be examined, or not wholly."""

    code: str
    message: str


# ---- the answer, as every door gives it -----------------------------------------------------------------------------


if TYPE_CHECKING:
    ContactOrNobody = Contact | dict[str, Any]
else:  # the published schema is made from this, and msgspec has none for a union of two kinds of object
    ContactOrNobody = Annotated[
        dict[str, str],
        msgspec.Meta(
            description="Whom to call; empty where there is nobody.",
            extra_json_schema={"properties": {name: {"type": "string"} for name in Contact.__struct_fields__}},
        ),
    ]


class Match(msgspec.Struct, frozen=True, gc=False):
    material: UUID
    kind: Kind
    band: Band
    distance: int | None  # own country's holdings only
    owner: Owner
    series: Sequence[str]
    segment: None = None  # stretches of video have one


class Count(msgspec.Struct, frozen=True):
    recorded: int = 0
    identified: int = 0
    safeguarded: int = 0


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The published shape: one JSON object an item."""

    item: str
    sha256: str | None
    answer: State | None  # None: nothing could be compared
    match: Kind
    distance: int | None
    band: Band | None
    transform: str | None
    compared: Sequence[Compared]
    not_compared: Sequence[NotCompared]
    matches: Sequence[Match]
    victims: Count
    suspects: Count
    qualifiers: Sequence[Qualifier]
    reasons: Sequence[str]
    contact: ContactOrNobody
    error: Fault | None
    restricted: Sequence[Contact] = ()  # bureaus that hold something about it which the asker may not know of


MATCHES_TOLD = 100  # the best; how many there are in all stands in the reasons


def decide(question: Question, evidence: Evidence, country: str) -> Answer:
    """The answer for an asker of `country`. The same evidence in any order gives the same answer."""
    holdings = sorted(evidence.holdings, key=lambda one: _rank(one, country))
    matches = tuple(_match(one, evidence.series, country) for one in holdings[:MATCHES_TOLD])
    best = holdings[0] if holdings else None
    state = _state(question, holdings, evidence.persons)
    confirmed = _state(question, [one for one in holdings if one.kind is Kind.EXACT], evidence.persons)
    return Answer(
        item=question.item,
        sha256=question.sha256,
        answer=state,
        match=best.kind if best else Kind.NONE,
        distance=matches[0].distance if matches else None,
        band=best.band if best else None,
        transform=best.transform if best else None,
        compared=tuple(question.compared),
        not_compared=tuple(question.not_compared),
        matches=matches,
        victims=_count(holdings, evidence.persons, Role.VICTIM),
        suspects=_count(holdings, evidence.persons, Role.SUSPECT),
        qualifiers=tuple(_qualifiers(evidence, state != confirmed)),
        reasons=(*_reasons(question, state, confirmed, holdings, evidence.persons), *_withheld(evidence)),
        contact=_whom_to_call(holdings, evidence.persons, country) if best else next(iter(evidence.restricted), {}),
        error=question.error,
        restricted=tuple(evidence.restricted),
    )


def _qualifiers(evidence: Evidence, unconfirmed: bool) -> Iterable[Qualifier]:
    if unconfirmed:
        yield Qualifier.UNCONFIRMED
    if evidence.restricted:
        yield Qualifier.RESTRICTED_CONTACT
    if evidence.suspended:
        yield Qualifier.SUSPENDED


def _rank(holding: Holding, country: str) -> tuple[bool, bool, bool, str, str]:
    """Exact first, then close, then own; never by the distance itself, which would tell it of others' holdings."""
    return (
        holding.kind is Kind.NEAR,
        holding.band is Band.NEAR,
        holding.contact.country != country,
        str(holding.material),
        f"{holding.contact.country} {holding.contact.unit}",
    )


def _whom_to_call(holdings: Sequence[Holding], persons: Iterable[Seen], country: str) -> Contact:
    """Of those whose match decides, another country's unit where there is one: one's own files are at hand."""
    deciding = [one.contact for one in _deciding(holdings, persons)]
    return next((contact for contact in deciding if contact.country != country), deciding[0])


def _deciding(holdings: Sequence[Holding], persons: Iterable[Seen]) -> Sequence[Holding]:
    """Those of material with a recorded victim; where there is none, those as good as the best."""
    telling = {one.material for one in persons if one.role is Role.VICTIM}
    return [one for one in holdings if one.material in telling] or [
        one for one in holdings if one.kind is holdings[0].kind
    ]


def _match(holding: Holding, series: Sequence[Belongs], country: str) -> Match:
    return Match(
        material=holding.material,
        kind=holding.kind,
        band=holding.band,
        distance=(holding.distance or 0) if holding.contact.country == country else None,
        owner=holding.contact.owner,
        series=tuple(sorted({one.series for one in series if one.material == holding.material})),
    )


def _appearing(holdings: Iterable[Holding], persons: Iterable[Seen], role: Role) -> dict[UUID, PersonState]:
    materials = {one.material for one in holdings}
    return {one.person: one.state for one in persons if one.role is role and one.material in materials}


def _state(question: Question, holdings: Sequence[Holding], persons: Sequence[Seen]) -> State | None:
    if not question.compared:
        return None
    if not holdings:
        return State.NEW
    victims = _appearing(holdings, persons, Role.VICTIM).values()
    identified = sum(state.is_identified for state in victims)
    if not victims and all(one.category is Category.NOT_RELEVANT for one in holdings):
        return State.NOT_RELEVANT
    if not identified:
        return State.KNOWN
    return State.IDENTIFIED if identified == len(victims) else State.PARTLY_IDENTIFIED


def _count(holdings: Sequence[Holding], persons: Sequence[Seen], role: Role) -> Count:
    states = _appearing(holdings, persons, role).values()
    return Count(
        recorded=len(states),
        identified=sum(state.is_identified for state in states),
        safeguarded=sum(state is PersonState.SAFEGUARDED for state in states),
    )


# ---- the answer in sentences ------------------------------------------------------------------------------------------

WHY_NOT = {
    "digest_only": "only a digest was given",
    "digest_known": "its digest is known, so it was not decoded",
    "digest_was_known": "its digest was known when the file was looked at, so it was not decoded",
    "pdq_only": "only a PDQ value was given",
    "low_quality": "it has too little detail to be recognised again",
    "undecodable": "it could not be decoded",
    "archive": "it is an archive, which shows nothing itself: its members have answers of their own",
    "archive_unopened": "it is an archive that was not looked into: ask where it lies, or send its members",
}
NAMED_UNITS = 3  # in a sentence; the matches name all
STEPS = {
    "negative": "as a negative",
    "trim": "without its borders",
    "tone": "with its tones evened out",
    "rotate-90": "turned by 90 degrees clockwise",
    "rotate-180": "turned upside down",
    "rotate-270": "turned by 90 degrees anticlockwise",
    "mirror": "mirrored left to right",
    "flip": "mirrored top to bottom",
    "transpose": "mirrored over its diagonal",
    "transverse": "mirrored over its other diagonal",
}
COMPARISONS = {Compared.DIGEST: "by digest", Compared.NEAR: "by picture"}


def _reasons(
    question: Question,
    state: State | None,
    confirmed: State | None,
    holdings: Sequence[Holding],
    persons: Sequence[Seen],
) -> Iterable[str]:
    """`confirmed` is the state without near matches."""
    if state is None:
        yield "Nothing could be compared."
        return
    how = " and ".join(COMPARISONS[one] for one in question.compared)
    if not holdings:
        yield f"Not found {how} among what you may see."
    else:
        yield _what_matched(holdings)
        if holdings[0].transform != NONE:
            yield f"It matches {' and '.join(STEPS[step] for step in holdings[0].transform.split('+'))}."
        if state != confirmed and holdings[0].kind is Kind.EXACT:
            near = next(one for one in [*_deciding(holdings, persons), *holdings] if one.kind is Kind.NEAR)
            yield f"A {near.band} copy of it decides, held by {near.contact.unit} ({near.contact.country})."
        yield from _who_decides(state, _appearing(holdings, persons, Role.VICTIM))
        if state != confirmed:
            yield "It rests on a machine's finding that nobody has confirmed: compare before acting."
    for one in question.not_compared:
        yield f"Not compared {COMPARISONS[one.what]}: {WHY_NOT[one.reason]}."


def _withheld(evidence: Evidence) -> Iterable[str]:
    """Neither what it is, nor how it matched, nor how much there is."""
    if evidence.restricted:
        bureaus = ", ".join(f"{contact.unit} ({contact.country})" for contact in evidence.restricted)
        yield f"Something about it is restricted: contact {bureaus}."
    if evidence.suspended:
        yield "Something about it that you know of is suspended by the hub: nobody else sees it."


def _what_matched(holdings: Sequence[Holding]) -> str:
    best = holdings[0]
    what = "The same file is" if best.kind is Kind.EXACT else f"A {best.band} copy is"
    alike = [one.contact for one in holdings if one.band is best.band]
    units = list(dict.fromkeys(f"{contact.unit} ({contact.country})" for contact in alike))
    others = f" and {len(units) - NAMED_UNITS} more units" if len(units) > NAMED_UNITS else ""
    materials = len({one.material for one in holdings})
    more = f" {materials} materials match in all." if materials > 1 else ""
    return f"{what} held by {', '.join(units[:NAMED_UNITS])}{others}.{more}"


def _who_decides(state: State, victims: dict[UUID, PersonState]) -> Iterable[str]:
    recorded, identified = len(victims), sum(one.is_identified for one in victims.values())
    if state is State.NOT_RELEVANT:
        yield "Every unit that holds it calls it not relevant."
    elif not recorded:
        yield "No victim is recorded in it."
    elif recorded == 1:
        yield "Its only recorded victim is identified." if identified else "Its only recorded victim is not identified."
    else:
        yield f"{identified} of its {recorded} recorded victims are identified."
