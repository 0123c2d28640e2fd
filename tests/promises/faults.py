"""Faults to plant: a rule of the program replaced, or a policy or function of the database, for the time of a block."""

import functools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.db import connections

from concord.access import actor as actors
from concord.access import duties, rules
from concord.access.actor import Actor, Reach
from concord.actions import restrict, say
from concord.actions.enrol import OWNER

Fault = Callable[[], AbstractContextManager[None]]


def rule_falls(*, named: str) -> Fault:
    """One of the rules about verbs lets everything pass."""

    @contextmanager
    def planted() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            kept = tuple(one for one in duties.VERB_RULES if one.__name__ != named)
            assert len(kept) == len(duties.VERB_RULES) - 1
            patch.setattr(duties, "VERB_RULES", kept)
            yield

    return planted


def replaced(where: object, name: str, by: Any) -> Fault:
    @contextmanager
    def planted() -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(where, name, by)
            yield

    return planted


def _kept_sign_in() -> Any:
    """Whoever signed in once stays what he was."""
    return functools.cache(actors.sign_in)


def stale() -> AbstractContextManager[None]:
    return replaced(actors, "sign_in", _kept_sign_in())()


def function(name: str, text: str, instead: str) -> Fault:
    """A function of the database says something else in one place."""

    @contextmanager
    def planted() -> Iterator[None]:
        with connections[OWNER].cursor() as cursor:
            cursor.execute("select pg_get_functiondef(oid) from pg_proc where proname = %s", [name])
            ((right,),) = cursor.fetchall()
            wrong = right.replace(text, instead)
            assert wrong != right, f"{name} does not say {text!r}"
            cursor.execute(wrong)
            try:
                yield
            finally:
                cursor.execute(right)

    return planted


def policy(table: str, name: str, text: str, instead: str) -> Fault:
    """A policy that stands says something else in one place."""

    @contextmanager
    def planted() -> Iterator[None]:
        with connections[OWNER].cursor() as cursor:
            asked = "select qual from pg_policies where (tablename, policyname) = (%s, %s)"
            cursor.execute(asked, [table, name])
            ((right,),) = cursor.fetchall()
            wrong = right.replace(text, instead)
            assert wrong != right, f"{name} on {table} does not say {text!r}: {right}"
            cursor.execute(f'alter policy {name} on "{table}" using ({wrong})')
            try:
                yield
            finally:
                cursor.execute(f'alter policy {name} on "{table}" using ({right})')

    return planted


def _unhidden(actor: Actor, material: object) -> None:
    return None


def _real(actor: Actor, now: object) -> Reach:
    return Reach.REAL


ADMITS = "restriction_admits"

FAULTS: dict[str, Fault] = {
    "roles open nothing and close nothing": rule_falls(named="role_opens"),
    "certificates are not asked for": rule_falls(named="certificate_opens"),
    "how a country takes part is not asked for": rule_falls(named="country_takes_part"),
    "what is revoked holds until the program ends": stale,
    "everybody reaches real material": replaced(Actor, "reach", _real),
    "others restrict, as far as the rules go": replaced(
        restrict, "may_restrict", rules.all_of(rules.owned_by_own_country)
    ),
    "what is said of hidden material is not hidden with it": replaced(say, "own_restriction", _unhidden),
    "a bound by unit is not held": function(ADMITS, "acting_unit() = any(r.units)", "true"),
    "whoever was in a group stays in it": function(ADMITS, "m.group_id = any(r.groups)", "true"),
    "clearance is not looked at": function(ADMITS, "r.handling = 'OFFICIAL'", "true"),
    "a bound by use is not held": function(ADMITS, "acting_purpose() = any(r.purposes)", "true"),
    "a file is known without its contribution": policy(
        "instance", "shared", "contribution_shows(contribution_id, material_id)", "true"
    ),
    "the hub's doubts hide no person": policy("person", "shared", "NOT suspended", "suspended OR NOT suspended"),
    "what is silent is told": function("withheld", "coalesce(r.silent, false)", "false"),
    "one who agrees to a merge is enough": function(
        "settle_answers", "bool_and(coalesce(v.agreed, false))", "bool_or(coalesce(v.agreed, false))"
    ),
}
