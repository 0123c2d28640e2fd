"""Only what has the published shape is used: any other value anywhere is refused."""

import copy
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.pocket.shape import ANSWER, SESSION, MisshapenError, checked, checked_answers, failed
from concord.records.answer import Answer, Compared, Contact, Evidence, Fault, Holding, NotCompared, Question, decide
from concord.values import Category

DIGEST = "ab" * 32


def real(item: str = DIGEST) -> dict[str, Any]:
    contact = Contact("XB", "Unit", "unit@example.invalid", "09-17", "UTC")
    holding = Holding(UUID(int=7), contact, Category.CATEGORY_1, None)
    question = Question(item, DIGEST, (Compared.DIGEST,), (NotCompared(Compared.NEAR, "digest_only"),))
    answer: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(decide(question, Evidence((holding,)), "XA")))
    return answer


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in children:
        yield from places(child, (*path, name))


def changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    value = copy.deepcopy(value)
    there = value
    for name in path[:-1]:
        there = there[name]
    there[path[-1]] = new
    return value


def test_a_real_answer_passes_unchanged() -> None:
    assert checked_answers({"answers": [real()]}, [DIGEST]) == [real()]


def test_the_fields_are_those_of_the_answer_in_its_order() -> None:
    assert list(ANSWER) == list(Answer.__struct_fields__)
    assert list(failed("x", "y", "z")) == list(ANSWER)


def test_a_failure_made_here_looks_as_one_made_there() -> None:
    there = decide(Question("x", None, (), error=Fault("empty_file", "It is.")), Evidence(), "XA")
    assert failed("x", "empty_file", "It is.") == msgspec.json.decode(msgspec.json.encode(there))


def test_what_is_beside_the_shape_is_left_out() -> None:
    assert checked({**real(), "more": 1}, ANSWER) == real()


@pytest.mark.parametrize("place", list(places(real())), ids=str)
@pytest.mark.parametrize("new", [{}, [{}], 1.5, True, -1, "\n" * 20_000, [[]]], ids=lambda value: str(value)[:10])
def test_another_value_anywhere_is_refused(place: tuple[Any, ...], new: Any) -> None:
    if (place == ("contact",) and new == {}) or (place[-1] in ("matches", "reasons", "qualifiers") and new == []):
        return
    with pytest.raises(MisshapenError):
        checked(changed(real(), place, new), ANSWER)


@pytest.mark.parametrize("name", list(ANSWER))
def test_a_missing_field_is_refused_by_name(name: str) -> None:
    answer = real()
    del answer[name]
    with pytest.raises(MisshapenError, match=name):
        checked(answer, ANSWER)


@pytest.mark.parametrize(
    "given", [None, [], {}, {"answers": None}, {"answers": []}, {"answers": [real(), real()]}, "x"]
)
def test_not_one_answer_for_every_item_is_refused(given: Any) -> None:
    with pytest.raises(MisshapenError):
        checked_answers(given, [DIGEST])


def test_what_is_beside_the_shape_within_it_is_refused() -> None:
    with pytest.raises(MisshapenError, match="victims"):
        checked(changed(real(), ("victims", "more"), "x"), ANSWER)


def test_an_answer_about_another_item_is_refused() -> None:
    with pytest.raises(MisshapenError, match="other items"):
        checked_answers({"answers": [real("cd" * 32)]}, [DIGEST])


def test_neither_an_answer_nor_an_error_is_refused() -> None:
    with pytest.raises(MisshapenError, match="neither"):
        checked_answers({"answers": [{**real(), "answer": None}]}, [DIGEST])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(json_values)
def test_whatever_comes_is_refused_and_never_a_fault(value: Any) -> None:
    for checks in (ANSWER, SESSION):
        with pytest.raises(MisshapenError):
            checked(value, checks)
