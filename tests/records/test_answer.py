"""The answer as a pure function: every rule of the design, over random evidence."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from concord.records.answer import (
    CLOSE_BITS,
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

COUNTRIES = ("XA", "XB", "XC")
materials = st.integers(1, 4).map(lambda number: UUID(int=number))
contacts = st.sampled_from(COUNTRIES).map(lambda code: Contact(code, f"Unit of {code}", "phone", "09-17", "UTC"))
holdings = st.builds(Holding, materials, contacts, st.sampled_from(Category), st.none() | st.integers(0, 31))
persons = st.builds(
    Seen, materials, st.integers(1, 5).map(lambda n: UUID(int=n)), st.sampled_from(Role), st.sampled_from(PersonState)
)
series = st.builds(Belongs, materials, st.sampled_from(["S-1", "S-2"]))
both = Question("a.jpg", "ab" * 32, (Compared.DIGEST, Compared.NEAR))


def consistent(seen: list[Seen]) -> list[Seen]:
    """A person has one role and one state."""
    first = {one.person: one for one in reversed(seen)}
    return [Seen(one.material, one.person, first[one.person].role, first[one.person].state) for one in seen]


evidence = st.builds(
    Evidence,
    st.lists(holdings, max_size=5),
    st.lists(persons, max_size=6).map(consistent),
    st.lists(series, max_size=3),
)


def victims_in(found: Evidence) -> dict[UUID, PersonState]:
    held = {one.material for one in found.holdings}
    return {one.person: one.state for one in found.persons if one.role is Role.VICTIM and one.material in held}


@given(evidence, st.sampled_from(COUNTRIES))
def test_only_victims_decide(found: Evidence, country: str) -> None:
    answer = decide(both, found, country).answer
    victims = list(victims_in(found).values())
    identified = [state for state in victims if state.is_identified]
    if not found.holdings:
        assert answer == "NEW"
    elif victims and len(identified) == len(victims):
        assert answer == "IDENTIFIED"
    elif identified:
        assert answer == "PARTLY_IDENTIFIED"
    elif not victims and all(one.category is Category.NOT_RELEVANT for one in found.holdings):
        assert answer == "NOT_RELEVANT"
    else:
        assert answer == "KNOWN"


@given(evidence, st.sampled_from(COUNTRIES))
def test_suspects_change_nothing_but_their_count(found: Evidence, country: str) -> None:
    without = Evidence(found.holdings, [one for one in found.persons if one.role is Role.VICTIM], found.series)
    assert decide(both, found, country).answer == decide(both, without, country).answer


@given(evidence, st.sampled_from(COUNTRIES))
def test_an_answer_that_an_exact_match_alone_would_not_give_is_unconfirmed(found: Evidence, country: str) -> None:
    exact = Evidence([one for one in found.holdings if one.distance is None], found.persons, found.series)
    answer, alone = decide(both, found, country), decide(both, exact, country)
    assert ("UNCONFIRMED" in answer.qualifiers) == (answer.answer != alone.answer)


@given(evidence, st.sampled_from(COUNTRIES), st.randoms())
def test_the_order_of_evidence_does_not_matter(found: Evidence, country: str, random: object) -> None:
    # One holding a material and unit, as the gathering makes them: otherwise there is nothing to order by.
    once = list({(one.material, one.contact): one for one in found.holdings}.values())
    shuffled = [list(once), list(found.persons), list(found.series)]
    for part in shuffled:
        random.shuffle(part)  # type: ignore[attr-defined]
    ordered = decide(both, Evidence(once, found.persons, found.series), country)
    assert decide(both, Evidence(*shuffled), country) == ordered


@given(evidence, st.sampled_from(COUNTRIES))
def test_a_distance_is_told_of_ones_own_holdings_only(found: Evidence, country: str) -> None:
    for match in decide(both, found, country).matches:
        assert (match.distance is not None) == (match.owner.country == country)


@given(evidence, st.sampled_from(COUNTRIES), st.integers(0, CLOSE_BITS), st.integers(CLOSE_BITS + 1, 31))
def test_within_a_band_others_distances_change_nothing(found: Evidence, country: str, close: int, near: int) -> None:
    def blurred(one: Holding) -> Holding:
        if one.distance is None or one.contact.country == country:
            return one
        return Holding(one.material, one.contact, one.category, close if one.distance <= CLOSE_BITS else near)

    once = list({(one.material, one.contact): one for one in found.holdings}.values())
    told = decide(both, Evidence(once, found.persons, found.series), country)
    blind = decide(both, Evidence([blurred(one) for one in once], found.persons, found.series), country)
    assert told == blind


@given(evidence, st.sampled_from(COUNTRIES))
def test_counts_are_of_distinct_persons(found: Evidence, country: str) -> None:
    answer, states = decide(both, found, country), list(victims_in(found).values())
    assert answer.victims.recorded == len(states)
    assert answer.victims.identified == sum(state.is_identified for state in states)
    assert answer.victims.safeguarded == states.count(PersonState.SAFEGUARDED)


@given(evidence, st.sampled_from(COUNTRIES))
def test_every_answer_explains_itself(found: Evidence, country: str) -> None:
    answer = decide(both, found, country)
    assert answer.reasons
    assert all(reason.endswith(".") for reason in answer.reasons)
    assert bool(answer.contact) == bool(found.holdings)


def test_what_was_not_compared_is_said() -> None:
    missing = NotCompared(Compared.NEAR, "low_quality")
    answer = decide(Question("a.jpg", "ab" * 32, (Compared.DIGEST,), (missing,)), Evidence(), "XA")
    assert answer.reasons == (
        "Not found by digest among what you may see.",
        "Not compared by picture: it has too little detail to be recognised again.",
    )


def test_what_could_not_be_compared_at_all_has_no_answer() -> None:
    fault = Fault("empty_file", "a.jpg: the file is empty.")
    answer = decide(Question("a.jpg", None, compared=(), error=fault), Evidence(), "XA")
    assert answer.answer is None
    assert answer.reasons == ("Nothing could be compared.",)


def test_an_exact_match_comes_before_a_near_one_and_ones_own_before_others() -> None:
    ours, theirs = (Contact(code, "Unit", "", "", "UTC") for code in ("XB", "XA"))
    found = Evidence(
        [
            Holding(UUID(int=1), theirs, Category.CATEGORY_1, 3),
            Holding(UUID(int=2), theirs, Category.CATEGORY_1, None),
            Holding(UUID(int=3), ours, Category.CATEGORY_1, 20),
            Holding(UUID(int=2), ours, Category.CATEGORY_1, None),
        ]
    )
    order = [(match.material.int, match.owner.country) for match in decide(both, found, "XB").matches]
    assert order == [(2, "XB"), (2, "XA"), (1, "XA"), (3, "XB")]


def test_one_calls_another_country_rather_than_oneself() -> None:
    ours, theirs = Contact("XB", "Ours", "", "", "UTC"), Contact("XA", "Theirs", "", "", "UTC")
    held_by_both = Evidence([Holding(UUID(int=1), one, Category.CATEGORY_1, None) for one in (ours, theirs)])
    assert decide(both, held_by_both, "XB").contact == theirs
    near_theirs = [
        Holding(UUID(int=1), ours, Category.CATEGORY_1, None),
        Holding(UUID(int=2), theirs, Category.CATEGORY_1, 9),
    ]
    assert decide(both, Evidence(near_theirs), "XB").contact == ours
    assert decide(both, held_by_both, "XB").reasons[0] == "The same file is held by Ours (XB), Theirs (XA)."


def test_where_a_near_copy_decides_its_holder_is_named_and_called() -> None:
    """An exact match alone would say KNOWN: who recorded the victim is another unit, and a machine found it."""
    ours, theirs = Contact("XB", "Ours", "", "", "UTC"), Contact("XA", "Theirs", "", "", "UTC")
    found = Evidence(
        [Holding(UUID(int=1), ours, Category.CATEGORY_1, None), Holding(UUID(int=2), theirs, Category.CATEGORY_1, 9)],
        [Seen(UUID(int=2), UUID(int=7), Role.VICTIM, PersonState.IDENTIFIED)],
    )
    answer = decide(both, found, "XB")
    assert (answer.answer, answer.match, list(answer.qualifiers)) == ("IDENTIFIED", "exact", ["UNCONFIRMED"])
    assert answer.contact == theirs
    assert answer.reasons == (
        "The same file is held by Ours (XB). 2 materials match in all.",
        "A close copy of it decides, held by Theirs (XA).",
        "Its only recorded victim is identified.",
        "It rests on a machine's finding that nobody has confirmed: compare before acting.",
    )


def test_of_many_matches_the_best_are_told_and_all_are_counted() -> None:
    contact = Contact("XA", "Unit", "", "", "UTC")
    found = Evidence([Holding(UUID(int=n), contact, Category.CATEGORY_1, n % 32) for n in range(1, 442)])
    answer = decide(both, found, "XB")
    assert len(answer.matches) == 100
    assert {match.band for match in answer.matches} == {"close"}
    assert "441 materials match in all." in answer.reasons[0]
