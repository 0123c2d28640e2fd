"""Asking: what is found, by whom, and what is said of the rest."""

from pathlib import Path

import msgspec
import pytest

from concord.access.audit import AuditEntry
from concord.actions.ask import ask, ask_bytes, ask_texts, in_batches
from concord.actions.enter import Terms, enter_digests
from concord.database.acting import acting
from concord.errors import NoPurpose, TooManyItems
from concord.values import Category
from tests.desk import Desk, Desks
from tests.officers import Officers
from tests.pictures import jpeg


def test_what_nobody_entered_is_new(desk: Desk) -> None:
    (answer,) = desk.ask(desk.picture("a.jpg"))
    assert (answer.answer, answer.match, answer.contact) == ("NEW", "none", {})
    assert list(answer.compared) == ["digest", "near"]
    assert answer.not_compared == ()


def test_the_same_file_is_known_by_its_digest(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    desk.enter(path)
    (answer,) = desk.ask(path)
    assert (answer.answer, answer.match, answer.band, answer.distance) == ("KNOWN", "exact", "exact", 0)
    assert answer.qualifiers == ()
    assert answer.contact.unit == desk.actor.unit_name  # type: ignore[union-attr]


def test_a_copy_is_known_as_near_and_unconfirmed(desk: Desk) -> None:
    desk.enter(desk.picture("a.jpg", seed=1))
    (answer,) = desk.ask(desk.picture("copy.jpg", seed=1, quality=30))
    assert (answer.answer, answer.match) == ("KNOWN", "near")
    assert list(answer.qualifiers) == ["UNCONFIRMED"]
    assert answer.distance is not None


def test_another_country_finds_it_but_learns_no_distance(desks: Desks) -> None:
    ours, theirs = desks.of("XA"), desks.of("XB")
    ours.enter(ours.picture("a.jpg", seed=2))
    (answer,) = theirs.ask(theirs.picture("copy.jpg", seed=2, quality=30))
    assert (answer.answer, answer.match, answer.distance) == ("KNOWN", "near", None)
    assert answer.band in ("close", "near")
    assert [match.distance for match in answer.matches] == [None]
    assert answer.contact.country == "XA"  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256"])
def test_every_kind_of_digest_is_found(desk: Desk, kind: str) -> None:
    path = desk.picture("a.jpg")
    desk.enter(path)
    digests = desk.installation.examiner.examine(path, "a.jpg").digests
    (answer,) = desk.ask(getattr(digests, kind).hex())
    assert (answer.answer, answer.match) == ("KNOWN", "exact")
    assert [(one.what, one.reason) for one in answer.not_compared] == [("near", "digest_only")]


def test_a_digest_may_be_given_in_capitals(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    (line,) = desk.enter(path)
    assert line.sha256
    assert desk.ask(line.sha256.upper())[0].answer == "KNOWN"


def test_a_pdq_value_is_a_question(desk: Desk) -> None:
    path = desk.picture("a.jpg", seed=3)
    desk.enter(path)
    pdq, *_turned = desk.installation.examiner.examine(path, "a.jpg").fingerprints
    (answer,) = desk.ask(f"pdq:{pdq.value.hex()}")
    assert (answer.answer, answer.match, answer.distance) == ("KNOWN", "near", 0)
    assert list(answer.compared) == ["near"]


def test_what_was_entered_by_digest_is_found_by_digest_only(desk: Desk) -> None:
    path = desk.picture("a.jpg", seed=4)
    digest = desk.ask(path)[0].sha256
    assert digest
    enter_digests(desk.installation, desk.actor, [digest], Terms("C-1", Category.CATEGORY_1))
    assert desk.ask(path)[0].match == "exact"
    assert desk.ask(desk.picture("copy.jpg", seed=4, quality=30))[0].answer == "NEW"


def test_a_plain_picture_is_not_compared_by_picture_and_says_so(desk: Desk) -> None:
    from PIL import Image

    from tests.pictures import encoded

    path = desk.folder / "plain.png"
    path.write_bytes(encoded(Image.new("RGB", (200, 200), "grey"), "PNG"))
    (answer,) = desk.ask(path)
    assert (answer.answer, list(answer.compared)) == ("NEW", ["digest"])
    assert [(one.what, one.reason) for one in answer.not_compared] == [("near", "low_quality")]
    assert "Not compared by picture: it has too little detail to be recognised again." in answer.reasons


def test_an_item_that_fails_does_not_stop_the_others(desk: Desk) -> None:
    good = desk.picture("b.jpg")
    (desk.folder / "a.jpg").write_text("no picture at all")
    (desk.folder / "c.jpg").write_bytes(jpeg(5)[:-500])
    (desk.folder / "d.jpg").touch()
    answers = {Path(one.item).name: one for one in desk.ask(desk.folder, desk.folder / "missing.jpg")}
    codes = {name: one.error and one.error.code for name, one in answers.items()}
    assert codes == {
        "a.jpg": "not_a_picture",
        "b.jpg": None,
        "c.jpg": "damaged_picture",
        "d.jpg": "empty_file",
        "missing.jpg": "no_such_file",
    }
    assert answers["b.jpg"].answer == "NEW"
    assert str(good) in answers["b.jpg"].item
    assert answers["c.jpg"].answer == "NEW"  # by its digest,
    assert list(answers["c.jpg"].compared) == ["digest"]  # and it says so
    assert answers["d.jpg"].answer is None
    for one in answers.values():
        assert one.error is None or Path(one.item).name in one.error.message


@pytest.mark.parametrize("text", ["", "zz", "ab" * 31, "ab" * 32 + "\n", "g" * 64, " " + "ab" * 32, "pdq:" + "ab" * 31])
def test_a_malformed_digest_is_refused_by_name(desk: Desk, text: str) -> None:
    good = "ab" * 32
    wrong, right = desk.ask_texts([text, good])
    assert wrong.error and wrong.error.code == "malformed_digest"
    assert wrong.answer is None
    assert right.answer == "NEW"


def test_without_a_purpose_nothing_is_examined(desk: Desk, officers: Officers) -> None:
    nobody = officers.of("XA", purpose=None)
    with pytest.raises(NoPurpose):
        list(ask(desk.installation, nobody, [desk.picture("a.jpg")]))
    with pytest.raises(NoPurpose):
        ask_texts(desk.installation, nobody, ["ab" * 32])


def test_ten_thousand_and_one_items_are_too_many(desk: Desk) -> None:
    with pytest.raises(TooManyItems):
        desk.ask_texts(["ab" * 32] * 10_001)


def test_one_audit_entry_names_every_item_of_a_call(desk: Desk) -> None:
    desk.ask_texts([f"{number:064x}" for number in range(1000)])
    (entry,) = _entries(desk)
    assert (entry.verb, entry.outcome, entry.item_count, entry.purpose) == ("ASK", "DONE", 1000, "TRAINING")
    assert entry.items[7] == f"{7:064x}"


def test_a_refused_question_leaves_its_entry(desk: Desk, officers: Officers) -> None:
    nobody = officers.of("XA", purpose=None)
    with pytest.raises(NoPurpose):
        list(ask(desk.installation, nobody, [desk.picture("a.jpg")]))
    with acting(nobody.country, nobody.unit, nobody.user):
        (entry,) = AuditEntry.objects.filter(user=nobody.user)
    assert (entry.outcome, entry.reason, entry.purpose) == ("REFUSED", "no_purpose", None)


def test_an_upload_is_answered_like_a_file(desk: Desk) -> None:
    path = desk.picture("a.jpg")
    desk.enter(path)
    by_file = desk.ask(path)[0]
    by_bytes = ask_bytes(desk.installation, desk.actor, by_file.item, path.read_bytes())
    assert msgspec.json.encode(by_bytes) == msgspec.json.encode(by_file)


def test_batches_are_cut_by_number_and_by_time() -> None:
    ticks = iter([0.0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert list(in_batches(range(5), size=3, seconds=5, monotonic=lambda: next(ticks))) == [[0, 1, 2], [3, 4]]
    ticks = iter([0.0, 0.1, 6.0, 6.1, 6.2, 6.3])
    assert list(in_batches(range(3), size=9, seconds=5, monotonic=lambda: next(ticks))) == [[0, 1], [2]]


def _entries(desk: Desk) -> list[AuditEntry]:
    actor = desk.actor
    with acting(actor.country, actor.unit, actor.user):
        return list(AuditEntry.objects.filter(user=actor.user, verb="ASK"))
