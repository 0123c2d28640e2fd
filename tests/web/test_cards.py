import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import EmptyFile
from concord.records.answer import (
    WHY_NOT,
    Answer,
    Belongs,
    Compared,
    Contact,
    Evidence,
    Fault,
    Holding,
    NotCompared,
    Qualifier,
    Question,
    Seen,
    State,
    decide,
)
from concord.records.person import PersonState, Role
from concord.values import Category
from concord.web.cards import FAILED, LEGEND, LOOKS, QUALIFIERS, Card, answer_card, contact_facts, failed_card, summary

NOW = datetime(2026, 7, 1, 12, 30, tzinfo=UTC)
MATERIAL, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
LIMA = Contact("PE", "Unidad Andes", "+51 1 555 0100", "08-18", "America/Lima")
OSLO = Contact("NO", "Enhet Fjord", "not recorded", "", "Nowhere/Nothing")
WHOLE = Question("a.jpg", "ab" * 32, (Compared.DIGEST, Compared.NEAR))
BY_DIGEST = Question("a.bin", "ab" * 32, (Compared.DIGEST,), (NotCompared(Compared.NEAR, "undecodable"),))


def held(contact: Contact = LIMA, distance: int | None = None, material: uuid.UUID = MATERIAL) -> Holding:
    return Holding(material, contact, Category.CATEGORY_1, distance)


def victim(state: PersonState, role: Role = Role.VICTIM) -> Seen:
    return Seen(MATERIAL, uuid.uuid4(), role, state)


def card(question: Question = WHOLE, *holdings: Holding, persons: Sequence[Seen] = (), country: str = "SE") -> Card:
    series = (Belongs(MATERIAL, "Bridge"),) if holdings else ()
    return answer_card(decide(question, Evidence(holdings, persons, series), country), NOW)


def fact(made: Card, term: str) -> str:
    return next(one.value for one in made.facts if one.term == term)


def test_every_state_and_qualifier_has_its_words() -> None:
    assert set(LOOKS) == {*State, None}
    assert set(QUALIFIERS) == set(Qualifier)
    assert {look.word.replace(" ", "_") for look in LEGEND} == set(State)


def test_each_look_has_an_icon_of_its_own() -> None:
    names = [look.name for look in LOOKS.values()]
    assert len(names) == len(set(names))


def test_new_is_plain_only_when_everything_was_compared() -> None:
    assert card(WHOLE).word == "NEW"
    assert card(BY_DIGEST).word == "NEW by digest only"
    pdq = Question("pdq:", None, (Compared.NEAR,), (NotCompared(Compared.DIGEST, "pdq_only"),))
    assert card(pdq).word == "NEW by picture only"


@given(
    st.lists(st.sampled_from(Compared), unique=True, max_size=2),
    st.lists(st.builds(NotCompared, st.sampled_from(Compared), st.sampled_from(sorted(WHY_NOT))), max_size=2),
)
def test_what_was_not_compared_never_reads_as_plain_new(
    compared: list[Compared], not_compared: list[NotCompared]
) -> None:
    made = card(Question("x", None, compared, not_compared))
    assert (made.word == "NEW") == (bool(compared) and not not_compared)
    assert len(made.not_compared) == len(not_compared)


def test_a_card_says_whom_to_contact_and_what_time_it_is_there() -> None:
    made = card(WHOLE, held())
    assert [one.value for one in made.contact] == [
        "Unidad Andes (PE)",
        "+51 1 555 0100",
        "08-18",
        "America/Lima, 07:30 there when asked",
    ]


def test_what_is_not_recorded_is_said_and_marked() -> None:
    unit, channel, hours, zone = contact_facts(OSLO, NOW)
    assert unit.is_known
    assert (channel.value, channel.is_known) == ("not recorded", False)
    assert (hours.value, hours.is_known) == ("not recorded", False)
    assert (zone.value, zone.is_known) == ("Nowhere/Nothing", True)


@pytest.mark.parametrize("zone", ["", "/etc/passwd", "..", "Europe", "x" * 5000, "\x00"])
def test_a_time_zone_that_is_none_does_no_harm(zone: str) -> None:
    contact_facts(Contact("NO", "Enhet", "x", "y", zone), NOW)


def test_nobody_is_to_be_contacted_about_what_is_new() -> None:
    assert card(WHOLE).contact == ()
    assert card(WHOLE).facts == []
    assert card(WHOLE).match is None


def test_victims_are_counted_and_none_is_said() -> None:
    states = [victim(PersonState.SAFEGUARDED), victim(PersonState.UNIDENTIFIED)]
    assert fact(card(WHOLE, held(), persons=states), "Victims") == "1 of 2 identified, 1 safeguarded"
    assert fact(card(WHOLE, held()), "Victims") == "none recorded"


def test_suspects_stand_apart_and_only_where_there_are_any() -> None:
    with_one = card(WHOLE, held(), persons=[victim(PersonState.IDENTIFIED, Role.SUSPECT)])
    assert fact(with_one, "Suspects") == "1 of 1 identified"
    assert with_one.word == "KNOWN"
    assert "Suspects" not in {one.term for one in card(WHOLE, held()).facts}


def test_a_near_match_is_marked_as_unconfirmed() -> None:
    made = card(WHOLE, held(distance=20))
    assert made.match == "Near copy"
    assert [label.word for label in made.labels] == ["UNCONFIRMED"]
    assert card(WHOLE, held()).labels == []


def test_the_distance_is_shown_of_own_holdings_only() -> None:
    assert card(WHOLE, held(distance=4), country="PE").match == "Close copy, 4 of 256 bits differ"
    assert card(WHOLE, held(distance=4), country="SE").match == "Close copy"
    assert card(WHOLE, held(), country="PE").match == "Exact copy of a file"


def test_every_holder_and_series_is_named_once() -> None:
    made = card(WHOLE, held(), held(material=OTHER, distance=3), held(OSLO))
    assert fact(made, "Held by") == "Enhet Fjord (NO); Unidad Andes (PE)"
    assert fact(made, "Series") == "Bridge"
    assert len(made.matches) == 3
    assert {one.material for one in made.matches} == {str(MATERIAL), str(OTHER)}


def test_an_item_that_could_not_be_examined_says_why_without_repeating_its_name() -> None:
    error = EmptyFile(item="a.jpg")
    made = card(Question("a.jpg", None, (), error=Fault(error.code, str(error))))
    assert made.look is FAILED
    assert made.error == "The file is empty. Check the copy against its source."


def test_an_item_found_by_digest_keeps_both_its_answer_and_its_error() -> None:
    made = card(Question("a", "ab" * 32, (Compared.DIGEST,), BY_DIGEST.not_compared, Fault("x", "a: broken")), held())
    assert (made.word, made.error) == ("KNOWN", "Broken")


def test_the_summary_counts_in_words() -> None:
    cards = [card(WHOLE), card(BY_DIGEST), card(WHOLE)]
    assert summary(cards) == "3 asked: 2 NEW, 1 NEW by digest only"
    assert summary([]) == ""


def test_the_card_that_the_script_fills_in_has_a_place_for_its_sentence() -> None:
    assert failed_card().error
    assert failed_card().item == ""


@given(st.builds(Contact, *[st.text(max_size=20)] * 5), st.integers(0, 31) | st.none(), st.text(max_size=30))
def test_any_answer_becomes_a_card(contact: Contact, distance: int | None, item: str) -> None:
    answer: Answer = decide(Question(item, None, (Compared.NEAR,)), Evidence([held(contact, distance)]), "SE")
    assert answer_card(answer, NOW).item == item
