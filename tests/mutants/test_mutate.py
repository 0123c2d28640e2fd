"""The changes that the campaign tries, on a module of four lines; and its list of those that change nothing."""

from pathlib import Path

import pytest

import concord.access
from tests.mutants.__main__ import reasons
from tests.mutants.mutate import mutants_of

SOURCE = """
MOST = 3

def few(count: int, *, sure: bool = True) -> bool:
    if not sure or count < MOST:
        return True
    raise ValueError
"""
ACCESS = Path(concord.access.__file__).parent


def test_each_condition_number_constant_result_and_refusal_is_changed_once() -> None:
    assert [(one.place, one.what) for one in mutants_of("m.py", SOURCE)] == [
        ("MOST", "3 -> 4"),
        ("MOST", "3 -> 2"),
        ("few", "if not sure or count < MOST -> if True"),
        ("few", "if not sure or count < MOST -> if False"),
        ("few", "left out: raise ValueError"),
        ("few", "not sure or count < MOST -> not sure and count < MOST"),
        ("few", "not sure or count < MOST -> count < MOST"),
        ("few", "not sure or count < MOST -> not sure"),
        ("few", "return True -> return None"),
        ("few", "not sure -> sure"),
        ("few", "count < MOST -> count <= MOST"),
        ("few", "count < MOST -> count >= MOST"),
        ("few", "True -> False"),
    ]


def test_a_mutant_is_the_module_but_for_its_change() -> None:
    for one in mutants_of("m.py", SOURCE):
        scope: dict[str, object] = {"__name__": "m"}
        exec(one.code(), scope)
        few = scope["few"]
        assert callable(few)
        behaviour = [scope["MOST"]]
        for count, sure in ((2, True), (3, True), (4, True), (3, False)):
            try:
                behaviour.append(few(count, sure=sure))
            except ValueError:
                behaviour.append("refused")
        assert behaviour != [3, True, "refused", "refused", True], str(one)


def test_whoever_runs_a_part_of_a_statement_runs_all_of_it() -> None:
    source = "def one() -> int:\n    if (\n        True\n    ):\n        return (\n            7\n        )\n"
    lines = {one.what: one.lines for one in mutants_of("m.py", source)}
    assert lines["True -> False"] == range(2, 5)
    assert lines["7 -> 8"] == range(5, 8)


@pytest.mark.parametrize("path", sorted({name.partition(" ")[0] for name in reasons()}))
def test_what_is_listed_as_the_same_is_there_and_has_its_reason(path: str) -> None:
    listed = {name: reason for name, reason in reasons().items() if name.startswith(f"{path} ")}
    file = ACCESS.parent / path
    assert listed.keys() <= {one.name for one in mutants_of(str(file), file.read_text())}
    assert all(reason.endswith(".") for reason in listed.values())
