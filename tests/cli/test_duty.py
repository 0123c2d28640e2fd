"""What needs two persons, and break-glass, at a terminal."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from concord.actions.enrol import OWNER, UnitFacts, enrol_unit, enrol_user
from concord.cli.profiles import read_profile, write_profile
from concord.records.user import Grant, Profile, UserRole
from concord.values import Basis, CountryCode, Purpose, utc_now
from tests.cli.seized import new_picture
from tests.cli.terminal import Clerk


@pytest.fixture
def supervisor(clerk: Clerk) -> Clerk:
    """Another of the clerk's unit."""
    profile = (
        Profile.objects.using(OWNER)
        .select_related("user__unit")
        .get(pk=read_profile(clerk.terminal.config.profiles, clerk.profile))
    )
    unit = profile.user.unit
    facts = UnitFacts(CountryCode(unit.country_id), unit.country_id, unit.name, None, None, None)
    name = f"{clerk.profile}-supervisor"
    made = enrol_user(enrol_unit(facts), name, "default", Purpose.TRAINING, Basis.TRAINING)
    user = Profile.objects.using(OWNER).get(pk=made).user_id
    Grant.objects.using(OWNER).create(user_id=user, role=UserRole.SUPERVISOR, granted_at=utc_now())
    write_profile(clerk.terminal.config.profiles, name, made)
    return replace(clerk, profile=name)


@pytest.fixture
def material(clerk: Clerk, tmp_path: Path) -> str:
    said = clerk.run("enter", new_picture(tmp_path / "a.jpg"), "--case", "C-1", "--json")
    return str(said.objects[0]["material"])


def test_erasing_asks_and_then_erases(clerk: Clerk, supervisor: Clerk, material: str) -> None:
    assert clerk.run("erase", material).status == 2
    asked = clerk.run("erase", material, "--reason", "a court")
    assert asked.out.startswith("open: ERASE of instances: 1, materials: 1\n")
    (request,) = [one for one in clerk.run("duty", "list", "--json").objects if "approval" in one]
    assert "decides ERASE" not in clerk.run("duty", "approve", request["approval"]).out
    assert supervisor.run("duty", "approve", request["approval"]).status == 0
    entry = supervisor.run("audit", "--whose", "unit", "--verb", "DECIDE").out.splitlines()[0]
    assert f"{supervisor.profile}  DECIDE DONE" in entry  # the supervisor sees who it was
    assert "APPROVED" in clerk.run("duty", "list").out
    assert clerk.run("erase", material).out.startswith("erased: ")
    assert clerk.run("erase", material, "--reason", "again").status == 1


def test_a_refusal_is_told(clerk: Clerk, supervisor: Clerk, material: str) -> None:
    (asked,) = clerk.run("erase", material, "--reason", "a court", "--json").objects
    assert supervisor.run("duty", "refuse", asked["approval"], "--words", "no").out == "refused\n"
    assert "decided already" in supervisor.run("duty", "approve", asked["approval"]).complaint
    assert clerk.run("erase", material).status == 2


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_an_export_is_a_file(clerk: Clerk, supervisor: Clerk, material: str, tmp_path: Path, name: str) -> None:
    (asked,) = clerk.run("export", "--scope", "unit", "--reason", "to our court", "--json").objects
    out = tmp_path / name
    assert clerk.run("export", "--approval", asked["approval"]).status == 2
    refused = clerk.run("export", "--approval", asked["approval"], "--out", out)
    assert (refused.status, out.exists()) == (1, False)
    supervisor.run("duty", "approve", asked["approval"])
    assert clerk.run("export", "--approval", asked["approval"], "--out", out).status == 0
    if name.endswith("csv"):
        with out.open(encoding="utf-8-sig", newline="") as file:
            records = list(csv.DictReader(file))
    else:
        heading, *records = [json.loads(line) for line in out.read_text().splitlines()]
        assert heading["counts"]["instance"] == 1
    assert [one["material"] for one in records if one["record"] == "instance"] == [material]


def test_a_second_is_named_by_an_administrator_only(clerk: Clerk) -> None:
    said = clerk.run("duty", "second", "--for", "KEY", "--user", "00000000-0000-0000-0000-000000000001")
    assert "NAME-SECOND is open to none of your roles" in said.complaint
    assert (
        clerk.run("duty", "second", "--for", "ANYTHING", "--user", "00000000-0000-0000-0000-000000000001").status == 2
    )


def test_a_glass_is_opened_listed_closed_and_reviewed(
    clerk: Clerk, supervisor: Clerk, clerk_of: Callable[[str], Clerk]
) -> None:
    clerk_of("XB")
    said = clerk.run("glass", "open", "XB", "--because", "DANGER", "--reason", "now", "--json")
    glass = said.objects[0]["glass"]
    assert f"{glass}  OPEN" in clerk.run("glass", "list").out
    review = ("glass", "review", glass, "--finding", "JUSTIFIED", "--words", "it was")
    assert "open still" in supervisor.run(*review).complaint
    assert clerk.run("glass", "close", glass).status == 0
    assert supervisor.run(*review).out == "JUSTIFIED for the opener's side\n"
    assert "supervisor: JUSTIFIED; owner: not yet" in supervisor.run("glass", "list").out
    assert clerk.run("glass", "open", "XB", "--because", "BOREDOM", "--reason", "now").status == 2
