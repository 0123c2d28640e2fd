"""*Enter* from an intake: only what an officer chose leaves it, on his terms. Each file must still be the one that was seen."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from uuid import UUID

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.ask import Asked, failed
from concord.actions.enter import Entered, Ready, Terms, check_terms, enter_ready, store
from concord.actions.erase_intake import erase_expired
from concord.actions.installation import Installation
from concord.actions.open_intake import own_intake
from concord.errors import ItemError, NoSuchFile, NothingSelected, NotInIntake, OtherContent, UnreadableFile
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
    erase_expired(actor)
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
        for archive, group in groupby(found, lambda seen: place_of(seen) if seen.parent is not None else None):
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
    for item, path, found in installation.examiner.examine_all((seen.path, place_of(seen)) for seen in chosen):
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
    """Read again out of their archive, in its order."""
    left = {seen.path: seen for seen in chosen}
    try:
        for member in open_members(installation.examiner, archive, item_of(archive), list(left)):
            if seen := left.pop(member.item, None):
                yield _member(installation, actor, seen, member)
    except ItemError as error:  # of the archive
        for item in left:
            yield failed(item, error)
        return
    for item in left:
        yield failed(item, NoSuchFile(item=item))


def _member(installation: Installation, actor: Actor, seen: Seen, member: Member) -> Ready | Asked:
    try:
        if isinstance(member.found, ItemError):
            raise member.found
        _check(seen, member.found)
        if member.file is None:
            raise UnreadableFile(item=seen.path, cause="an archive in an archive; choose its members")
        return store(installation, actor, seen.path, member.file, member.found)
    except ItemError as error:
        return failed(seen.path, error)


def place_of(seen: Seen) -> Path:
    """The file, or the archive that a member lies in."""
    return Path(os.fsdecode(seen.location or seen.path.encode()))


def _check(seen: Seen, found: Examination) -> None:
    if found.digests.sha256 != seen.sha256:
        raise OtherContent(item=seen.path)
