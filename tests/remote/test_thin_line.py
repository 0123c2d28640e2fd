"""Over a thin line that breaks: nothing is lost, nothing answered twice, and few bytes are needed."""

import hashlib
import json
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from concord.access.audit import AuditEntry
from concord.database.acting import acting
from tests.desk import Desk, seeds
from tests.line import Line, Weather
from tests.pictures import jpeg
from tests.remote.conftest import Client

BREAKING = Weather(bits_per_second=None, seed=5)  # breaks as ever, but nobody waits for it
UP_BYTES, DOWN_BYTES = 60, 140  # an item, of a whole run; 42 and 65 where batches grow, 55 and 131 where they never do


def files(folder: Path, count: int) -> dict[str, str]:
    """Names and SHA-256 of so many small files, none of them a picture."""
    folder.mkdir()
    made = {}
    for number in range(count):
        content = random.Random(f"{folder} {number}").randbytes(40)
        path = folder / f"{number:04}.bin"
        path.write_bytes(content)
        made[str(path)] = hashlib.sha256(content).hexdigest()
    return made


def answered(text: str) -> dict[str, str]:
    """Items and digests of JSON lines; an item that comes twice fails here."""
    lines = [json.loads(line) for line in text.splitlines()]
    assert len({line["item"] for line in lines}) == len(lines)
    return {line["item"]: line["sha256"] for line in lines}


def digests_asked(desk: Desk) -> list[str]:
    with acting(desk.actor.country, desk.actor.unit, desk.actor.user):
        entries = AuditEntry.objects.filter(user=desk.actor.user, verb="ASK")
        return [item for entry in entries for item in entry.items]


def test_500_digests_at_64_kbit_a_second_are_all_answered_for_few_bytes(
    pocket: Client, line_of: Callable[[Weather], Line]
) -> None:
    """By digest, so that no batch waits for a file; the bounds hold for batches that never grow, as on a slow machine."""
    digests = [random.Random(number).randbytes(32).hex() for number in range(500)]
    with line_of(Weather(life_bytes=None)) as line:
        said = pocket.run(line.port, "--json", *digests)
    assert said.status == 0, said.err
    assert answered(said.out) == {digest: digest for digest in digests}
    print(f"{line.up_bytes / 500:.0f} bytes an item up, {line.down_bytes / 500:.0f} down")
    assert line.up_bytes <= 500 * UP_BYTES
    assert line.down_bytes <= 500 * DOWN_BYTES


def test_a_line_that_breaks_again_and_again_loses_nothing(
    pocket: Client, line_of: Callable[[Weather], Line], tmp_path: Path
) -> None:
    made = files(tmp_path / "medium", 1000)
    with line_of(BREAKING) as line:
        said = pocket.run(line.port, "--json", tmp_path / "medium", "--journal", tmp_path / "run.journal")
    assert said.status == 0, said.err
    assert line.cut > 0
    assert answered(said.out) == made


@pytest.mark.parametrize("kind", ["pocket", "far"])
def test_a_client_that_is_killed_goes_on_and_asks_about_nothing_that_was_answered(
    kind: str, request: pytest.FixtureRequest, desk: Desk, line_of: Callable[[Weather], Line], tmp_path: Path
) -> None:
    client: Client = request.getfixturevalue(kind)
    made = files(tmp_path / "medium", 300)
    journal = tmp_path / "run.journal"
    options = ("--json", tmp_path / "medium", "--journal", journal, *(["--send", "never"] if kind == "far" else []))
    with line_of(Weather(bits_per_second=None, life_bytes=None)) as line:
        first = killed_after(client.command(line.port, *options), client.environment, 20)
        kept = answers_in(journal)
        second = client.run(line.port, *options)
    assert second.status == 0, second.err
    assert set(kept) <= set(made)
    assert len(kept) < len(made)  # it was killed in the middle
    asked = Counter(digests_asked(desk))
    assert {asked[digest] for digest in kept.values()} == {1}
    assert set(made.values()) == set(asked)
    assert answers_in(journal) == made
    told = {**answered(first), **answered(second.out)}
    assert told == made


def answers_in(journal: Path) -> dict[str, str]:
    """Whole lines; an item that stands twice fails here."""
    lines = [line for line in journal.read_text().splitlines(keepends=True)[1:] if line.endswith("\n")]
    return answered("".join(json.dumps(json.loads(line)["answer"]) + "\n" for line in lines))


def killed_after(command: list[str], environment: dict[str, str], lines: int) -> str:
    """The whole lines that it wrote before it was killed, at least so many. Its pipe holds but little: it cannot end."""
    client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)
    assert client.stdout
    read = b"".join(client.stdout.readline() for _ in range(lines))
    os.kill(client.pid, signal.SIGKILL)
    rest = client.stdout.read()
    client.wait()
    whole = read + rest
    return whole[: whole.rfind(b"\n") + 1].decode()


def test_an_upload_over_a_line_that_breaks_comes_whole(
    far: Client, desk: Desk, line_of: Callable[[Weather], Line], tmp_path: Path
) -> None:
    seed = next(seeds)
    desk.enter(desk.picture("a.jpg", seed))
    copy = tmp_path / "copy.jpg"
    copy.write_bytes(jpeg(seed, quality=60) + bytes(random.Random(1).randbytes(150_000)))  # behind its end: not decoded
    with line_of(Weather(bits_per_second=None, life_bytes=range(20_000, 60_000), seed=7)) as line:
        said = far.run(line.port, "--json", "--send", "original", copy)
    assert said.status == 0, said.err
    (answer,) = said.objects
    assert line.cut > 0
    assert (answer["answer"], answer["match"], answer["item"]) == ("KNOWN", "near", str(copy))
    assert answer["sha256"] == hashlib.sha256(copy.read_bytes()).hexdigest()
    uploads = desk.installation.config.uploads
    assert not list(uploads.glob(f"{desk.actor.unit}/*"))
