"""`concord fingerprint`: what is derived from each file. Nothing is stored, nobody is asked, no database is started."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.text import Text

from concord.cli.exits import ANSWERED, SOME_FAILED
from concord.cli.given import as_json
from concord.cli.paper import paper, progress, write_json
from concord.cli.wiring import Wiring
from concord.errors import (
    AdministratorOnly,
    CannotRun,
    ConcordError,
    EmptyArgument,
    ItemError,
    UnreadableFile,
    printable,
)
from concord.fingerprints.kind import Fingerprint
from concord.fingerprints.transform import STORED
from concord.jail.pool import Jail
from concord.media import Examination, Examiner, walk
from concord.records.answer import Fault
from concord.vault.keys import read_keys


class Line(msgspec.Struct, frozen=True):
    """One thing derived from an item; with an error and without a kind, why an item has no more lines."""

    item: str
    kind: str | None
    value: str | None  # hexadecimal for digests and perceptual values, else text; None: withheld, or an item's error
    quality: int | None = None  # None: this kind has none
    time: float | None = None  # seconds from the beginning; None: of the whole, as of every picture
    transform: str | None = None  # None: nothing to transform
    decoder: str | None = None  # with its version; of a statement, where it stands; None: the bytes themselves
    error: Fault | None = None


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--all-orientations", is_flag=True, help="Also what only a question uses: turned and mirrored.")
@as_json
@click.pass_obj
def fingerprint(wiring: Wiring, paths: tuple[str, ...], all_orientations: bool, as_json: bool) -> None:
    """Print what is derived from files and folders: digests, fingerprints, statements. Nothing is stored.

    Perceptual values are shown to whoever can read the keys of this installation, and withheld from others.
    """
    if "" in paths:
        raise EmptyArgument  # as a path it would be the current folder
    given, console, failed = [Path(path) for path in paths], paper(), False
    refusal = refusal_for(wiring.config.keys)
    limits = wiring.config.limits
    with Jail(wiring.config.workers, limits) as jail, progress("deriving", given) as counted:
        for item, _, outcome in counted(Examiner(jail).examine_all(walk(given))):
            lines = list(lines_of(item, outcome, refusal, all_orientations))
            failed |= lines[-1].kind is None
            if as_json:
                for line in lines:
                    write_json(line)
            else:
                _print(console, item, lines)
    sys.exit(SOME_FAILED if failed else ANSWERED)


def refusal_for(keys: Path) -> AdministratorOnly | None:
    """None for a local administrator: whoever can read the keys could read everything that they protect."""
    try:
        read_keys(keys)
    except (CannotRun, UnreadableFile):
        return AdministratorOnly(folder=keys)
    return None


def lines_of(
    item: str, outcome: Examination | ItemError, refusal: AdministratorOnly | None, all_orientations: bool
) -> Iterator[Line]:
    """At least one. An item that could not be examined whole has its error in the last."""
    if isinstance(outcome, ItemError):
        yield _failure(item, outcome)
        return
    yield from _facts(item, outcome)
    yield from _perceptual(item, outcome.fingerprints, refusal, all_orientations)
    for statement in outcome.statements:
        yield Line(item, statement.kind, statement.value, decoder=statement.source)
    if outcome.fault:
        yield _failure(item, outcome.fault)


def _facts(item: str, found: Examination) -> Iterator[Line]:
    for kind in ("md5", "sha1", "sha256"):
        yield Line(item, kind, getattr(found.digests, kind).hex())
    facts = ("size_bytes", "format", "width_pixels", "height_pixels", "frames")
    for kind, fact in ((name, getattr(found, name)) for name in facts):
        if fact is not None:
            yield Line(item, kind, str(fact))


def _perceptual(
    item: str, fingerprints: Iterable[Fingerprint], refusal: AdministratorOnly | None, all_orientations: bool
) -> Iterator[Line]:
    error = _told(refusal) if refusal else None
    for one in fingerprints:
        if all_orientations or one.transform in STORED:
            value = None if refusal else one.value.hex()
            yield Line(item, one.kind, value, one.quality, transform=one.transform, decoder=one.decoder, error=error)


def _failure(item: str, error: ConcordError) -> Line:
    return Line(item, None, None, error=_told(error))


def _told(error: ConcordError) -> Fault:
    return Fault(error.code, error.message)


def _print(console: Console, item: str, lines: Iterable[Line]) -> None:
    """The item, and below it a line for each thing derived: kind, value, and what there is to say of it."""
    console.print(Text(printable(item), style="bold"), soft_wrap=True)
    for line in lines:
        if line.kind is None and line.error:
            console.print(Text(f"  ! {printable(line.error.message)}", style="red"), soft_wrap=True)
            continue
        value = "withheld" if line.value is None else printable(line.value)
        notes = [f"quality {line.quality}"] if line.quality is not None else []
        notes += [note for note in (line.transform, line.decoder) if note]
        row = Text(f"  {line.kind:<24}")
        row.append(value, style="default" if line.value else "dim")
        row.append(f"  {', '.join(notes)}" if notes else "", style="dim")
        console.print(row, soft_wrap=True)
