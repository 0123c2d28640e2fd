from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.database.cluster import Role
from concord.database.vetting import Standing, unfitness

FIT = Standing(
    role="concord_app",
    superuser=False,
    bypasses_policies=False,
    owns_tables=False,
    member_of=frozenset({"concord_app"}),
    standby=False,
    lineage="1/00000001/5",
)


def test_the_role_that_the_policies_are_made_for_is_fit() -> None:
    assert unfitness(FIT, Role.APP) is None


def test_only_the_owner_may_own() -> None:
    owner = replace(FIT, role="concord_owner", owns_tables=True, member_of=frozenset({"concord_owner"}))
    assert unfitness(owner, Role.OWNER) is None
    assert "owns the tables" in str(unfitness(replace(FIT, owns_tables=True), Role.APP))


@pytest.mark.parametrize("wanted", [Role.OWNER, Role.APP, Role.MATCHER])
@given(
    standing=st.builds(
        Standing,
        role=st.sampled_from([*Role, "somebody"]).map(str),
        superuser=st.booleans(),
        bypasses_policies=st.booleans(),
        owns_tables=st.booleans(),
        member_of=st.frozensets(st.sampled_from(list(Role)).map(str)),
        standby=st.booleans(),
        lineage=st.just("1"),
    )
)
def test_nobody_is_fit_with_a_power_or_a_name_that_is_not_the_roles_own(wanted: Role, standing: Standing) -> None:
    powers = standing.superuser or standing.bypasses_policies or (standing.owns_tables and wanted is not Role.OWNER)
    another = standing.role != wanted or bool(standing.member_of - {wanted})
    assert (unfitness(standing, wanted) is None) is not (powers or another)
