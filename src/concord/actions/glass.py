"""*Glass*: break it in an emergency, close it, and review what was done. Its owner sees it at once."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.access.glass import Emergency, Finding, Glass, GlassState, Side, side_of
from concord.actions.act import act
from concord.actions.installation import Installation
from concord.database.acting import fresh_rows
from concord.errors import MalformedRequest, NoReason, NotAllowed, ReviewedAlready, UnknownRecord
from concord.records.case import Case
from concord.records.country import Unit
from concord.records.material import material_id
from concord.values import Digest, DigestKind


class Breaking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose restricted records, and why now. Of them all, or about one material (its id, or the SHA-256 of a file of it), or
    about the materials of a case of one's own unit."""

    country: str
    emergency: str
    reason: str
    material: str | None = None
    case: str | None = None


class Broken(msgspec.Struct, frozen=True):
    glass: UUID
    expires_at: datetime


class Told(msgspec.Struct, frozen=True):
    """One opening, as all who see it see it."""

    glass: UUID
    state: GlassState
    owner_country: str
    opener_country: str
    opener_unit: str
    opened_by: UUID
    emergency: str
    reason: str
    purpose: str
    material: UUID | None
    by_case: bool
    opened_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    supervisor_finding: str | None
    supervisor_words: str | None
    owner_finding: str | None
    owner_words: str | None


def open_glass(installation: Installation, actor: Actor, breaking: Breaking) -> Broken:
    """In the opener's own session, for an hour at most; nobody is asked before. Raises UnknownCode, UnknownRecord, NoReason,
    MalformedRequest, NotAllowed.
    """
    emergency = Emergency.parse(breaking.emergency)
    if not breaking.reason.strip():
        raise NoReason
    if breaking.material and breaking.case:
        raise MalformedRequest(cause="a glass is opened for a material or for a case, not for both")
    material = _material(installation, breaking.material)
    with act(actor, Verb.OPEN_GLASS, installation.clock) as entry:
        entry.name(breaking.country, emergency, *filter(None, (material, breaking.case)))
        case = _own_case(actor, breaking.case)
        values = [breaking.country, material, case, emergency, breaking.reason]
        made = fresh_rows("select id, expires_at from open_glass(%s, %s, %s, %s, %s)", values)
        if not made:
            raise UnknownRecord(what="country", name=breaking.country)
        entry.name(made[0][0])
    return Broken(*made[0])


def close_glass(installation: Installation, actor: Actor, glass: UUID) -> None:
    """Before its hour is over. Raises UnknownRecord where none of one's own is open under this id."""
    with act(actor, Verb.CLOSE_GLASS, installation.clock) as entry:
        entry.name(glass)
        ((closed,),) = fresh_rows("select close_glass(%s)", [glass])
        if not closed:
            raise UnknownRecord(what="open glass", name=glass)


def list_glass(installation: Installation, actor: Actor, every: bool = False) -> Sequence[Told]:
    """What is open or in review, or all: one's own, one's unit's, and what was opened of one's own country's records; the
    newest first. Raises NotAllowed.
    """
    now = installation.clock()
    with act(actor, Verb.LIST_GLASS, installation.clock) as entry:
        rows = Glass.objects.select_related("opener_unit").order_by("-opened_at", "id")
        found = [one for one in rows if every or one.opened().state(now) is not GlassState.REVIEWED]
        entry.name(*(one.id for one in found))
    return [_told(one, now) for one in found]


def review_glass(installation: Installation, actor: Actor, glass: UUID, finding: Finding, words: str) -> Side:
    """For one's own side, once it is closed. Returns which side it was. Raises UnknownRecord, NotAllowed, ReviewedAlready,
    NoReason.
    """
    if not words.strip():
        raise NoReason
    now = installation.clock()
    with act(actor, Verb.REVIEW_GLASS, installation.clock) as entry:
        entry.name(glass, finding)
        found = Glass.objects.filter(pk=glass).first()
        if found is None:
            raise UnknownRecord(what="glass", name=glass)
        opened = found.opened()
        if opened.is_open(now):
            raise NotAllowed(reason="it is open still: what comes of it is reviewed when it is closed")
        is_bureau = Unit.objects.filter(pk=actor.unit, is_bureau=True).exists()
        side = side_of(actor, opened, is_bureau)
        if side is None:
            raise NotAllowed(
                reason="a review is closed by a supervisor of the opener's and by the owner, by neither twice"
            )
        ((done,),) = fresh_rows("select review_glass(%s, %s, %s, %s, %s)", [glass, side, finding, words, now])
        if not done:
            raise ReviewedAlready(name=glass)
    return side


def _material(installation: Installation, text: str | None) -> UUID | None:
    """From a material's id or a SHA-256. Raises MalformedDigest, MalformedRequest."""
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        digest = Digest.parse(text)
    if digest.kind is not DigestKind.SHA256:
        raise MalformedRequest(cause="a material is known by its id or the SHA-256 of a file of it")
    return material_id(digest.value, installation.keys.identity)


def _own_case(actor: Actor, reference: str | None) -> UUID | None:
    if reference is None:
        return None
    found = Case.objects.filter(owner_unit_id=actor.unit, reference=reference).values_list("id", flat=True).first()
    if found is None:
        raise UnknownRecord(what="case", name=reference)
    return found


def _told(one: Glass, now: datetime) -> Told:
    return Told(
        glass=one.id,
        state=one.opened().state(now),
        owner_country=one.owner_country_id,
        opener_country=one.opener_country_id,
        opener_unit=one.opener_unit.name,
        opened_by=one.opened_by_id,
        emergency=one.emergency,
        reason=one.reason,
        purpose=one.purpose,
        material=one.material,
        by_case=one.case_id is not None,
        opened_at=one.opened_at,
        expires_at=one.expires_at,
        closed_at=one.closed_at,
        supervisor_finding=one.supervisor_finding,
        supervisor_words=one.supervisor_words,
        owner_finding=one.owner_finding,
        owner_words=one.owner_words,
    )
