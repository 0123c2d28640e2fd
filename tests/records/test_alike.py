"""Deciding each kind once gives what deciding each time gives."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from concord.records.alike import KINDS_KEPT, Decider
from concord.records.answer import (
    Belongs,
    Compared,
    Contact,
    Evidence,
    Fault,
    Holding,
    NotCompared,
    Question,
    Seen,
    decide,
)
from concord.records.person import PersonState, Role
from concord.values import Category

MATERIALS = [uuid.UUID(int=number) for number in range(1, 4)]
PERSONS = [uuid.UUID(int=number) for number in range(10, 13)]
CONTACTS = [Contact(country, f"Unit {country}", "4101", "09-17", "UTC") for country in ("XA", "XB", "XC")]

holdings = st.builds(
    Holding,
    st.sampled_from(MATERIALS),
    st.sampled_from(CONTACTS),
    st.sampled_from(Category),
    st.sampled_from([None, 0, 15, 16, 31]),
    st.sampled_from(["none", "trim", "negative+mirror"]),
)
seen = st.builds(
    Seen,
    st.sampled_from(MATERIALS),
    st.sampled_from(PERSONS),
    st.sampled_from(Role),
    st.sampled_from(PersonState),
)
belongs = st.builds(Belongs, st.sampled_from(MATERIALS), st.sampled_from(["S-1", "S-2"]))
evidence = st.builds(
    Evidence, st.lists(holdings, max_size=4), st.lists(seen, max_size=4), st.lists(belongs, max_size=3)
)
questions = st.builds(
    Question,
    st.text(max_size=5),
    st.sampled_from([None, "ab" * 32]),
    st.sampled_from([(), (Compared.DIGEST,), (Compared.DIGEST, Compared.NEAR)]),
    st.sampled_from([(), (NotCompared(Compared.NEAR, "digest_known"),)]),
    st.sampled_from([None, Fault("x", "y")]),
)


@given(st.lists(st.tuples(questions, evidence), max_size=12))
def test_it_decides_as_deciding_does(asked: list[tuple[Question, Evidence]]) -> None:
    decider = Decider("XA")
    for question, found in asked:
        assert decider.decide(question, found) == decide(question, found, "XA")


def test_two_files_of_one_unit_differ_in_their_names_only() -> None:
    decider = Decider("XA")
    for number in range(3):
        question = Question(f"{number}.jpg", f"{number:064x}", (Compared.DIGEST,))
        found = Evidence([Holding(uuid.UUID(int=number), CONTACTS[0], Category.CATEGORY_1, None)])
        assert decider.decide(question, found) == decide(question, found, "XA")
    assert len(decider._decided) == 1


def test_it_keeps_a_bounded_number_of_kinds() -> None:
    decider = Decider("XA")
    for number in range(2 * KINDS_KEPT + 10):
        contact = Contact("XB", f"Unit {number}", "4101", "09-17", "UTC")
        found = Evidence([Holding(MATERIALS[0], contact, Category.CATEGORY_1, None)])
        question = Question("x", None, (Compared.DIGEST,))
        assert decider.decide(question, found) == decide(question, found, "XA")
        assert len(decider._decided) <= KINDS_KEPT
