"""*Open* an intake: a seizure is looked at, file by file, and what was found stands in a working set of the unit alone.

Opening the same source for the same case goes on where it stopped: whatever was written is not looked at again, unless
the file has changed. Files are referenced; nothing is copied before it is entered.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError, transaction

from concord.access.actor import Actor, still
from concord.access.audit import Verb
from concord.access.rules import demand, owned_by_own_unit
from concord.actions.act import act
from concord.actions.ask import in_batches
from concord.actions.erase_intake import erase_overdue
from concord.actions.installation import Installation
from concord.actions.ordinary import naming, own_lists
from concord.actions.sweep import Swept, sweep
from concord.errors import AlreadyThere, ItemError, NoSuchFile, UnknownRecord, UnreadableFile
from concord.fingerprints.kinds import KINDS
from concord.media import item_of, paths_of, walk_names
from concord.media.image_list import is_image_list, listed
from concord.records.case import Case
from concord.records.intake import Intake, IntakeState, items_at, lock, page, write_items
from concord.records.ordinary import lists_naming
from concord.records.seizure import ItemState, Seen, expiry, needs_look, pack

LOOK_UP_ITEMS = 1024
WRITE_ITEMS = 512

Files = Iterable[tuple[str, str | Path | ItemError]]
Passed = Callable[[int], None]


def open_intake(installation: Installation, actor: Actor, case: str, source: Path, days: int | None = None) -> UUID:
    """Found or made; found, `days` from now are its new time. Raises UnknownRecord, TooManyDays, NoSuchFile,
    and UnreadableFile where what is shown by its name may be another one."""
    erase_overdue()
    place = Path(os.path.abspath(source))  # noqa: PTH100  links stay what they are called
    if not os.path.lexists(place):
        raise NoSuchFile(item=item_of(source))
    if _called(item_of(place)) != place:
        raise UnreadableFile(
            item=item_of(place), cause="its name is shown as another one's; give another way to it, a link"
        )
    limits, now = installation.config.limits, installation.clock()
    with act(actor, Verb.OPEN_INTAKE, installation.clock) as entry:
        seized_in = _own_case(actor, case)
        intake = Intake.objects.filter(owner_unit_id=actor.unit, case=seized_in, source=item_of(place)).first()
        if intake is None:
            intake = _new(actor, seized_in, item_of(place))
            intake.recorded_at = now
            intake.expires_at = expiry(now, now, days or limits.intake_days, limits.intake_most_days)
            _insert(intake)
        elif days:
            intake.expires_at = expiry(intake.recorded_at, now, days, limits.intake_most_days)
            intake.save(update_fields=["expires_at"])
        entry.name(intake.id)
    return intake.id


def fill_intake(
    installation: Installation,
    actor: Actor,
    intake: UUID,
    ordinary: Sequence[str] | None = None,
    passed: Passed = lambda _: None,
) -> Iterator[Seen]:
    """Looks at what was not seen yet, in the order of the source; yields each file when it is written. What was seen before
    and stands on a list by now is set aside, and what is there no more is told.

    `ordinary` are the names of lists; None: all that the unit has. `passed` is told how many more were seen before.
    Raises UnknownRecord.
    """
    began = installation.clock()
    with act(actor, Verb.FILL_INTAKE, installation.clock) as entry:
        entry.name(intake)
        source = source_of(actor, intake)
        lists = own_lists(ordinary)
    found = sweep(
        installation,
        actor,
        _not_seen(installation, actor, intake, files_of(source), passed),
        ordinary=naming(installation, actor, lists),
    )
    for batch in in_batches(_parents_last(found), WRITE_ITEMS):
        _write(installation, actor, intake, batch)
        yield from batch
    _review(installation, still(actor), intake, lists, began)
    with act(still(actor), Verb.FILL_INTAKE, installation.clock) as entry:
        entry.name(intake)
        _hold(intake)
        Intake.objects.filter(pk=intake).update(state=IntakeState.FILLED)


def source_of(actor: Actor, intake: UUID) -> Path:
    """As it was given, under the rights of the open transaction. Raises UnknownRecord."""
    return _called(own_intake(actor, intake).source)


def _called(source: str) -> Path:
    """What is there under the name that is shown: its bytes need not be UTF-8."""
    return next(filter(os.path.lexists, paths_of(source)), Path(source))


def own_intake(actor: Actor, intake: UUID) -> Intake:
    """Raises UnknownRecord, the same for another unit's as for one that never was."""
    found = Intake.objects.filter(pk=intake).select_related("case").first()
    if found is None:
        raise UnknownRecord(what="intake", name=intake)
    demand(owned_by_own_unit, actor, found)
    return found


# ---- what there is to look at -------------------------------------------------------------------------------------------


def files_of(source: Path) -> Files:
    """Of a list what it names, else the file, or what lies in the folder."""
    return listed(source) if is_image_list(source) else walk_names([source])


def _not_seen(installation: Installation, actor: Actor, intake: UUID, files: Files, passed: Passed) -> Files:
    """Asked a batch at a time, between the transactions of the sweep."""
    stream = iter(files)
    while batch := list(islice(stream, LOOK_UP_ITEMS)):
        with act(actor, Verb.FILL_INTAKE, installation.clock, only_refusals=True):
            before = items_at(intake, [item for item, _ in batch])
        wanted = [
            (item, path) for item, path in batch if isinstance(path, ItemError) or _needs_look(before.get(item), path)
        ]
        passed(len(batch) - len(wanted))
        yield from wanted


def _needs_look(before: Seen | None, path: str | Path) -> bool:
    if before is None:
        return True
    try:
        status = os.stat(path)  # noqa: PTH116  it is text where very many are walked
    except (OSError, ValueError):
        return True
    return needs_look(before, status.st_size, status.st_mtime_ns)


# ---- what is kept -------------------------------------------------------------------------------------------------------


def _parents_last(found: Iterable[Swept]) -> Iterator[Seen]:
    """An archive is written after its members: what stands there is there whole, wherever the work was stopped."""
    waiting: Swept | None = None
    for swept in found:
        if swept.parent is not None:
            yield seen(swept, waiting)
            continue
        if waiting:
            yield seen(waiting, None)
        waiting = swept
    if waiting:
        yield seen(waiting, None)


def seen(swept: Swept, archive: Swept | None) -> Seen:
    """`archive` is the file that a member lies in."""
    digests, found, answer = swept.digests, swept.examination, swept.answer
    holder = swept.path or (archive and archive.path)
    location = os.fsencode(holder) if holder else None
    telling = [
        one for one in (found.fingerprints if found else ()) if one.kind == "pdq" and KINDS["pdq"].can_tell(one.quality)
    ]
    missing = next((one.reason for one in answer.not_compared), None) if answer else None
    return Seen(
        path=swept.item,
        location=None if location == swept.item.encode() else location,
        parent=swept.parent,
        sha256=digests.sha256 if digests else None,
        sha1=digests.sha1 if digests else None,
        md5=digests.md5 if digests else None,
        size_bytes=swept.size_bytes,
        modified_ns=swept.modified_ns,
        format=found.format if found else None,
        state=ItemState.ORDINARY if swept.ordinary else ItemState.of(answer.answer if answer else None),
        match=answer.match if answer else None,
        qualifiers=" ".join(answer.qualifiers) if answer else None,
        not_compared=missing,
        ordinary=swept.ordinary,
        error_code=answer.error.code if answer and answer.error else None,
        error_message=answer.error.message if answer and answer.error else None,
        pdq=pack((one.transform, one.value) for one in telling),
    )


def _review(installation: Installation, actor: Actor, intake: UUID, lists: Sequence[UUID], began: datetime) -> None:
    """What was seen before this run, a page at a time."""
    after: int | None = 0
    while after is not None:
        with act(actor, Verb.FILL_INTAKE, installation.clock, only_refusals=True):
            placed = page(intake, after, LOOK_UP_ITEMS)
            changed = _reviewed([one.seen for one in placed if one.asked_at < began], lists)
        if changed:
            _write(installation, actor, intake, changed)
        after = placed[-1].position if placed else None


def _reviewed(items: Sequence[Seen], lists: Sequence[UUID]) -> list[Seen]:
    """Those that have changed. What could not be read is looked at again anyway."""
    asked = [one for one in items if one.state != ItemState.ORDINARY]
    named = lists_naming([digest for one in asked for digest in one.digests], lists)
    changed = []
    for one in items:
        ordinary = None if one.ordinary else next((named[digest] for digest in one.digests if digest in named), None)
        now = one if ordinary is None else one.set_aside(ordinary)
        if now.digests and not now.is_missing and _is_gone(now):
            now = now.missing()
        if now is not one:
            changed.append(now)
    return changed


def _is_gone(before: Seen) -> bool:
    """The file, its archive, or it alone out of that: a member that was found is as old as its archive."""
    try:
        status = before.place.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):  # it cannot be looked at, which tells nothing
        return False
    return before.parent is not None and status.st_mtime_ns != before.modified_ns


def _write(installation: Installation, actor: Actor, intake: UUID, items: Sequence[Seen]) -> None:
    with act(still(actor), Verb.FILL_INTAKE, installation.clock) as entry:
        entry.name(intake)
        _hold(intake)
        entry.name(*(item.audited_as for item in items))
        write_items(intake, items, installation.clock())


def _hold(intake: UUID) -> None:
    """Until the transaction ends. Raises UnknownRecord where the intake was erased meanwhile."""
    if not lock(intake):
        raise UnknownRecord(what="intake", name=intake)


# ---- a new one ----------------------------------------------------------------------------------------------------------


def _own_case(actor: Actor, reference: str) -> Case:
    case = Case.objects.filter(owner_unit_id=actor.unit, reference=reference).first()
    if case is None:
        raise UnknownRecord(what="case", name=reference)
    demand(owned_by_own_unit, actor, case)
    return case


def _new(actor: Actor, case: Case, source: str) -> Intake:
    return Intake(
        owner_country_id=actor.country,
        owner_unit_id=actor.unit,
        author_id=actor.user,
        case=case,
        source=source,
        state=IntakeState.FILLING,
    )


def _insert(intake: Intake) -> None:
    try:
        with transaction.atomic():
            intake.save(force_insert=True)
    except IntegrityError:  # a colleague opens it at this very moment
        raise AlreadyThere(what="intake of", name=intake.source) from None
