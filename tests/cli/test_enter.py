"""`concord enter`: what scripts rely on, and that nothing half-entered remains of what fails."""

from collections.abc import Callable
from pathlib import Path

import pytest

from concord.access.audit import AuditEntry
from concord.records.case import Contribution
from concord.records.fingerprint import Fingerprint
from concord.records.material import Instance, Material
from tests.cli.seized import bad_files, given, new_digest, new_picture, unreadable
from tests.cli.terminal import Clerk, Terminal

ENTERED = ["item", "sha256", "material", "result", "answer_before", "error"]
EVIDENCE = {"damaged_picture", "not_a_picture", "too_many_pixels"}  # cannot be decoded, and is entered by its digest


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return new_picture(tmp_path / "a.jpg")


def test_json_is_one_object_a_line_with_the_keys_of_the_contract(clerk: Clerk, file: Path, tmp_path: Path) -> None:
    said = clerk.run("enter", file, tmp_path / "missing.jpg", file, "--case", "C-1", "--json")
    assert [list(line) for line in said.objects] == [ENTERED] * 3
    assert [line["result"] for line in said.objects] == ["entered", "failed", "duplicate"]
    assert said.status == 3
    assert said.err == ""


def test_entering_again_is_no_failure_and_changes_nothing(clerk: Clerk, file: Path) -> None:
    (first,), before = clerk.enter(file), _counts()
    said = clerk.run("enter", file, "--case", "C-1", "--json")
    assert (said.status, said.objects[0]["result"]) == (0, "duplicate")
    assert said.objects[0]["material"] == first["material"]
    assert _counts() == before


def test_an_unknown_case_is_named_and_nothing_is_entered(clerk: Clerk, file: Path) -> None:
    before = _counts()
    said = clerk.run("enter", file, "--case", "C-404")
    assert said.status == 1
    assert "case C-404" in said.complaint
    assert _counts() == before


def test_entering_needs_a_case(clerk: Clerk, file: Path) -> None:
    assert clerk.run("enter", file).status == 2


def test_an_unknown_category_is_wrong_usage(clerk: Clerk, file: Path) -> None:
    said = clerk.run("enter", file, "--case", "C-1", "--category", "9")
    assert said.status == 2
    assert "9: no such category. Known are: 1, 2, CONTEXT, NOT-RELEVANT." in said.complaint


def test_without_a_legal_basis_nothing_is_entered_and_the_way_out_is_named(terminal: Terminal, file: Path) -> None:
    baseless = Clerk.enrolled(terminal, "baseless", codes=("--purpose", "IDENTIFICATION"))
    assert baseless.run("case", "open", "C-1", "--basis", "CONSENT").status == 0
    before = _counts()
    said = baseless.run("enter", file, "--case", "C-1")
    assert said.status == 1
    assert "--basis CODE" in said.complaint
    assert _counts() == before
    assert baseless.run("enter", file, "--case", "C-1", "--basis", "CONSENT").status == 0


def test_for_training_nothing_real_is_entered_and_the_way_out_is_named(terminal: Terminal, file: Path) -> None:
    learning = Clerk.enrolled(terminal, "learning", codes=("--purpose", "TRAINING", "--basis", "TRAINING"))
    assert learning.run("case", "open", "C-LEARN").status == 0
    before = _counts()
    for said in (
        learning.run("enter", file, "--case", "C-LEARN", "--basis", "CONSENT"),
        learning.run("case", "open", "C-LEARN-2", "--basis", "CONSENT"),
    ):
        assert said.status == 1
        assert "give --basis TRAINING" in said.complaint
    assert _counts() == before


def test_without_a_purpose_nothing_is_entered(terminal: Terminal, file: Path) -> None:
    Clerk.enrolled(terminal, "purposeless", codes=())
    before = _counts()
    said = terminal.run("enter", file, "--case", "C-1", "--as", "purposeless", "--basis", "CONSENT")
    assert said.status == 2
    assert "IDENTIFICATION" in said.complaint
    assert _counts() == before


def test_every_bad_file_gets_its_error_the_others_are_entered_and_nothing_half_entered_remains(
    clerk: Clerk, file: Path, tmp_path: Path
) -> None:
    bad = bad_files(tmp_path)
    last = new_picture(tmp_path / "z.jpg")
    said = clerk.run("enter", file, *given(bad), last, "--case", "C-1", "--json")
    assert said.status == 3
    assert said.err == ""
    lines = {line["item"]: line for line in said.objects}
    assert list(lines) == [str(path) for path in (file, *bad.values(), last)]
    for code, path in bad.items():
        line = lines[str(path)]
        assert line["error"]["code"] == code
        assert (line["result"] == "failed") == (code not in EVIDENCE)
    kept = {lines[str(bad[code])]["material"] for code in EVIDENCE}
    good = {lines[str(path)]["material"] for path in (file, last)}
    assert None not in kept | good
    assert _materials_of(clerk) == kept | good
    assert _fingerprinted(kept | good) == good
    (contribution,) = Contribution.objects.using("owner").filter(owner_unit__name=f"Unit of {clerk.profile}")
    assert Instance.objects.using("owner").filter(contribution=contribution).count() == len(kept | good)


def test_a_file_that_may_not_be_read_is_named_and_the_others_are_entered(
    clerk: Clerk, file: Path, tmp_path: Path
) -> None:
    said = clerk.run("enter", unreadable(tmp_path), file, "--case", "C-1", "--json")
    assert said.status == 3
    assert [line["result"] for line in said.objects] == ["failed", "entered"]
    assert said.objects[0]["error"]["code"] == "unreadable_file"
    assert _materials_of(clerk) == {said.objects[1]["material"]}


@pytest.mark.parametrize("text", ["ab" * 31, "g" * 64, "ab" * 32 + "\n", "ab" * 16, "pdq:" + "ab" * 32])
def test_what_is_no_sha256_is_not_entered_and_the_others_are(clerk: Clerk, text: str) -> None:
    right = new_digest()
    said = clerk.run("enter", text, right, "--case", "C-1", "--json")
    assert said.status == 3
    assert [line["result"] for line in said.objects] == ["failed", "entered"]
    assert _materials_of(clerk) == {said.objects[1]["material"]}


def test_one_entry_of_the_audit_names_what_one_call_entered(clerk: Clerk, file: Path) -> None:
    (line,) = clerk.enter(file)
    entries = AuditEntry.objects.using("owner").filter(items__contains=[line["material"]], verb="ENTER")
    assert [(entry.outcome, entry.purpose) for entry in entries] == [("DONE", "TRAINING")]


def test_what_is_entered_for_the_own_country_only_is_new_abroad(clerk_of: Callable[[str], Clerk], file: Path) -> None:
    ours, theirs = clerk_of("XA"), clerk_of("XB")
    assert ours.run("enter", file, "--case", "C-1", "--own-country-only", "a running operation").status == 0
    assert [line["answer"] for line in (*ours.ask(file), *theirs.ask(file))] == ["KNOWN", "NEW"]


def test_a_folder_is_entered_in_a_stable_order_and_summed_up(clerk: Clerk, tmp_path: Path) -> None:
    for name in ("b.jpg", "a.jpg", "c/d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        new_picture(tmp_path / name)
    assert [Path(line["item"]).name for line in clerk.ask(tmp_path)] == ["a.jpg", "b.jpg", "d.jpg"]
    assert clerk.run("enter", tmp_path, tmp_path / "a.jpg", "--case", "C-1").out == "3 entered, 1 duplicate\n"


def test_a_file_name_cannot_give_orders_to_the_terminal(clerk: Clerk, tmp_path: Path) -> None:
    hostile = new_picture(tmp_path / "a\x1b[2J\nentered b.jpg")
    said = clerk.run("enter", hostile, "--case", "C-1")
    assert "\x1b" not in said.out
    assert not any(line.startswith("entered b") for line in said.out.split("\n"))


def _counts() -> list[int]:
    return [noun._default_manager.using("owner").count() for noun in (Material, Fingerprint, Instance, Contribution)]


def _materials_of(clerk: Clerk) -> set[str]:
    instances = Instance.objects.using("owner").filter(owner_unit__name=f"Unit of {clerk.profile}")
    return {str(instance.material_id) for instance in instances}


def _fingerprinted(materials: set[str]) -> set[str]:
    found = Fingerprint.objects.using("owner").filter(material_id__in=materials)
    return {str(one.material_id) for one in found}
