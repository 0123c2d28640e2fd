"""A country's own administrator lets people in and out; nobody else does, and the database holds it too."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.db.utils import IntegrityError, ProgrammingError

from concord.access.actor import Actor, sign_in
from concord.access.audit import AuditEntry, Verb
from concord.actions.administer import NewUnit, add_unit, add_user, name_bureau, set_participation, set_user_active
from concord.actions.ask import ask_texts
from concord.actions.certify import certify, revoke_certificates
from concord.actions.enrol import OWNER, enrol_user
from concord.actions.enter import Terms, enter_digests, enter_files
from concord.actions.found import found_country, found_hub
from concord.actions.grant import grant, revoke
from concord.actions.installation import Installation
from concord.actions.read_audit import Wanted, Whose, read_audit
from concord.actions.say import open_case
from concord.errors import (
    AdministratorThere,
    AlreadyThere,
    CertificateNeeded,
    ConcordError,
    LastAdministrator,
    NotAllowed,
    NotTakingPart,
    ProfileOut,
    RoleNeeded,
    TooLong,
    UnknownCode,
    UnknownRecord,
)
from concord.records.country import Country, Participation, Unit
from concord.records.user import Certificate, Grant, User, UserRole
from concord.values import Category, CountryCode, Purpose, utc_now
from tests.people import Bureau, fresh_code, with_second

DIGEST = "0" * 64


@pytest.fixture
def bureau(installation: Installation) -> Bureau:
    return Bureau(fresh_code())


@pytest.fixture
def other(installation: Installation) -> Bureau:
    return Bureau(fresh_code())


def test_the_first_administrator_is_named_once_and_from_then_on_enrolling_gives_no_role(bureau: Bureau) -> None:
    officer = bureau.person(UserRole.OFFICER)
    found_country(bureau.country, officer.user_name, utc_now)
    assert UserRole.NATIONAL_ADMINISTRATOR in bureau.again(officer).roles
    late = sign_in(enrol_user(officer.unit, "Late", "default"))
    assert (late.roles, late.certified_until) == (frozenset(), None)
    with pytest.raises(AdministratorThere):
        found_country(bureau.country, bureau.person(UserRole.OFFICER).user_name, utc_now)


def test_whom_an_administrator_lets_in_works_from_the_next_request_on_and_ends_likewise(
    installation: Installation, bureau: Bureau
) -> None:
    administrator, trainer = bureau.person(UserRole.NATIONAL_ADMINISTRATOR), bureau.person(UserRole.TRAINER)
    newcomer = bureau.person(unit="North", purpose=Purpose.INVESTIGATION)
    with pytest.raises(RoleNeeded):
        ask_texts(installation, bureau.again(newcomer), [DIGEST])
    assert grant(installation, administrator, newcomer.user, UserRole.OFFICER)
    assert not grant(installation, administrator, newcomer.user, UserRole.OFFICER)
    revoke_certificates(installation, trainer, newcomer.user)
    with pytest.raises(CertificateNeeded):
        ask_texts(installation, bureau.again(newcomer), [DIGEST])
    certify(installation, trainer, newcomer.user, "first course", days=30)
    (answer,) = ask_texts(installation, bureau.again(newcomer), [DIGEST])
    assert answer.error is None
    assert revoke(installation, administrator, newcomer.user, UserRole.OFFICER)
    with pytest.raises(RoleNeeded):
        ask_texts(installation, bureau.again(newcomer), [DIGEST])
    set_user_active(installation, administrator, newcomer.user, active=False)
    with pytest.raises(ProfileOut):
        bureau.again(newcomer)


def test_what_is_not_certified_meets_training_material_only(installation: Installation, bureau: Bureau) -> None:
    officer, trainer = bureau.person(UserRole.OFFICER), bureau.person(UserRole.TRAINER)
    revoke_certificates(installation, trainer, officer.user)
    training = replace(bureau.again(officer), purpose=Purpose.TRAINING)
    assert ask_texts(installation, training, [DIGEST])[0].error is None
    assert training.reach(utc_now()) == "TRAINING"


def test_nobody_reaches_into_another_country(installation: Installation, bureau: Bureau, other: Bureau) -> None:
    administrator, trainer = bureau.person(UserRole.NATIONAL_ADMINISTRATOR), bureau.person(UserRole.TRAINER)
    theirs = other.person(UserRole.OFFICER)
    attempts: list[Callable[[], object]] = [
        lambda: grant(installation, administrator, theirs.user, UserRole.ANALYST),
        lambda: revoke(installation, administrator, theirs.user, UserRole.OFFICER),
        lambda: set_user_active(installation, administrator, theirs.user, active=False),
        lambda: certify(installation, trainer, theirs.user, "a course", days=10),
        lambda: revoke_certificates(installation, trainer, theirs.user),
        lambda: name_bureau(installation, administrator, "Theirs"),
    ]
    for attempt in attempts:
        with pytest.raises(UnknownRecord):
            attempt()
    assert other.again(theirs).roles == {UserRole.OFFICER}


def test_the_hub_grants_in_no_country_and_no_country_in_the_hub(installation: Installation, bureau: Bureau) -> None:
    hub = Bureau(_hub_code())
    staff = hub.person(UserRole.HUB_ADMINISTRATOR)
    officer = bureau.person(UserRole.OFFICER)
    with pytest.raises(UnknownRecord):
        grant(installation, staff, officer.user, UserRole.ANALYST)
    colleague = hub.person()
    assert grant(installation, staff, colleague.user, UserRole.ANALYST)
    with pytest.raises(NotAllowed, match="its own"):
        grant(installation, staff, colleague.user, UserRole.NATIONAL_ADMINISTRATOR)
    administrator = bureau.person(UserRole.NATIONAL_ADMINISTRATOR)
    with pytest.raises(NotAllowed, match="hub"):
        grant(installation, administrator, officer.user, UserRole.HUB_ADMINISTRATOR)


def test_a_trainer_of_the_hub_certifies_for_all(installation: Installation, bureau: Bureau) -> None:
    trainer, officer = Bureau(_hub_code()).person(UserRole.TRAINER), bureau.person(UserRole.OFFICER)
    assert certify(installation, trainer, officer.user, "the hub's course", days=700) > utc_now()


def _hub_code() -> CountryCode:
    found = Country.objects.using(OWNER).filter(is_hub=True).first()
    if found:
        return CountryCode(found.code)
    made = Bureau(fresh_code())
    made.person()
    found_hub(made.country)
    return made.country


def test_nobody_helps_himself(installation: Installation, bureau: Bureau) -> None:
    everything = bureau.person(UserRole.NATIONAL_ADMINISTRATOR, UserRole.TRAINER)
    for attempt in (
        lambda: grant(installation, everything, everything.user, UserRole.OFFICER),
        lambda: certify(installation, everything, everything.user, "a course", days=10),
        lambda: set_user_active(installation, everything, everything.user, active=False),
    ):
        with pytest.raises(NotAllowed, match="nobody"):
            attempt()


def test_of_two_administrators_who_disable_each_other_one_stays(installation: Installation, bureau: Bureau) -> None:
    one, two = (bureau.person(UserRole.NATIONAL_ADMINISTRATOR) for _ in range(2))
    with pytest.raises(IntegrityError, match="last administrator"), two.acting(utc_now()):
        User.objects.using(OWNER).filter(pk=two.user).update(active=False)  # by the other, in the middle of it
        User.objects.filter(pk=one.user).update(active=False)
    assert bureau.again(one)
    third = bureau.person(UserRole.NATIONAL_ADMINISTRATOR)
    set_user_active(installation, one, third.user, active=False)
    with pytest.raises(ProfileOut):
        bureau.again(third)


def test_the_last_administrator_stays(installation: Installation, bureau: Bureau) -> None:
    one, two = (bureau.person(UserRole.NATIONAL_ADMINISTRATOR) for _ in range(2))
    assert revoke(installation, one, two.user, UserRole.NATIONAL_ADMINISTRATOR)
    with pytest.raises(LastAdministrator):
        revoke(installation, one, one.user, UserRole.NATIONAL_ADMINISTRATOR)
    assert UserRole.NATIONAL_ADMINISTRATOR in bureau.again(one).roles


@pytest.mark.parametrize(
    ("participation", "asks", "enters"),
    [(Participation.FULL, True, True), (Participation.HASH_ONLY, True, True), (Participation.READ_ONLY, True, False),
     (Participation.REFERRAL_ONLY, False, False)],
)  # fmt: skip
def test_a_country_takes_part_as_far_as_it_says(
    installation: Installation, bureau: Bureau, participation: Participation, asks: bool, enters: bool
) -> None:
    officer = bureau.person(UserRole.OFFICER, purpose=Purpose.INVESTIGATION)
    administrator, another = (bureau.person(UserRole.NATIONAL_ADMINISTRATOR) for _ in range(2))
    with_second(installation, another, lambda: set_participation(installation, administrator, participation, "our law"))
    officer = bureau.again(officer)
    assert _refused(lambda: ask_texts(installation, officer, [DIGEST]), NotTakingPart) is not asks
    assert _refused(lambda: open_case(installation, officer, "C-1"), NotTakingPart) is not enters


def test_a_country_that_takes_part_by_digests_enters_these_and_keeps_its_files(
    installation: Installation, bureau: Bureau, tmp_path: Path
) -> None:
    officer = bureau.person(UserRole.OFFICER, purpose=Purpose.INVESTIGATION)
    open_case(installation, officer, "C-1")
    administrator, another = (bureau.person(UserRole.NATIONAL_ADMINISTRATOR) for _ in range(2))
    mode = Participation.HASH_ONLY
    with_second(installation, another, lambda: set_participation(installation, administrator, mode, "our law"))
    officer, terms = bureau.again(officer), Terms("C-1", Category.CATEGORY_1)
    content = uuid4().bytes
    (tmp_path / "a.bin").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    with pytest.raises(NotTakingPart, match="enter digests"):
        list(enter_files(installation, officer, [tmp_path / "a.bin"], terms))
    (line,) = enter_digests(installation, officer, [digest], terms)
    assert line.result == "entered"


def _refused(attempt: Callable[[], object], kind: type[ConcordError]) -> bool:
    try:
        attempt()
    except kind:
        return True
    return False


def test_units_and_users_are_added_and_one_unit_is_the_bureau(installation: Installation, bureau: Bureau) -> None:
    administrator = bureau.person(UserRole.NATIONAL_ADMINISTRATOR)
    north = add_unit(installation, administrator, NewUnit("North"))
    for name, time_zone, refused in (
        ("North", "UTC", AlreadyThere),
        ("x" * 201, "UTC", TooLong),
        ("A", "Mars", UnknownCode),
    ):
        with pytest.raises(refused):
            add_unit(installation, administrator, NewUnit(name, time_zone=time_zone))
    with pytest.raises(TooLong):
        add_user(installation, administrator, "North", "x" * 201)
    add_user(installation, administrator, "North", "Noa")
    another = bureau.person(UserRole.NATIONAL_ADMINISTRATOR)
    with_second(installation, another, lambda: name_bureau(installation, administrator, "North", "it moved"))
    assert list(Unit.objects.using(OWNER).filter(country_id=bureau.country, is_bureau=True)) == [
        Unit.objects.using(OWNER).get(pk=north)
    ]


# ---- what the actions refuse the database refuses as well -----------------------------------------------------------------


def _forge(actor: Actor, what: Callable[[], object]) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), actor.acting(utc_now()), transaction.atomic():
        what()


def test_a_forged_grant_or_certificate_is_refused_by_the_database(bureau: Bureau, other: Bureau) -> None:
    administrator, trainer = bureau.person(UserRole.NATIONAL_ADMINISTRATOR), bureau.person(UserRole.TRAINER)
    officer, mate, theirs = bureau.person(UserRole.OFFICER), bureau.person(), other.person()

    def granted(by: Actor, to: UUID, role: UserRole = UserRole.SUPERVISOR, said: UUID | None = None) -> None:
        _forge(by, lambda: Grant(user_id=to, role=role, granted_by_id=said or by.user, granted_at=utc_now()).save())

    granted(officer, mate.user)  # no administrator
    granted(administrator, administrator.user)  # himself
    granted(administrator, theirs.user)  # another country's
    granted(administrator, mate.user, said=officer.user)  # in another's name
    granted(administrator, mate.user, role=UserRole.HUB_ADMINISTRATOR)

    def certified(by: Actor, to: UUID, said: UUID | None = None) -> None:
        now = utc_now()
        made = Certificate(user_id=to, course="x", issued_by_id=said or by.user, issued_at=now, expires_at=now)
        _forge(by, lambda: made.save(force_insert=True))

    certified(officer, mate.user)
    certified(trainer, trainer.user)
    certified(trainer, theirs.user)
    certified(trainer, mate.user, said=officer.user)


# ---- reading the audit --------------------------------------------------------------------------------------------------


def test_everyone_reads_his_own_a_supervisor_the_units_and_oversight_the_countrys(
    installation: Installation, bureau: Bureau
) -> None:
    north = bureau.person(UserRole.OFFICER, unit="North", purpose=Purpose.INVESTIGATION)
    south = bureau.person(UserRole.OFFICER, unit="South", purpose=Purpose.INVESTIGATION)
    for officer in (north, south):
        ask_texts(installation, officer, [DIGEST])
    supervisor = bureau.person(UserRole.SUPERVISOR, unit="North")
    protection = bureau.person(UserRole.DATA_PROTECTION)

    def seen(actor: Actor, whose: Whose) -> set[UUID]:
        page = read_audit(installation, actor, Wanted(whose, verb=Verb.ASK))
        names = {entry.user: entry.user_name for entry in page.entries}
        assert all(names[one.user] == one.user_name for one in (north, south) if one.user in names)
        return set(names)

    assert seen(north, Whose.MINE) == {north.user}
    assert seen(supervisor, Whose.UNIT) == {north.user}
    assert seen(protection, Whose.COUNTRY) == {north.user, south.user}
    for actor, whose in ((north, Whose.UNIT), (north, Whose.COUNTRY), (supervisor, Whose.COUNTRY)):
        with pytest.raises(NotAllowed, match="open to"):
            read_audit(installation, actor, Wanted(whose))


def test_the_database_shows_nobody_more_of_the_audit_than_that(bureau: Bureau, installation: Installation) -> None:
    one, two = (bureau.person(UserRole.OFFICER, purpose=Purpose.INVESTIGATION) for _ in range(2))
    ask_texts(installation, one, [DIGEST])
    with two.acting(utc_now()):
        assert not AuditEntry.objects.filter(user=one.user).exists()


def test_pages_of_the_audit_leave_nothing_out_and_reading_is_audited(
    installation: Installation, bureau: Bureau
) -> None:
    officer = bureau.person(UserRole.OFFICER, purpose=Purpose.INVESTIGATION)
    for _ in range(5):
        ask_texts(installation, officer, [DIGEST])
    wanted, found, after = Wanted(verb=Verb.ASK), [], None
    while True:
        page = read_audit(installation, officer, wanted, after, limit=2)
        found += [entry.id for entry in page.entries]
        after = page.next
        if after is None:
            break
    assert len(found) == len(set(found)) == 5
    assert len(read_audit(installation, officer, Wanted(verb=Verb.READ_AUDIT)).entries) == 3


def test_what_is_refused_leaves_its_entry(installation: Installation, bureau: Bureau) -> None:
    officer = bureau.person(UserRole.OFFICER)
    with pytest.raises(RoleNeeded):
        grant(installation, officer, uuid4(), UserRole.SUPERVISOR)
    (entry,) = read_audit(installation, officer, Wanted(verb=Verb.GRANT)).entries
    assert (entry.outcome, entry.reason) == ("REFUSED", "role_needed")
