"""`concord index`: what whoever will not wait may do with the files."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from concord.actions.installation import Installation
from concord.cli.main import concord
from tests.desk import Desk


@pytest.fixture
def run(installation: Installation) -> Callable[..., Result]:
    """Runs a command on the installation of this process, which stays open."""

    @contextmanager
    def opened() -> Iterator[Installation]:
        yield installation

    return lambda *arguments: CliRunner().invoke(concord, arguments, obj=SimpleNamespace(opened=opened))


def test_everything_can_be_sealed_compacted_and_rebuilt_and_nothing_is_lost(
    run: Callable[..., Result], desk: Desk
) -> None:
    desk.enter(desk.picture("a.jpg", seed=81), desk.picture("b.jpg", seed=82))
    copy = desk.picture("copy.jpg", seed=81, quality=30)
    before = status(run)["entries"]
    assert before >= 2
    for command in ("seal", "compact", "rebuild"):
        done = run("index", command)
        assert done.exit_code == 0, done.output
        assert f"{before:,} fingerprints, 0 of them newer than the files" in done.output
        after = status(run)
        assert (after["entries"], after["unsealed"], after["segments"], after["removed"]) == (before, 0, 1, 0)
        assert desk.ask(copy)[0].answer == "KNOWN"
    desk.enter(desk.picture("c.jpg", seed=83))
    assert status(run)["unsealed"] == 2  # the picture as it is, and its evened tones


def test_status_is_for_people_too(run: Callable[..., Result], installation: Installation) -> None:
    run("index", "seal")
    said = run("index", "status").output
    assert str(installation.config.index / "pdq") in said
    assert " UTC" in said
    assert "DAMAGED" not in said


def test_what_another_process_is_at_work_on_is_left_alone(
    run: Callable[..., Result], installation: Installation
) -> None:
    with installation.search._store.locked():
        done = run("index", "seal")
    assert done.exit_code == 1
    assert "Try again when it has finished" in done.output


def status(run: Callable[..., Result]) -> dict[str, int]:
    read: dict[str, int] = json.loads(run("index", "status", "--json").output)
    return read
