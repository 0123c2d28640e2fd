"""*Upload*: a file that is to be asked about comes in parts, over a line that breaks; nothing of it is kept afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from concord.access.actor import Actor
from concord.access.audit import Verb
from concord.actions.act import act
from concord.actions.ask import ask_bytes
from concord.actions.installation import Installation
from concord.errors import PicturesNotTaken
from concord.matching.watch import Watch
from concord.records.answer import Answer
from concord.vault.parts import Owner, Parts, Upload


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that is to come."""

    sha256: bytes
    size_bytes: int


def parts_of(installation: Installation) -> Parts:
    config = installation.config
    return Parts(config.uploads, installation.keys, config.limits, installation.clock)


def begin_upload(installation: Installation, actor: Actor, file: Announced) -> Upload:
    """Or where it stands, when it began before. Raises PicturesNotTaken, TooLarge, TooManyUploads, VaultUnavailable."""
    with _uploading(installation, actor, file.sha256.hex()) as (parts, owner):
        return parts.begin(owner, file.sha256, file.size_bytes)


def add_part(installation: Installation, actor: Actor, upload: str, start_byte: int, data: bytes) -> Upload:
    """Raises what `Parts.add` raises, and PicturesNotTaken."""
    with _uploading(installation, actor, upload) as (parts, owner):
        return parts.add(owner, upload, start_byte, data)


def erase_upload(installation: Installation, actor: Actor, upload: str) -> None:
    """May be repeated: there is nothing afterwards, and nothing is said of what there was before."""
    with _uploading(installation, actor, upload) as (parts, owner):
        parts.erase(owner, upload)


def ask_upload(installation: Installation, actor: Actor, upload: str, item: str) -> Answer:
    """Of one that is whole; it stays until it is erased. Raises UnknownRecord, DamagedUpload, PicturesNotTaken."""
    demand_pictures_taken(installation, actor)
    with act(actor, Verb.ASK, installation.clock, only_refusals=True):
        data = parts_of(installation).read(_owner(actor), upload)
    return ask_bytes(installation, actor, item, data)


def demand_pictures_taken(installation: Installation, actor: Actor) -> None:
    """Raises PicturesNotTaken, with the entry of the refusal."""
    with act(actor, Verb.ASK, installation.clock, only_refusals=True):
        if not installation.config.takes_pictures:
            raise PicturesNotTaken


@contextmanager
def _uploading(installation: Installation, actor: Actor, name: str) -> Iterator[tuple[Parts, Owner]]:
    with act(actor, Verb.UPLOAD, installation.clock) as entry:
        entry.name(name[:100])
        if not installation.config.takes_pictures:
            raise PicturesNotTaken
        yield parts_of(installation), _owner(actor)


def _owner(actor: Actor) -> Owner:
    return Owner(actor.country, actor.unit)


# ---- the clock --------------------------------------------------------------------------------------------------------

PAUSE_SECONDS = 600.0


def watch_uploads(installation: Installation) -> Watch:
    """What broke off and was never taken up again goes, though nobody asks."""
    return Watch(parts_of(installation).erase_overdue, "overdue uploads could not be erased", PAUSE_SECONDS)
