"""Random worlds, act after act: what the program lets people know and do is what a small model says (tests/promises/model.py).

After each act somebody looks: every record of the world that the database shows him must be one that he may know of, and the
other way round; and what he is answered about a content, down to whom to contact, follows from that. Faults that are planted
in rules and policies are found.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from concord.actions.installation import Installation
from tests.promises.faults import FAULTS
from tests.promises.world import Cast, World, make_cast


class Rights(RuleBasedStateMachine):
    """One world, one act after the other; each is followed by a look."""

    cast: Cast
    steps = 0

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """Nobody looks at an empty world for long."""
        self.world = World(self.cast)
        for act in (World.say, World.enter, World.enter, World.appear, World.narrow) * 4:
            self._step(seed, act)

    def _step(self, seed: int, act: Callable[[World], None]) -> None:
        Rights.steps += 1
        self.world.draw(seed)
        act(self.world)
        self.world.look()


def _rule(act: Callable[[World], None]) -> Any:
    def step(self: Rights, seed: int) -> None:
        self._step(seed, act)

    step.__name__ = act.__name__
    return rule(seed=st.integers(0, 2**32))(step)


for _name, _times in {
    "enter": 3, "say": 2, "appear": 2, "narrow": 3, "widen": 1, "share": 2, "suspend": 2, "merge": 2, "administer": 3,
    "take_part": 1,
}.items():  # fmt: skip
    for _time in range(_times):
        setattr(Rights, f"{_name}_{_time}", _rule(getattr(World, _name)))


@pytest.fixture(scope="module")
def cast(installation: Installation) -> Cast:
    return make_cast(installation)


STEPS = 80  # a world, at most, besides those that it begins with
A_WORLD = 100  # about so many it has; how many is left to chance


def run(cast: Cast, worlds: int, **more: Any) -> int:
    """Returns how many steps there were."""
    Rights.steps = 0
    machine: Any = type("Machine", (Rights,), {"cast": cast})
    asked = settings(
        max_examples=worlds, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck), database=None, **more
    )
    run_state_machine_as_test(machine, settings=asked)
    return Rights.steps


def run_steps(cast: Cast, wanted: int) -> None:
    """At least so many."""
    done = 0
    while done < wanted:
        done += run(cast, -(-(wanted - done) // A_WORLD))
    print(f"{done} steps")  # with -s


def test_two_thousand_steps_do_what_the_model_says(cast: Cast) -> None:
    run_steps(cast, 2_000)


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_planted_for_the_campaign_can_be_planted_still(fault: str) -> None:
    with FAULTS[fault]():
        pass


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(cast: Cast, fault: str) -> None:
    assert found_after(cast, fault) is not None


def found_after(cast: Cast, fault: str, worlds: int = 60) -> int | None:
    """After how many steps; None: not at all."""
    with FAULTS[fault]():
        try:
            run(cast, worlds, phases=[Phase.generate], derandomize=True, report_multiple_bugs=False)
        except (Exception, pytest.fail.Exception):  # each is another way of not being what the model says
            return Rights.steps
    return None


@pytest.mark.long
def test_fifty_thousand_steps_do_what_the_model_says(cast: Cast) -> None:
    run_steps(cast, 50_000)
