"""Whoever may not know of a record gets byte-identical answers whether or not it exists.

Two worlds, each an installation with a process of its own, under the same keys and with the same officers. The first
holds records that are restricted to XA, of every kind there is; the second does not. XB does the same in both, step by
step, and everything it is told is compared byte by byte: status, output and complaints.

Two things are made by chance and by the clock, not by hidden records. Ids of new records (UUIDs of version 4; those of
material are of version 8 and compared as they are) are numbered in the order in which XB meets them, and the numbers
compared. The time of a listed instance (`recorded_at`) is left out. The ids of XA's hidden records are random as well:
XB asks for those of the first world in both.

Many pairs of worlds: chance and clock are made alike (tests/promises/chance.py), somebody hides something in one of the two,
and an officer tries a sample of all doors in both, with the ids, digests and names of what is hidden. What he is told is
compared byte by byte, cookies, nonces and secrets of forms included. Three things are left out: ids that the database draws
(they are numbered), the time by its clock at which a glass is opened and ends, and until when the cookie of forms lasts.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha1, sha256
from pathlib import Path

import pytest

from concord.database import embedded
from concord.media import fingerprint
from concord.vault.keys import make_keys
from tests.cli.terminal import Clerk, Said
from tests.pictures import encoded, jpeg, picture
from tests.promises.chance import BEGINS
from tests.promises.seat import Seat

RANDOM_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
RESTRICTED = ("--own-country-only", "a running operation")


@dataclass(frozen=True)
class Files:
    """The same in both worlds. Pictures of each name, and near copies of them."""

    folder: Path

    def __getitem__(self, name: str) -> Path:
        return self.folder / name

    def pdq(self, name: str) -> str:
        (found,) = (one for one in fingerprint(self[name]).fingerprints if one.transform == "none")
        return f"pdq:{found.value.hex()}"

    def digests(self, name: str) -> list[str]:
        data = self[name].read_bytes()
        return [made(data).hexdigest() for made in (md5, sha1, sha256)]


class World:
    """One installation, seen from the seats of an officer of XA, one of XB and one of XC."""

    def __init__(self, seat: Seat, home: Path) -> None:
        self.home, self.seat = home, seat
        self.ours, self.theirs, self.third = (
            Clerk.enrolled(seat, country.lower(), country) for country in ("XA", "XB", "XC")
        )

    def restrict(self, table: str, record: str) -> None:
        said = ("--reason", "a running operation", "--country", "XA", "--silent")
        assert self.ours.run("restrict", "set", table, record, *said).status == 0


@dataclass(frozen=True)
class Hidden:
    """Ids of what XA hides in the first world."""

    material: str
    person: str


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("files")
    for seed, name in enumerate(("hidden", "digest", "shared", "plain", "seen", "theirs"), 70_000):
        (folder / f"{name}.jpg").write_bytes(jpeg(seed))
        (folder / f"{name}-copy.jpg").write_bytes(jpeg(seed, quality=30))
        (folder / f"{name}.png").write_bytes(encoded(picture(seed), "PNG"))
    return Files(folder)


@pytest.fixture(scope="module")
def worlds(files: Files) -> Iterator[tuple[World, World, Hidden]]:
    """The first holds hidden records, the second none."""
    folder = Path(tempfile.mkdtemp(prefix="concord-test-"))
    homes = folder / "with", folder / "without"
    make_keys(homes[0] / "keys")
    shutil.copytree(homes[0] / "keys", homes[1] / "keys")
    try:
        with Seat(homes[0], hash_seed=1) as one, Seat(homes[1], hash_seed=2) as other:
            first, second = World(one, homes[0]), World(other, homes[1])
            hidden = _furnish(first, files, hiding=True)
            _furnish(second, files, hiding=False)
            assert hidden
            yield first, second, hidden
    finally:
        for home in homes:
            embedded.remove(home)
        shutil.rmtree(folder)


def _furnish(world: World, files: Files, hiding: bool) -> Hidden | None:
    """What XA shares; and where it hides something, what it hides, between the shared records as in real life."""
    ours, found = world.ours, None
    ours.make("series", "open", "S-shared")
    assert ours.run("case", "open", "C-2").status == 0
    if hiding:
        found = _hide(world, files)
    _enter(ours, files["shared.jpg"])
    _enter(ours, files["plain.jpg"], "--category", "NOT-RELEVANT")
    seen = _enter(ours, files["seen.jpg"])
    person = ours.make("person", "add", "--role", "VICTIM", "--label", "P-shared")
    ours.make("appearance", "add", "--person", person, "--material", seen)
    if hiding:
        _hide_more(world, files)
    return found


def _hide(world: World, files: Files) -> Hidden:
    """Content that nobody else holds: with bytes and by digest only, in a series, with a person in it."""
    ours = world.ours
    world.restrict("series", ours.make("series", "open", "S-hidden"))
    material = _enter(ours, files["hidden.jpg"], *RESTRICTED, "--series", "S-hidden")
    _enter(ours, files.digests("digest.jpg")[2], *RESTRICTED)
    person = ours.make("person", "add", "--role", "VICTIM", "--label", "P-hidden")
    world.restrict("person", person)
    ours.make("appearance", "add", "--person", person, "--material", material)
    assert ours.run("identify", person).status == 0
    return Hidden(material, person)


def _hide_more(world: World, files: Files) -> None:
    """Hidden sayings about content that all may know of: in another case, another category, a series, with persons."""
    ours = world.ours
    _enter(ours, files["shared.jpg"], "--series", "S-hidden")
    in_series = (*RESTRICTED, "--case", "C-2", "--series", "S-shared")
    for name in ("shared.jpg", "plain.jpg", "seen.jpg"):
        material = _enter(ours, files[name], *in_series, case=None)
        for role in ("VICTIM", "SUSPECT"):
            person = ours.make("person", "add", "--role", role, "--label", f"P-{role}-{name}")
            world.restrict("person", person)
            ours.make("appearance", "add", "--person", person, "--material", material)
            assert ours.run("identify", person, "--state", "SAFEGUARDED").status == 0


def _enter(clerk: Clerk, item: Path | str, *options: str, case: str | None = "C-1") -> str:
    given = ("--case", case) if case else ()
    (line,) = clerk.run("enter", item, *given, *options, "--json").objects
    return str(line["material"])


# ---- what XB does in both --------------------------------------------------------------------------------------------

Told = tuple[str, object]  # what the step is called, and everything that was told


def _steps(world: World, files: Files, hidden: Hidden) -> Iterator[Told]:
    theirs, third = world.theirs, world.third
    yield from _questions(theirs, files)
    yield "first listing", _listed(world)
    yield from _attempts(theirs, hidden)
    yield from _entries(theirs, files, hidden)
    yield from _questions(theirs, files)
    yield "second listing", _listed(world)
    yield from _questions(third, files)
    yield "a third country identifies", third.run("identify", hidden.person)


def _questions(clerk: Clerk, files: Files) -> Iterator[Told]:
    digests = [*files.digests("hidden.jpg"), *files.digests("digest.jpg"), files.pdq("hidden.jpg")]
    yield "every file and copy", clerk.run("ask", files.folder, "--json")
    yield "every file and copy, in words", clerk.run("ask", files.folder)
    yield "digests and PDQ value", clerk.run("ask", *digests, "--json")
    yield "digests and PDQ value, in words", clerk.run("ask", *digests)
    for one in digests:
        yield f"{one} alone", clerk.run("ask", one, "--json")
    for name in ("hidden.jpg", "digest.jpg", "shared.jpg", "theirs.jpg"):
        yield f"statements of {name}", clerk.run("statements", files.digests(name)[2], "--json")


def _attempts(theirs: Clerk, hidden: Hidden) -> Iterator[Told]:
    person = theirs.make("person", "add", "--role", "VICTIM", "--label", "P-hidden")
    yield "appearance in hidden material", _appears(theirs, person, hidden.material)
    yield "appearance of both hidden", _appears(theirs, hidden.person, hidden.material)
    yield "identify a hidden person", theirs.run("identify", hidden.person)
    yield "statements of hidden material", theirs.run("statements", hidden.material)
    for name in ("S-hidden", "S-shared"):
        yield "enter into a series of others", theirs.run("enter", "ab" * 32, "--case", "C-1", "--series", name)
        yield "series of the same name", theirs.run("series", "open", name)
    yield "case of the same name", theirs.run("case", "open", "C-2")


def _entries(theirs: Clerk, files: Files, hidden: Hidden) -> Iterator[Told]:
    person = theirs.make("person", "add", "--role", "VICTIM", "--label", "P-theirs")
    yield "own entry", theirs.run("enter", files["theirs.jpg"], "--case", "C-1", "--json")
    yield "a copy", theirs.run("enter", files["hidden-copy.jpg"], "--case", "C-1", "--json")
    yield "the very file", theirs.run("enter", files["hidden.jpg"], "--case", "C-1", "--series", "S-hidden", "--json")
    yield "the very file again", theirs.run("enter", files["hidden.jpg"], "--case", "C-1", "--json")
    yield "the digest", theirs.run("enter", files.digests("digest.jpg")[2], "--case", "C-1", "--json")
    yield "what is shared", theirs.run("enter", files["shared.jpg"], "--case", "C-1", "--json")
    yield "appearance in what is hidden and known", _appears(theirs, person, hidden.material)
    yield "the same again", _appears(theirs, person, hidden.material)
    yield "appearance of a hidden person in it", _appears(theirs, hidden.person, hidden.material)
    yield "identify the own", theirs.run("identify", person, "--json")


def _appears(clerk: Clerk, person: str, material: str) -> Said:
    return clerk.run("appearance", "add", "--person", person, "--material", material)


def _listed(world: World) -> str:
    found = world.seat.materials(world.theirs.profile)
    return json.dumps([{key: value for key, value in one.items() if key != "recorded_at"} for one in found])


def _transcript(world: World, files: Files, hidden: Hidden) -> list[str]:
    """One text a step, with random ids numbered as they come; those of the hidden records are XB's own words."""
    numbers: dict[str, str] = {hidden.person: hidden.person}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"#{len(numbers)}")

    return [RANDOM_ID.sub(number, f"{step}: {told}") for step, told in _steps(world, files, hidden)]


def test_nothing_that_another_country_is_told_depends_on_what_is_hidden_from_it(
    worlds: tuple[World, World, Hidden], files: Files
) -> None:
    with_hidden, without, hidden = worlds
    at_home = [[line["answer"] for line in world.ours.ask(files["hidden.jpg"])] for world in (with_hidden, without)]
    assert at_home == [["IDENTIFIED"], ["NEW"]]
    first, second = (_transcript(world, files, hidden) for world in (with_hidden, without))
    for told, told_without in zip(first, second, strict=True):
        assert told == told_without
    assert any('"answer":"NOT_RELEVANT"' in told for told in first)  # the shared records are seen all the same
    assert any('"result":"duplicate"' in told for told in first)


# ---- many pairs ------------------------------------------------------------------------------------------------------

FAULT = re.compile(r"\A(.*\n)?500$", re.MULTILINE)
COOKIE_LASTS = re.compile(r"(?<=; )expires=[^;]* GMT;")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)")
FEW = 4  # of the commands, the endpoints, the addresses of pages: so many are tried in each pair


class Pairs:
    """The two worlds as twins. Each pair differs from the last by what one of them hides since then."""

    def __init__(self, seats: tuple[Seat, Seat], folder: Path) -> None:
        self._seats, self._began = seats, datetime.now(UTC).replace(microsecond=0)
        (folder / "shown.txt").write_text("ab" * 32)
        (folder / "seized").mkdir()
        (folder / "seized" / "a.txt").write_text("what somebody wrote")
        for seat in seats:
            seat.twin("begin", seed="begin", at=self._began.isoformat(), folder=str(folder))

    def differ(self, number: int, step: str = "hide", most: int | None = FEW) -> list[str]:
        """What the watcher was told otherwise, by the door. `most` None: all doors."""
        # After the beginning, which has entries too: of two with the same time chance would say which comes first.
        at = (self._began + timedelta(milliseconds=100 * (number + 1))).isoformat()
        hidden = self._seats[number % 2].twin(step, seed=f"{step} {number}", at=at, number=number)
        first, second = (
            seat.twin("ask", seed=f"ask {number}", at=at, number=number, hidden=hidden, most=most)["told"]
            for seat in self._seats
        )
        assert not [told for _, told in first if FAULT.search(told)]
        return [
            f"{name}: {_parted(_alike(name, one), _alike(name, other))}"
            for (name, one), (_, other) in zip(first, second, strict=True)
            if _alike(name, one) != _alike(name, other)
        ]


def _parted(one: str, other: str) -> str:
    """Where the two part, and what stands around it."""
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return "\n------\n".join(text[max(0, place - 300) : place + 300] for text in (one, other))


def _alike(name: str, told: str) -> str:
    """Without what is of the database's own chance and clock, and of that of cookies."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return found[0] if found[0].startswith(BEGINS) else numbers.setdefault(found[0], f"#{len(numbers)}")

    told = COOKIE_LASTS.sub("", RANDOM_ID.sub(number, told))
    return TIME.sub("", told) if "glass" in name else told


@pytest.fixture(scope="module")
def pairs(worlds: tuple[World, World, Hidden], tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    return Pairs((worlds[0].seat, worlds[1].seat), tmp_path_factory.mktemp("twins"))


def test_what_an_officer_is_told_is_the_same_in_fifty_pairs_of_worlds(pairs: Pairs) -> None:
    for number in range(50):
        assert pairs.differ(number) == []
    shown = pairs.differ(50, "show")  # it would be seen
    assert {one.partition(":")[0] for one in shown} >= {"ask/batch", "cards", "ask"}


@pytest.mark.long
def test_what_an_officer_is_told_is_the_same_in_a_thousand_pairs_of_worlds(pairs: Pairs) -> None:
    """Every hundredth through every door there is."""
    differences = [
        f"{number} {one}"
        for number in range(1000, 2000)
        for one in pairs.differ(number, most=None if number % 100 == 99 else 2 * FEW)
    ]
    assert not differences, "\n\n".join(differences)
