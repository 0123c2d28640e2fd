"""Reading a journal back: of each item what was said of it last."""

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from concord.cli.kept import last_answers


def journal(folder: Path, lines: list[tuple[str, int]]) -> Path:
    path = folder / "journal"
    objects = [{"item": item, "size": 1, "modified_ns": 2, "answer": {"n": number}} for item, number in lines]
    path.write_text("\n".join(json.dumps(one) for one in [{"journal": 1}, *objects]) + "\n")
    return path


@given(lines=st.lists(st.tuples(st.sampled_from(["a", "b", "c", "ü\n"]), st.integers(0, 9))))
def test_the_last_of_each_item_is_given_in_the_order_of_the_file(lines: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given_back = [one["n"] for one in last_answers(journal(Path(folder), lines))]
    last = {item: place for place, (item, _) in enumerate(lines)}
    assert given_back == [number for place, (item, number) in enumerate(lines) if last[item] == place]


def test_a_journal_of_nothing_gives_nothing(tmp_path: Path) -> None:
    assert list(last_answers(journal(tmp_path, []))) == []
