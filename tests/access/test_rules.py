"""Rules of access: they compose, they are closed when empty, and every refusal has a reason."""

from dataclasses import dataclass, field, replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.access.actor import Actor
from concord.access.rules import (
    Rule,
    acts_for_the_hub,
    all_of,
    any_of,
    basis_fits_purpose,
    basis_is_given,
    demand,
    owned_by_own_country,
    owned_by_own_unit,
)
from concord.errors import NoPurpose, NotAllowed, UnknownCode
from concord.values import Basis, CountryCode, Purpose


@dataclass(frozen=True)
class Record:
    owner_country_id: str
    owner_unit_id: UUID = field(default_factory=uuid4)


ACTOR = Actor(uuid4(), uuid4(), "Ada", uuid4(), "Unit", CountryCode("XA"), Purpose.TRAINING, Basis.TRAINING)
OURS, THEIRS = Record("XA"), Record("XB")


def allowing(actor: Actor, record: object) -> None:
    return None


def refusing(actor: Actor, record: object) -> str:
    return "because"


rules = st.lists(st.sampled_from([allowing, refusing]), max_size=4)


@given(rules)
def test_all_of_needs_every_rule_and_is_closed_without_any(given_rules: list[Rule]) -> None:
    refusal = all_of(*given_rules)(ACTOR, OURS)
    assert (refusal is None) == (bool(given_rules) and refusing not in given_rules)


@given(rules)
def test_any_of_needs_one_rule_and_is_closed_without_any(given_rules: list[Rule]) -> None:
    assert (any_of(*given_rules)(ACTOR, OURS) is None) == (allowing in given_rules)


@pytest.mark.parametrize("rule", [all_of(), any_of(), all_of(refusing), any_of(refusing, refusing), all_of(any_of())])
def test_a_refusal_has_a_reason(rule: Rule) -> None:
    with pytest.raises(NotAllowed, match=r"Not allowed: \w"):
        demand(rule, ACTOR, OURS)


def test_the_first_of_all_refusals_is_told_and_every_one_of_any() -> None:
    def too_late(actor: Actor, record: object) -> str:
        return "too late"

    assert all_of(allowing, refusing, too_late)(ACTOR, OURS) == "because"
    assert any_of(refusing, too_late)(ACTOR, OURS) == "because; too late"
    assert all_of()(ACTOR, OURS) == any_of()(ACTOR, OURS) == "no rule allows it"
    demand(all_of(allowing), ACTOR, OURS)


def test_only_the_own_countrys_records_are_changed() -> None:
    assert owned_by_own_country(ACTOR, OURS) is None
    assert "XB" in (owned_by_own_country(ACTOR, THEIRS) or "")


def test_what_is_a_units_alone_is_not_even_its_countrys() -> None:
    assert owned_by_own_unit(ACTOR, replace(OURS, owner_unit_id=ACTOR.unit)) is None
    assert "another unit" in (owned_by_own_unit(ACTOR, OURS) or "")


def test_entering_needs_a_basis() -> None:
    assert basis_is_given(ACTOR, OURS) is None
    assert "--basis" in (basis_is_given(replace(ACTOR, basis=None), OURS) or "")


def test_for_training_only_what_is_for_training_is_entered() -> None:
    real = Purpose.INVESTIGATION, Basis.CONSENT
    allowed = {
        (purpose, basis)
        for purpose in (Purpose.TRAINING, real[0])
        for basis in (Basis.TRAINING, real[1])
        if basis_fits_purpose(replace(ACTOR, purpose=purpose, basis=basis), OURS) is None
    }
    assert allowed == {(Purpose.TRAINING, Basis.TRAINING), real, (real[0], Basis.TRAINING)}


def test_only_the_hubs_staff_acts_for_it() -> None:
    assert "only the hub" in (acts_for_the_hub(ACTOR, OURS) or "")
    assert acts_for_the_hub(replace(ACTOR, is_hub=True), OURS) is None


def test_a_request_may_say_another_purpose_but_not_none() -> None:
    assert ACTOR.acting_for("quality").purpose is Purpose.QUALITY
    assert ACTOR.acting_for(None, "court-order").basis is Basis.COURT_ORDER
    assert ACTOR.acting_for(None).purpose is Purpose.TRAINING
    with pytest.raises(UnknownCode):
        ACTOR.acting_for("fun")
    with pytest.raises(NoPurpose):
        _ = replace(ACTOR, purpose=None).stated_purpose
