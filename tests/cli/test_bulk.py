"""A folder asked in bulk: stopped and gone on with, written out as a page and as a sheet."""

import csv
import json
import signal
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from concord.actions.installation import Installation
from concord.cli import ledger as module
from concord.cli.ledger import Ledger, Line
from concord.database import embedded
from concord.database.cluster import Role
from concord.errors import ConcordError
from tests.cli.seized import new_picture, seeds
from tests.cli.terminal import Clerk, command, environment
from tests.database.processes import PATIENCE_SECONDS, gone, wait_until
from tests.pictures import jpeg

FILES = 400
WAITING = "select count(*) from pg_locks where relation = 'audit_entry'::regclass and not granted"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two known pictures, two new ones, one damaged."""
    folder = tmp_path / "seized"
    folder.mkdir()
    for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"):
        new_picture(folder / name)
    (folder / "e.jpg").write_bytes(jpeg(next(seeds))[:-500])
    return folder


def lines(journal: Path) -> list[dict[str, Any]]:
    heading, *rest = [json.loads(line) for line in journal.read_text().splitlines()]
    assert heading["journal"] == 1
    return rest


def test_a_folder_is_asked_by_digest_first_and_says_so(clerk: Clerk, folder: Path) -> None:
    clerk.enter(folder / "a.jpg")
    by_folder = clerk.ask(folder)
    (by_name,) = clerk.ask(folder / "a.jpg")
    thorough = clerk.run("ask", folder, "--thorough", "--json").objects
    assert by_folder[0]["answer"] == by_name["answer"] == "KNOWN"
    assert by_folder[0]["not_compared"] == [{"what": "near", "reason": "digest_known"}]
    assert "Not compared by picture: its digest is known, so it was not decoded." in by_folder[0]["reasons"]
    assert by_name["not_compared"] == []
    assert thorough[0] == by_name
    assert thorough[1:] == by_folder[1:]


def test_a_second_run_on_the_same_journal_asks_only_what_changed(clerk: Clerk, folder: Path, tmp_path: Path) -> None:
    journal, sheet = tmp_path / "journal", tmp_path / "all.csv"
    first = clerk.run("ask", folder, "--journal", journal, "--json").objects
    assert [line["answer"] for line in lines(journal)] == first
    assert clerk.run("ask", folder, "--journal", journal, "--json").objects == []
    new_picture(folder / "b.jpg")
    new_picture(folder / "f.jpg")
    said = clerk.run("ask", folder, "--journal", journal, "--csv", sheet, "--json")
    assert [Path(line["item"]).name for line in said.objects] == ["b.jpg", "f.jpg"]
    assert said.status == 3  # the damaged one, of the first run
    rows = list(csv.DictReader(sheet.open(encoding="utf-8-sig", newline="")))
    assert sorted(Path(row["item"]).name for row in rows) == [f"{name}.jpg" for name in "abcdef"]
    assert next(row for row in rows if row["item"].endswith("b.jpg"))["sha256"] == said.objects[0]["sha256"]


def test_the_summary_counts_what_was_answered_before(clerk: Clerk, folder: Path, tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    clerk.run("ask", folder, "--journal", journal)
    assert clerk.run("ask", folder, "--journal", journal).out == "5 new (5 of them answered before)\n"


def test_what_could_not_be_read_is_tried_again(clerk: Clerk, tmp_path: Path) -> None:
    folder, journal = tmp_path / "seized", tmp_path / "journal"
    folder.mkdir()
    (folder / "gone.jpg").symlink_to(tmp_path / "medium.jpg")
    (line,) = clerk.run("ask", folder, "--journal", journal, "--json").objects
    assert line["error"]["code"] == "no_such_file"
    new_picture(tmp_path / "medium.jpg")
    said = clerk.run("ask", folder, "--journal", journal, "--csv", tmp_path / "all.csv", "--json")
    assert (said.status, said.objects[0]["answer"]) == (0, "NEW")
    assert len(list(csv.DictReader((tmp_path / "all.csv").open(encoding="utf-8-sig")))) == 1


def test_what_the_journal_has_no_answer_for_is_asked_again(clerk: Clerk, folder: Path, tmp_path: Path) -> None:
    journal, report = tmp_path / "journal", tmp_path / "all.html"
    clerk.run("ask", folder, "--journal", journal)
    heading, first, *rest = journal.read_text().splitlines()
    emptied = json.dumps(json.loads(first) | {"answer": {}})
    journal.write_text("\n".join([heading, emptied, *rest]) + "\n")
    said = clerk.run("ask", folder, "--journal", journal, "--report", report, "--json")
    assert [line["item"] for line in said.objects] == [json.loads(first)["item"]]
    assert 'in all</th><td class="number">5<' in report.read_text()


def test_a_journal_of_another_run_is_refused_and_left_alone(
    clerk: Clerk, clerk_of: Callable[[str], Clerk], folder: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    clerk.run("ask", folder, "--journal", journal)
    before = journal.read_bytes()
    for said in (
        clerk_of("XB").run("ask", folder, "--journal", journal),
        clerk.run("ask", folder, "--thorough", "--journal", journal),
    ):
        assert said.status == 2
        assert str(journal) in said.complaint
    assert journal.read_bytes() == before


@pytest.mark.parametrize("option", ["--journal", "--report", "--csv"])
def test_nothing_is_written_into_what_is_asked(clerk: Clerk, folder: Path, option: str) -> None:
    said = clerk.run("ask", folder, option, folder / "out")
    assert said.status == 2
    assert str(folder) in said.complaint
    assert not (folder / "out").exists()


def test_what_is_asked_about_is_never_written_over(clerk: Clerk, folder: Path) -> None:
    before = (folder / "a.jpg").read_bytes()
    assert clerk.run("ask", folder / "a.jpg", "--csv", folder / "a.jpg").status == 2
    assert (folder / "a.jpg").read_bytes() == before


def test_a_link_to_itself_costs_only_itself(clerk: Clerk, folder: Path) -> None:
    (folder / "loop").symlink_to("loop")
    said = clerk.run("ask", folder / "loop", folder / "a.jpg", "--json", "--csv", folder.parent / "loop.csv")
    assert [line["error"] and line["error"]["code"] for line in said.objects] == ["unreadable_file", None]
    assert said.status == 3


@pytest.mark.parametrize("option", ["--report", "--csv"])
def test_where_nothing_can_be_written_nothing_is_asked(clerk: Clerk, folder: Path, tmp_path: Path, option: str) -> None:
    said = clerk.run("ask", folder, option, tmp_path / "missing" / "out")
    assert said.status == 1
    assert "missing" in said.complaint


@pytest.mark.parametrize("option", ["--report", "--csv"])
def test_a_file_whose_name_is_too_long_is_refused_before_anything_is_asked(
    clerk: Clerk, folder: Path, tmp_path: Path, option: str
) -> None:
    said = clerk.run("ask", folder, option, tmp_path / ("n" * 300))
    assert (said.status, said.out) == (1, "")
    assert "cannot be written" in said.complaint
    assert clerk.run("ask", folder, option, tmp_path / ("n" * 250)).status == 3
    assert (tmp_path / ("n" * 250)).exists()


def test_an_item_whose_name_is_too_long_costs_only_itself(clerk: Clerk, folder: Path) -> None:
    said = clerk.run("ask", folder / ("n" * 300), folder / "a.jpg", "--json")
    assert [line["error"] and line["error"]["code"] for line in said.objects] == ["unreadable_file", None]


def test_report_and_sheet_need_no_journal_and_leave_none(clerk: Clerk, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    clerk.enter(folder / "a.jpg")
    said = clerk.run("ask", folder, "--report", out / "all.html", "--csv", out / "all.csv", "--json")
    assert {path.name for path in out.iterdir()} == {"all.html", "all.csv"}
    page = (out / "all.html").read_text()
    for line in said.objects:
        assert line["item"] in page
    assert f"Unit of {clerk.profile}" in page
    assert (out / "all.html").stat().st_mode & 0o077 == 0


def test_digests_and_files_go_into_the_sheet_as_well(clerk: Clerk, folder: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "all.csv"
    clerk.run("ask", "ab" * 32, folder / "a.jpg", folder, "cd" * 20, "--csv", sheet)
    items = [row["item"] for row in csv.DictReader(sheet.open(encoding="utf-8-sig", newline=""))]
    assert items[0] == "ab" * 32
    assert items[-1] == "cd" * 20
    assert len(items) == 2 + 5  # a file that was named twice stands there once


def test_an_archive_is_kept_after_its_members_and_what_is_kept_is_not_told_again(clerk: Clerk, tmp_path: Path) -> None:
    folder, journal = tmp_path / "seized", tmp_path / "journal"
    folder.mkdir()
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for number in range(3):
            archive.writestr(f"{number}.jpg", jpeg(next(seeds)))
    new_picture(folder / "b.jpg")
    told = [line["item"] for line in clerk.run("ask", folder, "--journal", journal, "--json").objects]
    outer = str(folder / "a.zip")
    members = [f"{outer}!/{number}.jpg" for number in range(3)]
    assert told == [outer, *members, str(folder / "b.jpg")]
    assert [line["item"] for line in lines(journal)] == [*members, outer, str(folder / "b.jpg")]
    assert clerk.run("ask", folder, "--journal", journal, "--json").objects == []
    assert clerk.run("ask", folder, "--journal", journal).out == "5 new (5 of them answered before)\n"
    # As if it had been stopped within the archive.
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:3]))
    again = [line["item"] for line in clerk.run("ask", folder, "--journal", journal, "--json").objects]
    assert again == [outer, members[2], str(folder / "b.jpg")]
    assert [line["item"] for line in lines(journal)] == [*members, outer, str(folder / "b.jpg")]


# ---- stopped --------------------------------------------------------------------------------------------------------


@pytest.fixture
def many(tmp_path: Path) -> Path:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:03}.jpg").write_bytes(jpeg(next(seeds), width=96, height=96))
    return folder


def begin(clerk: Clerk, installation: Installation, out: Path, *arguments: str | Path) -> "subprocess.Popen[bytes]":
    with out.open("wb") as file:
        return subprocess.Popen(
            command("ask", *arguments, "--json", "--as", clerk.profile),
            stdout=file,
            stderr=subprocess.PIPE,
            env=environment(installation.config.home),
        )


def told(out: Path) -> list[str]:
    """The items of whole lines."""
    return [json.loads(line)["item"] for line in out.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]


def strike_in_the_middle(process: "subprocess.Popen[bytes]", out: Path, home: Path, number: signal.Signals) -> bool:
    """Once something was told, and while it waits for its next audit entry; whether it had not come to its end before."""
    wait_until(lambda: told(out) or process.poll() is not None)
    with embedded.start(home) as lease, psycopg.connect(lease.conninfo(Role.OWNER)) as owner:
        owner.execute("lock table audit_entry in exclusive mode")
        wait_until(lambda: owner.execute(WAITING).fetchone() != (0,) or process.poll() is not None)
        running = process.poll() is None
        below = [one.pid for one in psutil.Process(process.pid).children(recursive=True)] if running else []
        process.send_signal(number)
        process.wait(timeout=PATIENCE_SECONDS)
    wait_until(lambda: all(gone(pid) for pid in below))  # whatever ended it, nothing of it goes on
    return running


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_stopped_in_the_middle_the_same_command_goes_on_from_there(
    clerk: Clerk, installation: Installation, many: Path, tmp_path: Path, number: signal.Signals
) -> None:
    journal, sheet, home = tmp_path / "journal", tmp_path / "all.csv", installation.config.home
    process = begin(clerk, installation, tmp_path / "first", many, "--journal", journal)
    running = strike_in_the_middle(process, tmp_path / "first", home, number)
    _, err = process.communicate()
    again = begin(clerk, installation, tmp_path / "second", many, "--journal", journal, "--csv", sheet)
    again.communicate()
    assert again.returncode == 0
    items = [str(many / f"{number:03}.jpg") for number in range(FILES)]
    assert [line["item"] for line in lines(journal)] == items  # nothing twice, nothing lost, in their order
    first, second = told(tmp_path / "first"), told(tmp_path / "second")
    assert sorted({*first, *second}) == items
    assert len(list(csv.DictReader(sheet.open(encoding="utf-8-sig")))) == FILES
    if running and number == signal.SIGINT:  # between two answers: what was told was kept
        assert len(first) + len(second) == FILES
        assert process.returncode == 1
        assert err.decode() == f"concord: stopped after {len(first):,} items. The same command goes on from there.\n"


def test_an_interrupt_waits_until_what_is_told_is_kept(monkeypatch: pytest.MonkeyPatch, clerk: Clerk) -> None:
    (answer,) = _answers(clerk)
    kept: list[str] = []

    class Keeping:
        def __len__(self) -> int:
            return 0

        def write(self, item: str, *_: object) -> None:
            signal.raise_signal(signal.SIGINT)
            kept.append(item)

    monkeypatch.setattr(module, "write_json", lambda *_: None)
    ledger = Ledger(as_json=True, journal=Keeping())  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        ledger.enter([Line(answer), Line(answer)])
    assert len(kept) == 2


def test_an_error_of_ours_within_a_run_keeps_what_was_answered(
    clerk: Clerk, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from concord.cli import ask as door

    parts = door.parts

    def failing(*arguments: Any, **options: Any) -> Any:
        yield from parts(*arguments, **options)
        raise ConcordError

    monkeypatch.setattr(door, "parts", failing)
    said = clerk.run("ask", folder, "--journal", tmp_path / "journal", "--json")
    assert said.status == 1
    assert len(said.objects) == len(lines(tmp_path / "journal")) == 5


def _answers(clerk: Clerk) -> list[Any]:
    from concord.records.answer import Compared, Evidence, Question, decide

    return [decide(Question(clerk.profile, None, (Compared.DIGEST,)), Evidence(), "XA")]
