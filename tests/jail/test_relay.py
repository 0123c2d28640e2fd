"""Many items through one worker: each has its own answer, its own time and its own failure."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from concord.config import Limits
from concord.errors import DecodingOverran, ItemError, NotAFile, UnreadableFile, WorkerUnavailable
from concord.jail import pool, relay
from concord.jail.cell import ITEMS_BETWEEN_LOOKS, Cell, Patience
from concord.jail.errand import Question
from concord.jail.findings import EXAMINE_PICTURE
from concord.jail.messages import Done, Failed, Job, Part
from concord.jail.pool import Jail
from tests.database.processes import gone, wait_until

from .conftest import Descriptor
from .golden import golden_files
from .test_pool import PROBES, Held

AS_WRITTEN = Job("as_written", bytes)
Told = bytes | tuple[type[ItemError], str]


@pytest.fixture
def jail() -> Iterator[Jail]:
    with Jail(workers=1, program=PROBES) as made:
        yield made


def questions(descriptor_of: Descriptor, *words: bytes) -> list[Question]:
    return [Question(descriptor_of(one), f"{place} {one.decode()}") for place, one in enumerate(words)]


def told(jail: Jail, asked: Sequence[Question | ItemError]) -> list[Told]:
    """Results; of errors the class and the item."""
    return [
        (type(one), str(one.facts["item"])) if isinstance(one, ItemError) else one.result
        for one in jail.answer_each(AS_WRITTEN, asked)
    ]


def test_each_is_answered_as_if_it_were_the_only_one(descriptor_of: Descriptor) -> None:
    asked = [Question(descriptor_of(data), name, {"statements": False}) for name, data in golden_files()]
    with Jail(workers=1) as jail:
        outcomes = list(jail.answer_each(EXAMINE_PICTURE, asked))
        alone = [jail.answer(EXAMINE_PICTURE, one.source, one.item, **one.arguments) for one in asked]
        assert outcomes == alone
        assert len(jail.process_ids) == 1


def test_nothing_asked_starts_no_worker(jail: Jail) -> None:
    assert told(jail, []) == []
    assert jail.process_ids == ()


def test_one_is_read_ahead_and_handed_over_before_the_answer_is_taken(
    jail: Jail, descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    handed: list[list[str]] = []
    following = Cell.next

    def next_seen(self: Cell, patience: Patience, item: str) -> Part | Done | Failed:
        handed.append([*read])
        return following(self, patience, item)

    def reading() -> Iterator[Question]:
        for one in questions(descriptor_of, b"a", b"b", b"c", b"d"):
            read.append(one.item[-1])
            yield one

    monkeypatch.setattr(Cell, "next", next_seen)
    assert list(jail.answer_each(AS_WRITTEN, reading()))
    assert handed == [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"], ["a", "b", "c", "d"]]


@pytest.mark.parametrize("at_hand", [1, 2, 3])
def test_a_worker_that_ends_costs_only_the_item_it_worked_on(
    jail: Jail, descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch, at_hand: int
) -> None:
    monkeypatch.setattr(relay, "AT_HAND", at_hand)
    asked = questions(descriptor_of, b"a", b"give up", b"b", b"import", b"give up", b"c")
    failed = {place: (DecodingOverran, asked[place].item) for place in (1, 3, 4)}
    assert told(jail, asked) == [b"a", failed[1], b"b", failed[3], failed[4], b"c"]
    assert len(jail.process_ids) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the processor time of another process")
def test_one_that_overruns_costs_only_itself(descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "WALL_FACTOR", 600)
    with Jail(workers=1, limits=Limits(decode_seconds=1), program=PROBES) as jail:
        outcomes = list(jail.answer_each(AS_WRITTEN, questions(descriptor_of, b"a", b"spin", b"b")))
    assert [one.result for one in outcomes if not isinstance(one, ItemError)] == [b"a", b"b"]
    assert str(outcomes[1]).startswith("1 spin")
    assert "more than 1 seconds of processor time" in str(outcomes[1])


def test_an_error_of_the_job_and_one_that_was_there_before_keep_their_places(
    jail: Jail, descriptor_of: Descriptor, tmp_path: Path
) -> None:
    missing = UnreadableFile(item="missing", cause="gone")
    folder = os.open(tmp_path, os.O_RDONLY)
    first, refused, last = questions(descriptor_of, b"a", b"refuse", b"b")
    there: list[Question | ItemError] = [first, refused, Question(folder, "folder"), missing, last, missing]
    gone_before = (UnreadableFile, "missing")
    answers = [gone_before, b"a", (UnreadableFile, refused.item), (NotAFile, "folder"), gone_before, b"b", gone_before]
    try:
        assert told(jail, [missing, *there]) == answers
    finally:
        os.close(folder)


def test_the_time_of_an_item_starts_with_its_work(
    jail: Jail, descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when it was handed over, and not with what the one before it left."""
    turns: list[tuple[float, int]] = []
    turn = Cell.turn

    def turn_seen(self: Cell, cpu_seconds: int, deadline_seconds: float) -> Patience:
        used_seconds = self._process.cpu_seconds() or 0
        patience = turn(self, cpu_seconds, deadline_seconds)
        assert patience.left_seconds == patience.deadline_seconds == deadline_seconds
        assert patience.end_cpu_seconds is None or patience.end_cpu_seconds >= used_seconds + cpu_seconds
        turns.append((deadline_seconds, cpu_seconds))
        return patience

    monkeypatch.setattr(Cell, "turn", turn_seen)
    assert told(jail, questions(descriptor_of, b"a", b"b", b"c")) == [b"a", b"b", b"c"]
    limits = jail.limits
    assert [(round(wall), cpu) for wall, cpu in turns] == 2 * [
        (pool.WALL_FACTOR * limits.decode_seconds, limits.decode_seconds)
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the processor time of another process")
def test_one_that_the_kernel_ended_by_the_limit_of_the_one_before_it_is_asked_again(
    descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As when the outside is kept from running for so long that it cannot give the next one its own time."""
    following = Cell.next
    ended: list[int] = []

    def next_late(self: Cell, patience: Patience, item: str) -> Part | Done | Failed:
        if not ended:
            ended.append(self.process_id)
            wait_until(lambda: gone(self.process_id))
            late.write_bytes(b"b")
        return following(self, patience, item)

    late = tmp_path / "late"
    late.write_bytes(b"use up")
    monkeypatch.setattr(pool, "WALL_FACTOR", 600)
    with Jail(workers=1, limits=Limits(decode_seconds=1), program=PROBES) as jail, late.open("rb") as file:
        first, last = questions(descriptor_of, b"a", b"c")
        monkeypatch.setattr(Cell, "next", next_late)
        assert told(jail, [first, Question(file.fileno(), "late"), last]) == [b"a", b"b", b"c"]
        assert jail.process_ids != tuple(ended)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the processor time of another process")
def test_one_that_ends_itself_as_the_kernel_would_is_asked_again_only_once(
    descriptor_of: Descriptor, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = Cell.next
    ended: list[str] = []

    def next_ended(self: Cell, patience: Patience, item: str) -> Part | Done | Failed:
        if item == "1 use up":
            ended.append(item)
            os.kill(self.process_id, signal.SIGXCPU)
        return following(self, patience, item)

    monkeypatch.setattr(Cell, "next", next_ended)
    with Jail(workers=1, limits=Limits(decode_seconds=600), program=PROBES) as jail:
        asked = questions(descriptor_of, b"a", b"use up", b"b")
        assert told(jail, asked) == [b"a", (DecodingOverran, "1 use up"), b"b"]
        assert ended == ["1 use up"] * 2


def test_a_worker_that_had_its_share_of_items_is_replaced_on_the_way(descriptor_of: Descriptor) -> None:
    used = []
    with Jail(workers=1, limits=Limits(worker_items=3), program=PROBES) as jail:
        for outcome in jail.answer_each(AS_WRITTEN, questions(descriptor_of, *[b"a"] * 7)):
            assert not isinstance(outcome, ItemError)
            used.append(jail.process_ids)
    # When the last of its share is answered it is gone.
    assert [len(one) for one in used] == [1, 1, 0, 1, 1, 0, 1]
    assert used[0] == used[1] != used[3] == used[4] != used[6]


def test_whoever_leaves_before_the_end_leaves_no_answer_for_the_next(jail: Jail, descriptor_of: Descriptor) -> None:
    with closing(jail.answer_each(AS_WRITTEN, questions(descriptor_of, b"a", b"b", b"c"))) as outcomes:
        assert next(outcomes)
    assert told(jail, questions(descriptor_of, b"d", b"e")) == [b"d", b"e"]


def test_a_worker_killed_while_idle_costs_no_item(jail: Jail, descriptor_of: Descriptor) -> None:
    asked = questions(descriptor_of, b"a", b"b")
    assert told(jail, asked) == [b"a", b"b"]
    (victim,) = jail.process_ids
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: gone(victim))
    assert told(jail, asked) == [b"a", b"b"]


def test_ranges_come_among_files(jail: Jail, descriptor_of: Descriptor) -> None:
    first, last = questions(descriptor_of, b"a", b"d")
    between = [Question(Held(b"b"), "b"), Question(Held(b"c", UnreadableFile(item="c", cause="torn")), "c")]
    assert told(jail, [first, *between, last]) == [b"a", b"b", (UnreadableFile, "c"), b"d"]
    assert len(jail.process_ids) == 1


def test_of_a_closed_jail_nothing_more_is_answered(jail: Jail, descriptor_of: Descriptor) -> None:
    outcomes = jail.answer_each(AS_WRITTEN, questions(descriptor_of, *[b"a"] * ITEMS_BETWEEN_LOOKS))
    assert next(outcomes)
    jail.close()
    with pytest.raises(WorkerUnavailable, match="closed"):
        list(outcomes)
