"""*Enter* from an intake: only what an officer chose leaves it, on his terms. Each file must still be the one that was seen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from uuid import UUID

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.ask import Asked, failed
from concord.actions.enter import Entered, Ready, Terms, check_terms, enter_ready, store
from concord.actions.erase_intake import erase_overdue
from concord.actions.installation import Installation
from concord.actions.open_intake import own_intake
from concord.errors import ItemError, NoMember, NoSuchFile, NothingSelected, NotInIntake, OtherContent
from concord.jail.archive_findings import WITHIN
from concord.media import Examination, item_of, open_members
from concord.media.members import Member
from concord.media.opening import open_file
from concord.records.intake import page
from concord.records.seizure import Seen
from concord.records.selection import Selection

PAGE_ITEMS = 1000


def enter_intake(
    installation: Installation, actor: Actor, intake: UUID, chosen: Selection, terms: Terms
) -> Iterator[Entered]:
    """The case of `terms` is that of the intake, whatever was given. What was chosen by name and is not there fails.

    Raises UnknownRecord, NotAllowed before the first item; NothingSelected after the last, when there was none.
    """
    erase_overdue()
    with act(actor, Verb.SHOW_INTAKE, installation.clock) as entry:
        entry.name(intake)
        opened = own_intake(actor, intake)
    terms = replace(terms, case=opened.case.reference)
    check_terms(installation, actor, terms)
    entered = enter_ready(installation, actor, _ready(installation, actor, intake, chosen, opened.source), terms)
    count = 0
    for line in entered:
        count += 1
        yield line
    if not count:
        raise NothingSelected(intake=intake, selection="what was given")


def _ready(
    installation: Installation, actor: Actor, intake: UUID, chosen: Selection, source: str
) -> Iterator[Ready | Asked]:
    missing = set(chosen.items)
    for found in _chosen(installation, actor, intake, chosen, source):
        missing -= {seen.path for seen in found}
        for archive, group in groupby(found, lambda seen: seen.place if seen.parent is not None else None):
            if archive is None:
                yield from _files(installation, actor, list(group))
            else:
                yield from _members(installation, actor, archive, list(group))
    for item in sorted(missing):
        yield failed(item, NotInIntake(item=item))


def _chosen(
    installation: Installation, actor: Actor, intake: UUID, chosen: Selection, source: str
) -> Iterator[Sequence[Seen]]:
    """In their order, in parts."""
    after = 0
    while True:
        with act(actor, Verb.SHOW_INTAKE, installation.clock) as entry:
            entry.name(intake)
            own_intake(actor, intake)
            placed = page(intake, after, PAGE_ITEMS)
            found = [one.seen for one in placed if chosen.chooses(one.seen.path, source, one.seen.state)]
            entry.name(*(seen.audited_as for seen in found))
        if not placed:
            return
        after = placed[-1].position
        yield found


def _files(installation: Installation, actor: Actor, chosen: Sequence[Seen]) -> Iterator[Ready | Asked]:
    by_item = {seen.path: seen for seen in chosen}
    for item, path, found in installation.examiner.examine_all((seen.path, seen.place) for seen in chosen):
        try:
            if isinstance(found, ItemError):
                raise found
            _check(by_item[item], found)
            assert path is not None  # noqa: S101  what was examined has one
            with open_file(path, item) as file:
                yield store(installation, actor, item, file, found)
        except ItemError as error:
            yield failed(item, error)


def _members(
    installation: Installation, actor: Actor, archive: Path, chosen: Sequence[Seen]
) -> Iterator[Ready | Asked]:
    """Read again out of their archive, in its order. An archive in it whose members were chosen too comes in another pass."""
    wanted = {seen.path: seen for seen in chosen}
    for item in [item for item in wanted if item.endswith(WITHIN)]:
        yield failed(item, _no_member(wanted.pop(item)))
    while wanted:
        count = len(wanted)
        passed_by: dict[str, Seen] = {}
        yield from _pass(installation, actor, archive, wanted, passed_by)
        wanted = passed_by if len(passed_by) < count else {}


def _pass(
    installation: Installation, actor: Actor, archive: Path, wanted: dict[str, Seen], passed_by: dict[str, Seen]
) -> Iterator[Ready | Asked]:
    broken: dict[str, ItemError] = {}
    try:
        for member in open_members(installation.examiner, archive, item_of(archive), list(wanted)):
            failure = member.found if isinstance(member.found, ItemError) else None
            if failure and member.item.endswith(WITHIN):
                broken[member.item] = failure
            elif seen := wanted.pop(member.item, None):
                if failure or member.file:
                    yield _member(installation, actor, seen, member)
                else:
                    passed_by[member.item] = seen
    except ItemError as error:  # of the archive
        broken[item_of(archive) + WITHIN] = error
    for item in wanted:
        yield failed(item, _missing(item, broken))


def _member(installation: Installation, actor: Actor, seen: Seen, member: Member) -> Ready | Asked:
    try:
        if isinstance(member.found, ItemError):
            raise member.found
        _check(seen, member.found)
        return store(installation, actor, seen.path, member.file, member.found)
    except ItemError as error:
        return failed(seen.path, error)


def _no_member(seen: Seen) -> NoMember:
    cause = (seen.error_message or "").removeprefix(f"{seen.path}: ").removesuffix(".")
    return NoMember(item=seen.path, cause=cause or "nothing is known of it")


def _missing(item: str, broken: Mapping[str, ItemError]) -> ItemError:
    """What ended the reading of the innermost archive around it, or of one around that."""
    around = [name for name in broken if item.startswith(name)]
    error = broken[max(around, key=len)] if around else NoSuchFile(item=item)
    return type(error)(**{**error.facts, "item": item})


def _check(seen: Seen, found: Examination) -> None:
    if found.digests.sha256 != seen.sha256:
        raise OtherContent(item=seen.path)
