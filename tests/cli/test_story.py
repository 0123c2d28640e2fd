"""The story that the program is told by, on real pictures."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.terminal import Clerk
from tests.promises.seat import Seat

EDITS = 11  # of the one photograph


@pytest.fixture(scope="module")
def seat(made_home: Path) -> Iterator[Seat]:
    """In a home where nobody else enters these photographs."""
    with Seat(made_home) as seat:
        yield seat


@pytest.fixture
def pictures(shared_data: Path) -> Path:
    return shared_data / "pictures"


def test_a_photograph_is_found_again_in_every_edit_and_who_is_seen_in_it_becomes_identified(
    seat: Seat, pictures: Path
) -> None:
    clerk = Clerk.enrolled(seat, "story")
    original = pictures / "bridge-mods" / "aaa-orig.jpg"
    (before,) = clerk.ask(original)
    assert (before["answer"], before["not_compared"]) == ("NEW", [])
    (entered,) = clerk.enter(original)
    assert (entered["result"], entered["answer_before"]) == ("entered", "NEW")

    exact, *edits = clerk.ask(pictures / "bridge-mods")
    assert (exact["answer"], exact["match"], exact["qualifiers"]) == ("KNOWN", "exact", [])
    assert [(edit["answer"], edit["match"], edit["qualifiers"]) for edit in edits] == [
        ("KNOWN", "near", ["UNCONFIRMED"])
    ] * EDITS
    for edit in edits:
        assert [match["material"] for match in edit["matches"]] == [entered["material"]]
        assert edit["band"] == ("close" if edit["distance"] <= 15 else "near")

    others = clerk.ask(pictures / "misc")
    assert others
    for other in others:
        assert other["answer"] == "NEW"
        assert other["compared"] == ["digest", "near"] or other["not_compared"]

    person = clerk.make("person", "add", "--role", "VICTIM", "--label", "P-1")
    clerk.make("appearance", "add", "--person", person, "--material", entered["material"])
    assert clerk.run("identify", person).status == 0
    exact, *edits = clerk.ask(pictures / "bridge-mods")
    assert (exact["answer"], exact["qualifiers"]) == ("IDENTIFIED", [])
    assert {(edit["answer"], *edit["qualifiers"]) for edit in edits} == {("IDENTIFIED", "UNCONFIRMED")}
    assert exact["victims"] == {"recorded": 1, "identified": 1, "safeguarded": 0}
    assert exact["suspects"] == {"recorded": 0, "identified": 0, "safeguarded": 0}


def test_of_eight_orientations_the_original_is_found_and_none_is_taken_for_another_picture(
    seat: Seat, pictures: Path
) -> None:
    clerk = Clerk.enrolled(seat, "orientations", "XO")
    original = pictures / "dihedral" / "bridge-1-original.jpg"
    hidden = clerk.run(
        "enter", original, "--case", "C-1", "--json", "--own-country-only", "the other test's photograph"
    )
    (entered,) = hidden.objects
    answers = clerk.ask(pictures / "dihedral")
    assert len(answers) == 8
    assert answers[0]["match"] == "exact"
    assert answers[0]["not_compared"] == [{"what": "near", "reason": "digest_known"}]
    for answer in answers:
        assert {match["material"] for match in answer["matches"]} <= {entered["material"]}
    for answer in answers[1:]:
        assert answer["not_compared"] == []
