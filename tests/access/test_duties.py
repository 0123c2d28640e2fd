"""Which verbs are open: the tables are the page's, closed where they are empty, and each refusal is told by its kind."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.access.actor import Actor, Reach
from concord.access.audit import Verb
from concord.access.duties import (
    BY_ROLE,
    LEFT_OUT,
    NAMED_SCOPES,
    WITHOUT_CERTIFICATE,
    WITHOUT_ROLE,
    counts_there,
    demand_open,
    may_enter_files,
    may_grant,
    refusal,
    token_opens,
)
from concord.errors import CertificateNeeded, NotTakingPart, OutOfScope, RoleNeeded
from concord.records.country import Participation
from concord.records.user import UserRole
from concord.values import Basis, CountryCode, Purpose, utc_now

PAGE = Path(__file__).parents[2] / "docs" / "administration.md"
NOW = utc_now()
ACTOR = Actor(
    uuid4(), uuid4(), "Ada", uuid4(), "Unit", CountryCode("XA"), Purpose.INVESTIGATION, Basis.NATIONAL_LAW,
    frozenset({UserRole.OFFICER}), NOW + timedelta(days=1), Participation.FULL,
)  # fmt: skip

actors = st.builds(
    lambda roles, certified, participation, scopes, purpose, is_hub: replace(
        ACTOR,
        is_hub=is_hub,
        roles=roles,
        certified_until=certified,
        participation=participation,
        scopes=scopes,
        purpose=purpose,
    ),
    st.frozensets(st.sampled_from(UserRole)),
    st.sampled_from([None, NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)]),
    st.sampled_from(Participation),
    st.none() | st.frozensets(st.sampled_from(Verb)),
    st.none() | st.sampled_from(Purpose),
    st.booleans(),
)


def test_the_page_shows_the_table() -> None:
    shown = dict(re.findall(r"^\| `([A-Z-]+)` \| ([A-Z, -]+) \|$", PAGE.read_text(), re.MULTILINE))
    assert {verb: set(roles.split(", ")) for verb, roles in shown.items() if verb in set(Verb)} == {
        verb: {role for role in UserRole if verb in BY_ROLE[role]} for verb in Verb
    }


def test_every_role_and_every_way_of_taking_part_has_its_row() -> None:
    assert set(BY_ROLE) == set(UserRole)
    assert set(LEFT_OUT) == set(Participation)


def verbs(names: str) -> set[Verb]:
    return set(map(Verb, names.split()))


# What shows material or says something of it, in words of its own.
ASKED = verbs("ASK LIST-MATERIALS READ-STATEMENTS UPLOAD")
KEPT = verbs(
    "OPEN-INTAKE FILL-INTAKE SHOW-INTAKE LIST-INTAKES ASK-INTAKE ERASE-INTAKE ADD-ORDINARY LIST-ORDINARY REMOVE-ORDINARY"
)
SAID = verbs("ENTER IDENTIFY OPEN-CASE ADD-PERSON ADD-APPEARANCE OPEN-SERIES")
OWNED = verbs(
    "RESTRICT SHOW-RESTRICTION CHANGE-GROUP LIST-GROUPS LIST-ALERTS ANSWER-ALERT SUSPEND LIFT-SUSPENSION COUNT-OVERDUE "
    "LIST-SUSPENSIONS PROPOSE ANSWER-PROPOSAL WITHDRAW-PROPOSAL LIST-PROPOSALS DECIDE-PROPOSAL"
)
GRAVE = verbs("ASK-HASH ERASE EXPORT OPEN-GLASS CLOSE-GLASS")


def test_whatever_touches_records_asks_for_a_certificate() -> None:
    assert set(Verb) - WITHOUT_CERTIFICATE == ASKED | KEPT | SAID | OWNED | GRAVE


def test_how_a_country_takes_part_leaves_out_what_it_says() -> None:
    assert {mode: set(left_out) for mode, left_out in LEFT_OUT.items()} == {
        Participation.FULL: set(),
        Participation.HASH_ONLY: set(),
        Participation.READ_ONLY: SAID | {Verb.PROPOSE},
        Participation.REFERRAL_ONLY: SAID | ASKED | KEPT | {Verb.ASK_HASH, Verb.PROPOSE, Verb.OPEN_GLASS},
    }


def test_a_token_opens_what_it_names_and_without_bounds_all_but_what_must_be_named() -> None:
    machine = replace(ACTOR, token=uuid4())
    assert (
        {verb for verb in Verb if token_opens(machine, verb, NOW)}
        == verbs("ASK-HASH DECIDE OPEN-GLASS")
        == NAMED_SCOPES
    )
    for one in (ACTOR, replace(machine, session=uuid4())):  # nobody's machine
        assert not [verb for verb in Verb if token_opens(one, verb, NOW)]
    for named in Verb:
        for one in (ACTOR, machine):
            bounded = replace(one, scopes=frozenset({named}))
            assert [verb for verb in Verb if not token_opens(bounded, verb, NOW)] == [named]


def test_a_token_without_bounds_is_told_that_it_opens_only_what_needs_no_naming() -> None:
    assert "opens what needs no naming, not DECIDE" in str(token_opens(replace(ACTOR, token=uuid4()), Verb.DECIDE, NOW))


def test_an_administrator_counts_on_his_own_side_only() -> None:
    of_a_country, of_the_hub = UserRole.NATIONAL_ADMINISTRATOR, UserRole.HUB_ADMINISTRATOR
    assert {role for role in UserRole if not counts_there(role, is_hub=True)} == {of_a_country}
    assert {role for role in UserRole if not counts_there(role, is_hub=False)} == {of_the_hub}


def test_nobody_grants_to_himself_or_on_the_other_side() -> None:
    other, hub = uuid4(), replace(ACTOR, is_hub=True)
    for role in UserRole:
        assert "himself" in (may_grant(ACTOR, ACTOR.user, role) or "")
        assert "himself" in (may_grant(hub, hub.user, role) or "")
        of_hub, of_country = role is UserRole.HUB_ADMINISTRATOR, role is UserRole.NATIONAL_ADMINISTRATOR
        assert (may_grant(ACTOR, other, role) is not None) is of_hub
        assert (may_grant(hub, other, role) is not None) is of_country
    assert "hub's to grant" in (may_grant(ACTOR, other, UserRole.HUB_ADMINISTRATOR) or "")
    assert "country's to grant" in (may_grant(hub, other, UserRole.NATIONAL_ADMINISTRATOR) or "")


def test_every_verb_is_open_to_somebody() -> None:
    assert not [verb for verb in Verb if not any(verb in verbs for verbs in BY_ROLE.values())]


@given(actors, st.sampled_from(Verb))
def test_a_verb_is_open_only_where_all_four_open_it(actor: Actor, verb: Verb) -> None:
    trained = actor.certified_until is not None and actor.certified_until > NOW
    elsewhere = UserRole.NATIONAL_ADMINISTRATOR if actor.is_hub else UserRole.HUB_ADMINISTRATOR
    is_open = (
        (verb in WITHOUT_ROLE or any(verb in BY_ROLE[role] for role in actor.roles - {elsewhere}))
        and verb not in LEFT_OUT[actor.participation]
        and (actor.scopes is None or verb in actor.scopes)
        and (verb in WITHOUT_CERTIFICATE or trained or actor.purpose is Purpose.TRAINING)
    )
    assert (refusal(actor, verb, NOW) is None) is is_open


def test_without_a_role_there_is_ones_own_account_and_nothing_else() -> None:
    nobody = replace(ACTOR, roles=frozenset(), certified_until=None)
    assert {verb for verb in Verb if refusal(nobody, verb, NOW) is None} == {
        "SHOW-ACCOUNT",
        "READ-AUDIT",
        "END-SESSION",
    }


@given(actors)
def test_real_material_is_reached_only_by_the_certified_for_a_real_purpose(actor: Actor) -> None:
    trained = actor.certified_until is not None and actor.certified_until > NOW
    real = trained and actor.purpose not in (None, Purpose.TRAINING)
    assert actor.reach(NOW) is (Reach.REAL if real else Reach.TRAINING)


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        ({"roles": frozenset()}, RoleNeeded, r"none of your roles \(none\).*administrator of XA"),
        ({"roles": frozenset({UserRole.AUDITOR})}, RoleNeeded, "AUDITOR"),
        ({"certified_until": None}, CertificateNeeded, "is missing.*TRAINING"),
        ({"certified_until": NOW}, CertificateNeeded, "ran out at"),
        ({"participation": Participation.REFERRAL_ONLY}, NotTakingPart, "XA takes part as REFERRAL-ONLY"),
        ({"roles": frozenset({UserRole.TRAINER, UserRole.AUDITOR})}, RoleNeeded, r"\(AUDITOR, TRAINER\)"),
        ({"participation": Participation.HASH_ONLY, "roles": frozenset()}, RoleNeeded, "none"),
        ({"scopes": frozenset()}, OutOfScope, "opens nothing, not ASK"),
        ({"scopes": frozenset({"ENTER", "AUDIT"})}, OutOfScope, "opens AUDIT, ENTER, not ASK"),
        ({"scopes": frozenset({"ENTER"})}, OutOfScope, "opens ENTER, not ASK"),
    ],
)
def test_a_refusal_says_what_was_missing_and_whom_to_ask(change: dict[str, object], kind: type, said: str) -> None:
    with pytest.raises(kind, match=said):
        demand_open(replace(ACTOR, **change), Verb.ASK, NOW)  # type: ignore[arg-type]


def test_a_token_for_everything_says_that_this_must_be_named() -> None:
    with pytest.raises(OutOfScope, match="opens what needs no naming, not ASK-HASH"):
        demand_open(replace(ACTOR, scopes=None, token=uuid4()), Verb.ASK_HASH, NOW)


def test_only_a_country_that_takes_part_by_digests_keeps_its_files() -> None:
    kept = {mode for mode in Participation if may_enter_files(replace(ACTOR, participation=mode))}
    assert kept == {Participation.HASH_ONLY}
