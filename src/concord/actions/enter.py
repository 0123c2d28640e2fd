"""*Enter*: what a unit selects becomes part of the shared collection, with category and legal basis.

Order matters. An item is examined, its bytes go into the vault (content-addressed, so a repetition changes nothing),
and only then one transaction writes material, fingerprint, instance and audit entry together. Killed at any moment,
nothing half-entered is visible, and entering again completes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection

from concord.access.actor import Actor, still
from concord.access.audit import Verb
from concord.access.duties import may_enter_files
from concord.access.removal import gone_meanwhile
from concord.access.rules import all_of, basis_fits_purpose, basis_is_given, demand, owned_by_own_country
from concord.actions.act import act
from concord.actions.ask import Asked, asked_file, asked_text, failed, in_batches, limit_items, probes_for
from concord.actions.installation import Installation
from concord.actions.say import envelope, own_or_contributions
from concord.errors import (
    DamagedCopy,
    DamagedObject,
    ItemError,
    NeedsSha256,
    NoReason,
    NotKept,
    OtherTerms,
    UnknownRecord,
)
from concord.fingerprints.transform import to_store
from concord.media import Examination, is_archive, open_members, walk
from concord.media.opening import hold, open_file
from concord.records.answer import Fault, State, decide
from concord.records.case import Case, Contribution
from concord.records.evidence import Probe, gather
from concord.records.material import Instance, material_id
from concord.records.restriction import Restriction
from concord.records.series import Membership, Series
from concord.records.statement import write_statements
from concord.values import Category, Digest, DigestKind

BATCH_ITEMS = 32

MATERIALS = "select material_for(id, content) from unnest(%s::uuid[], %s::bytea[]) as made(id, content)"
FINGERPRINTS = """
select fingerprint_for(id, kind, transform, content, quality, decoder, walls)
from unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::integer[], %s::text[], %s::text[])
     as made(id, kind, transform, content, quality, decoder, walls)
"""
may_enter = all_of(owned_by_own_country, basis_is_given, basis_fits_purpose)


class Result(StrEnum):
    ENTERED = "entered"
    DUPLICATE = "duplicate"
    FAILED = "failed"


class Entered(msgspec.Struct, frozen=True):
    """What became of one item. `duplicate`: the asker could see this material before."""

    item: str
    sha256: str | None
    material: UUID | None
    result: Result
    answer_before: State | None
    error: Fault | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms items are entered."""

    case: str
    category: Category
    series: str | None = None
    own_country_only: str | None = None  # the reason; None: shared with all

    def __post_init__(self) -> None:
        """Raises NoReason: an empty reason is never taken for no restriction."""
        if self.own_country_only is not None and not self.own_country_only.strip():
            raise NoReason


@dataclass(slots=True)
class Entering:
    """One act of entering: its contribution is made with the first item that is new in it, so that none stands empty."""

    installation: Installation
    actor: Actor
    terms: Terms
    contribution: Contribution | None = None
    seen: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Ready:
    """An item whose bytes, if it has any, are safe in the vault."""

    asked: Asked
    path: str
    examination: Examination | None  # None: entered by digest only


def enter_files(installation: Installation, actor: Actor, paths: Iterable[Path], terms: Terms) -> Iterator[Entered]:
    """Files and everything below folders. Raises UnknownRecord or NotAllowed for the terms before the first item."""
    check_terms(installation, actor, terms)
    yield from enter_ready(installation, actor, _stored(installation, actor, walk(paths)), terms)


def enter_ready(
    installation: Installation, actor: Actor, items: Iterable[Ready | Asked], terms: Terms
) -> Iterator[Entered]:
    """Items that were made ready by `store`, or why they were not. The terms must have been checked."""
    entering = Entering(installation, actor, terms)
    for batch in in_batches(items, BATCH_ITEMS):
        yield from _enter_batch(entering, batch)


def enter_digests(installation: Installation, actor: Actor, texts: Sequence[str], terms: Terms) -> list[Entered]:
    """SHA-256 values of files that stay where they are, in one transaction. They are found by digest only.

    Raises TooManyItems before anything is done.
    """
    limit_items(installation, texts)
    check_terms(installation, actor, terms, files=False)
    ready = [_ready_digest(text) for text in texts]
    return list(_enter_batch(Entering(installation, actor, terms), ready))


def enter_bytes(installation: Installation, actor: Actor, item: str, data: bytes, terms: Terms) -> Entered:
    """One uploaded file."""
    check_terms(installation, actor, terms)
    try:
        with hold(data) as file:
            examination = installation.examiner.examine_file(file, item)
            ready: Ready | Asked = store(installation, actor, item, file, examination)
    except ItemError as error:
        ready = failed(item, error)
    return next(iter(_enter_batch(Entering(installation, actor, terms), [ready])))


def check_terms(installation: Installation, actor: Actor, terms: Terms, *, files: bool = True) -> None:
    """Refuses early, with an audit entry: before a file is opened or a byte stored."""
    with act(actor, Verb.ENTER, installation.clock, only_refusals=True) as entry:
        if files and (refused := may_enter_files(actor)):
            raise refused
        case = _own_case(actor, terms.case)
        entry.name(case.id)
        if terms.series is not None:
            _own_series(actor, terms.series)


# ---- bytes first ------------------------------------------------------------------------------------------------------


def _stored(
    installation: Installation, actor: Actor, files: Iterable[tuple[str, Path | ItemError]]
) -> Iterator[Ready | Asked]:
    for item, path, examination in installation.examiner.examine_all(files):
        try:
            if isinstance(examination, ItemError):
                raise examination
            assert path is not None  # noqa: S101  what was examined has one
            with open_file(path, item) as file:
                yield store(installation, actor, item, file, examination)
        except ItemError as error:  # not readable, gone, or another file than the one examined
            yield failed(item, error)
            continue
        if is_archive(examination):
            yield from stored_members(installation, actor, path, item)


def stored_members(
    installation: Installation, actor: Actor, path: Path, item: str, only: Iterable[str] | None = None
) -> Iterator[Ready | Asked]:
    """Members of an archive, one after the other; `only` those of these names.

    An archive in it that is read as it comes by (tar, gzip ...) is entered by its digest only: the outer one has its bytes.
    """
    try:
        for member in open_members(installation.examiner, path, item, only):
            try:
                if isinstance(member.found, ItemError):
                    raise member.found
                if member.file:
                    yield store(installation, actor, member.item, member.file, member.found)
                else:
                    yield Ready(asked_file(member.item, member.found, members_follow=True), member.item, None)
            except ItemError as error:
                yield failed(member.item, error)
    except ItemError as error:
        yield failed(f"{item}!/", error)


def store(installation: Installation, actor: Actor, item: str, file: Any, examination: Examination) -> Ready:
    """What cannot be decoded is entered as well: it is evidence, found by its digest."""
    try:
        installation.vault.put(file, examination.digests.sha256, actor.country, item=item)
    except DamagedObject as error:  # this item's stored copy; the others are not concerned
        raise DamagedCopy(item=item, cause=error) from error
    return Ready(asked_file(item, examination, members_follow=True), item, examination)


def _ready_digest(text: str) -> Ready | Asked:
    asked = asked_text(text)
    if asked.question.error:
        return asked
    if asked.digest is None or asked.digest.kind is not DigestKind.SHA256:
        return failed(text, NeedsSha256(item=text))
    return Ready(asked, path="", examination=None)


# ---- then one transaction ---------------------------------------------------------------------------------------------


def _enter_batch(entering: Entering, batch: Sequence[Ready | Asked]) -> Iterator[Entered]:
    ready = [one for one in batch if isinstance(one, Ready)]
    probes = probes_for(entering.installation, [one.asked for one in ready])
    entered: dict[int, Entered] = {}
    if ready:
        with act(still(entering.actor), Verb.ENTER, entering.installation.clock) as entry:
            lines = _write(entering, ready, probes)
            entry.name(*(line.material for line in lines))
            entered = {id(one): line for one, line in zip(ready, lines, strict=True)}
        entering.seen.update(line.material for line in entered.values() if line.material)
    for one in batch:
        yield entered[id(one)] if isinstance(one, Ready) else _refused(one)


def _refused(asked: Asked) -> Entered:
    return Entered(asked.question.item, None, None, Result.FAILED, None, asked.question.error)


def _write(entering: Entering, ready: Sequence[Ready], probes: Sequence[Probe]) -> list[Entered]:
    actor, identity = entering.actor, entering.installation.keys.identity
    before = [
        decide(one.asked.question, evidence, actor.country) for one, evidence in zip(ready, gather(probes), strict=True)
    ]
    materials = [material_id(_sha256(one), identity) for one in ready]
    lost = _not_kept(entering, materials, ready)
    said = _said_before(entering, materials)
    conflicts = {
        id(one): lost.get(id(one)) or _conflict(entering.terms, one, said.get((material, one.path)))
        for material, one in zip(materials, ready, strict=True)
    }
    accepted = [(material, one) for material, one in zip(materials, ready, strict=True) if not conflicts[id(one)]]
    _say(entering, accepted, said)
    lines = []
    fresh = set(entering.seen)
    for material, one, answer in zip(materials, ready, before, strict=True):
        known = material in fresh or any(match.kind == "exact" for match in answer.matches)
        result = Result.DUPLICATE if known else Result.ENTERED
        fresh.add(material)
        if conflict := conflicts[id(one)]:
            lines.append(
                Entered(one.asked.question.item, answer.sha256, material, Result.FAILED, answer.answer, conflict)
            )
        else:
            lines.append(Entered(one.asked.question.item, answer.sha256, material, result, answer.answer, answer.error))
    return lines


@dataclass(frozen=True, slots=True)
class Standing:
    """On what terms a file was entered before."""

    category: Category
    restriction: UUID | None  # None: none, or lifted since


SaidBefore = Mapping[tuple[UUID, str], Standing]  # by material and path, within the case


def _said_before(entering: Entering, materials: Sequence[UUID]) -> SaidBefore:
    case = _own_case(entering.actor, entering.terms.case)
    columns = ("material_id", "path", "contribution__category")
    rows = (
        Instance.objects.filter(case=case, material_id__in=materials)
        .annotate(holds=own_or_contributions())
        .values_list(*columns, "holds")
    )
    return {(material, path): Standing(Category(category), holds) for material, path, category, holds in rows}


def _not_kept(entering: Entering, materials: Sequence[UUID], ready: Sequence[Ready]) -> dict[int, Fault]:
    """Those whose bytes went out of the vault since they were put there: what somebody else held of them was erased."""
    gone, vault, country = gone_meanwhile(materials), entering.installation.vault, entering.actor.country
    return {
        id(one): _fault(NotKept(item=one.asked.question.item))
        for material, one in zip(materials, ready, strict=True)
        if material in gone and one.examination and not vault.holds(_sha256(one), country)
    }


def _fault(error: ItemError) -> Fault:
    return Fault(error.code, str(error))


def _conflict(terms: Terms, one: Ready, before: Standing | None) -> Fault | None:
    """Entering again changes nothing, so other terms than before must not be taken for accepted."""
    if before is None:
        return None
    same = (before.category, before.restriction is None) == (terms.category, terms.own_country_only is None)
    if same:
        return None
    audience = "shared with all" if before.restriction is None else "restricted"
    return _fault(
        OtherTerms(item=one.asked.question.item, case=terms.case, category=before.category, audience=audience)
    )


def _say(entering: Entering, accepted: Sequence[tuple[UUID, Ready]], said: SaidBefore) -> None:
    """Instances that are new in this case, and membership of the series; the contribution with the first of them."""
    _make_materials(accepted)
    fresh = [(material, one) for material, one in accepted if (material, one.path) not in said]
    if fresh:
        contribution = entering.contribution or _contribution(entering)
        instances = [_instance(entering, contribution, *pair) for pair in fresh]
        Instance.objects.bulk_create(
            instances,
            ignore_conflicts=True,  # somebody enters the same files at this very moment: already said
        )
        write_statements(
            [
                (instance.id, found.kind, found.value, found.source)
                for instance, (_, one) in zip(instances, fresh, strict=True)
                for found in (one.examination.statements if one.examination else ())
            ]
        )
        entering.contribution = contribution
    if entering.terms.series is not None:
        made = entering.contribution.restriction_id if entering.contribution else None
        restrictions = {
            material: said[material, one.path].restriction if (material, one.path) in said else made
            for material, one in accepted
        }
        _add_to_series(entering, _own_series(entering.actor, entering.terms.series), restrictions)


def _make_materials(accepted: Sequence[tuple[UUID, Ready]]) -> None:
    """In the order of their ids, so that two who enter the same files never wait for each other in a circle."""
    made = sorted(accepted, key=lambda pair: pair[0])
    prints = [
        (material, found.kind, found.transform, found.value, found.quality, found.decoder, " ".join(examination.walls))
        for material, one in made
        if (examination := one.examination)
        for found in to_store(examination.fingerprints)
    ]
    with connection.cursor() as cursor:
        cursor.execute(MATERIALS, [[material for material, _ in made], [_sha256(one) for _, one in made]])
        if prints:
            cursor.execute(FINGERPRINTS, [list(column) for column in zip(*prints, strict=True)])


def _instance(entering: Entering, contribution: Contribution, material: UUID, one: Ready) -> Instance:
    found = one.examination
    return Instance(
        **envelope(entering.actor, entering.installation.clock()),
        restriction_id=contribution.restriction_id,
        material_id=material,
        contribution=contribution,
        case_id=contribution.case_id,
        path=one.path,
        sha256=_sha256(one),
        sha1=found.digests.sha1 if found else None,
        md5=found.digests.md5 if found else None,
        size_bytes=found.size_bytes if found else None,
        format=found.format if found else None,
        width_pixels=found.width_pixels if found else None,
        height_pixels=found.height_pixels if found else None,
        has_bytes=found is not None,
    )


def _contribution(entering: Entering) -> Contribution:
    actor, terms, now = entering.actor, entering.terms, entering.installation.clock()
    case = _own_case(actor, terms.case)
    restriction = None
    if terms.own_country_only is not None:
        says = {name: value for name, value in envelope(actor, now).items() if name not in ("purpose", "basis")}
        reason = terms.own_country_only
        restriction = Restriction(**says, countries=[actor.country], silent=True, reason=reason)
        restriction.save(force_insert=True)
    contribution = Contribution(**envelope(actor, now), case=case, category=terms.category, restriction=restriction)
    contribution.save(force_insert=True)
    return contribution


def _add_to_series(entering: Entering, series: Series, restrictions: Mapping[UUID, UUID | None]) -> None:
    """What is said of hidden material is hidden with it."""
    said = envelope(entering.actor, entering.installation.clock())
    Membership.objects.bulk_create(
        [
            Membership(**said, series=series, material_id=material, restriction_id=restriction)
            for material, restriction in restrictions.items()
        ],
        ignore_conflicts=True,
    )


def _own_case(actor: Actor, reference: str) -> Case:
    case = Case.objects.filter(owner_unit_id=actor.unit, reference=reference).first()
    if case is None:
        raise UnknownRecord(what="case", name=reference)
    demand(may_enter, actor, case)
    return case


def _own_series(actor: Actor, name: str) -> Series:
    series = Series.objects.filter(owner_unit_id=actor.unit, name=name).first()
    if series is None:
        raise UnknownRecord(what="series", name=name)
    return series


def _sha256(one: Ready) -> bytes:
    digest: Digest | None = one.asked.digest
    assert digest is not None  # noqa: S101  what is ready has one
    return digest.value
