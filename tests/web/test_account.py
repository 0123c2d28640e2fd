"""One's own account: what is listed, what is ended, and what needs a step-up first."""

import json
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from concord.access.actor import Actor, sign_in, sign_in_by_session, sign_in_by_token
from concord.access.audit import AuditEntry
from concord.access.passkey import Passkey
from concord.access.step_up import FRESH, demand_stepped_up, stepped_up
from concord.actions.enrol import issue_token
from concord.actions.installation import Installation
from concord.actions.register import invite, invite_locally, revoke_passkeys
from concord.errors import NeedsStepUp, NotAllowed, UnknownRecord
from concord.records.user import Grant, Token, UserRole
from concord.values import utc_now
from concord.web.session import COOKIE, Session
from tests.officers import Officers
from tests.web.device import Device
from tests.web.test_passkeys import asked, join
from tests.web.test_passkeys import sign_in as sign_in_with
from tests.web.visitor import Visitor, Watch, text_of


@pytest.fixture
def actor(officers: Officers) -> Actor:
    return officers.of("XA")


def actor_of(visitor: Visitor) -> Actor:
    return sign_in_by_session(Session.unseal(visitor.client.cookies[COOKIE].value).id)


def test_a_session_of_a_passkey_is_stepped_up_for_five_minutes(installation: Installation, actor: Actor) -> None:
    watch = Watch()
    visitor = Visitor(replace(installation, clock=watch))
    join(visitor, actor, Device())
    one = actor_of(visitor)
    demand_stepped_up(one, watch())
    demand_stepped_up(one, watch() + FRESH)
    with pytest.raises(NeedsStepUp, match="more than 5 minutes"):
        demand_stepped_up(one, watch() + FRESH + timedelta(microseconds=1))


def test_a_token_never_steps_up_and_a_local_profile_need_not(officers: Officers, actor: Actor) -> None:
    assert (
        stepped_up(sign_in_by_token(officers.token(actor)), utc_now()) == "a token cannot show that somebody is there"
    )
    assert stepped_up(sign_in(actor.profile), utc_now()) is None


def test_a_session_of_a_token_adds_no_passkey_and_makes_no_codes(visitor: Visitor, actor: Actor) -> None:
    visitor.signed_in(actor)
    response = visitor.post("/account/passkeys/begin")
    assert (response.status_code, b"Show first that it is you" in response.content) == (403, True)
    response = visitor.post("/account/codes", HTTP_REFERER="http://localhost/account")
    assert response.status_code == 403
    assert "/step-up?back=" in response.content.decode()
    assert "Step up to add a passkey" in text_of(visitor.get("/account"))
    refused = AuditEntry.objects.using("owner").filter(user=actor.user, reason="needs_step_up")
    assert {entry.verb for entry in refused} == {"ADD-PASSKEY", "MAKE-RECOVERY-CODES"}


def test_stepping_up_opens_what_was_closed_and_leads_back(installation: Installation, actor: Actor) -> None:
    watch, device = Watch(), Device()
    visitor = Visitor(replace(installation, clock=watch))
    join(visitor, actor, device)
    watch.goes_on(6 * 60)
    assert visitor.post("/account/codes").status_code == 403
    options = asked(visitor, "/step-up/begin")
    assert len(options["allowCredentials"]) == 1
    said = visitor.post("/step-up/passkey", answer=json.dumps(device.answer(options)), back="/account")
    assert json.loads(said.content) == {"next": "/account"}
    assert visitor.post("/account/codes").status_code == 200
    verbs = AuditEntry.objects.using("owner").filter(user=actor.user, outcome="DONE").values_list("verb", flat=True)
    assert {"STEP-UP", "MAKE-RECOVERY-CODES", "BEGIN-SESSION"} <= set(verbs)


def test_nobody_steps_up_with_anothers_passkey_and_ten_wrong_answers_close_the_way(
    installation: Installation, officers: Officers, actor: Actor
) -> None:
    foreign, mine = Device(), Device()
    join(Visitor(installation), officers.of("XA"), foreign)
    visitor = Visitor(installation)
    join(visitor, actor, mine)
    before = actor_of(visitor).stepped_up_at
    for _ in range(10):
        answer = json.dumps(foreign.answer(asked(visitor, "/step-up/begin")))
        assert visitor.post("/step-up/passkey", answer=answer).status_code == 401
    answer = json.dumps(mine.answer(asked(visitor, "/step-up/begin")))
    response = visitor.post("/step-up/passkey", answer=answer)
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 300
    assert actor_of(visitor).stepped_up_at == before


def test_a_refused_passkey_leaves_its_entry_whatever_was_wrong_with_it(
    installation: Installation, actor: Actor
) -> None:
    """A wrong answer, a challenge that was answered before, and an invitation that is none any more."""
    visitor = Visitor(installation)
    assert join(visitor, actor, Device()).status_code == 200
    options = asked(visitor, "/account/passkeys/begin")
    foreign = json.dumps(Device(origin="https://evil.example").make(options))
    for address, body in (("/account/passkeys", foreign), ("/account/passkeys", json.dumps(Device().make(options)))):
        assert visitor.post(address, answer=body, label="x").status_code == 401
    options = asked(visitor, "/step-up/begin")
    for _ in range(2):
        assert visitor.post("/step-up/passkey", answer="{}").status_code == 401
    secret = invite_locally(actor.profile, utc_now)
    options = asked(visitor, "/join/begin", secret=secret)
    made = json.dumps(Device(origin="https://evil.example").make(options))
    assert visitor.post("/join/passkey", answer=made).status_code == 401
    revoke_passkeys(actor.profile, utc_now)
    assert visitor.post("/join/begin", secret=secret).status_code == 401
    refused = AuditEntry.objects.using("owner").filter(user=actor.user, outcome="REFUSED").order_by("at")
    assert list(refused.values_list("verb", "reason")) == [
        *[("ADD-PASSKEY", "passkey_refused")] * 2,
        *[("STEP-UP", "passkey_refused")] * 2,
        ("BEGIN-SESSION", "passkey_refused"),
        ("BEGIN-SESSION", "invitation_spent"),
    ]


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "javascript:alert(1)", "account", "/\\evil"]
)
def test_a_step_up_leads_back_to_pages_of_this_installation_only(visitor: Visitor, actor: Actor, back: str) -> None:
    visitor.signed_in(actor)
    page = visitor.get("/step-up", data={"back": back}).content.decode()
    assert '<input type="hidden" name="back" value="/">' in page


def test_who_has_no_role_sees_his_own_account_signs_out_and_does_nothing_else(visitor: Visitor, actor: Actor) -> None:
    visitor.signed_in(actor)
    Grant.objects.using("owner").filter(user_id=actor.user).update(revoked_at=utc_now())
    page = visitor.get("/account")
    shown = text_of(page)
    assert page.status_code == 200
    assert f"{actor.user_name}, {actor.unit_name} (XA)" in shown
    assert "Passkeys None." in shown
    refused = [
        visitor.post("/account/passkeys/begin"), visitor.post("/account/codes"), visitor.post("/step-up/begin"),
        visitor.post("/ask/cards", texts="ab" * 32),
    ]  # fmt: skip
    assert [one.status_code for one in refused] == [403] * 4
    shown = text_of(visitor.get("/account"))  # each with its entry, which he reads there
    assert "ASK" in shown
    assert shown.count("refused: role_needed") == 4
    assert visitor.post("/sign-out")["Location"] == "/sign-in"


def test_signing_out_ends_the_session_on_the_server(visitor: Visitor, actor: Actor) -> None:
    visitor.signed_in(actor)
    kept = visitor.client.cookies[COOKIE].value
    visitor.post("/sign-out")
    visitor.client.cookies[COOKIE] = kept
    assert visitor.get("/")["Location"] == "/sign-in?ended"
    assert AuditEntry.objects.using("owner").filter(user=actor.user, verb="END-SESSION").count() == 1


def test_signing_in_again_ends_the_session_before_and_gives_a_new_id(
    visitor: Visitor, officers: Officers, actor: Actor
) -> None:
    visitor.signed_in(actor)
    before = visitor.client.cookies[COOKIE].value
    visitor.post("/sign-in", token=officers.token(actor))
    after = visitor.client.cookies[COOKIE].value
    assert Session.unseal(before).id != Session.unseal(after).id
    visitor.client.cookies[COOKIE] = before
    assert visitor.get("/").status_code == 302


def test_a_session_that_somebody_else_planted_does_not_become_the_victims(
    installation: Installation, officers: Officers, actor: Actor
) -> None:
    """Fixation: the attacker's own cookie in the victim's browser is replaced, and stays the attacker's."""
    attacker = Visitor(installation).signed_in(officers.of("XB"))
    planted = attacker.client.cookies[COOKIE].value
    victim = Visitor(installation)
    victim.client.cookies[COOKIE] = planted
    victim.post("/sign-in", token=officers.token(actor))
    assert actor_of(victim) == actor
    attacker.client.cookies[COOKIE] = planted
    assert attacker.get("/").status_code == 302


def test_signing_out_everywhere_ends_all_sessions_and_nobody_elses(
    installation: Installation, officers: Officers, actor: Actor
) -> None:
    mine, mine_too, other = (Visitor(installation) for _ in range(3))
    mine.signed_in(actor), mine_too.signed_in(actor), other.signed_in(officers.of("XA"))
    assert text_of(mine.get("/account")).count("Another browser") == 1
    assert mine.post("/account/sessions/end-all")["Location"] == "/sign-in"
    assert [one.get("/").status_code for one in (mine, mine_too, other)] == [302, 302, 200]


def test_one_ends_revokes_and_sees_only_what_is_ones_own(
    installation: Installation, officers: Officers, actor: Actor
) -> None:
    other = officers.of("XA")
    owner = Visitor(installation)
    join(owner, other, Device())
    officers.token(other)
    passkey = Passkey.objects.using("owner").get(profile_id=other.profile)
    token = Token.objects.using("owner").get(profile_id=other.profile)
    thief = Visitor(installation).signed_in(actor)
    thief.post("/account/sessions/end", id=str(actor_of(owner).session))
    assert thief.post("/account/passkeys/revoke", id=str(passkey.id)).status_code == 404
    assert thief.post("/account/tokens/revoke", id=str(token.id)).status_code == 404
    for wrong in ("", "x", str(uuid.uuid4())):
        assert thief.post("/account/passkeys/revoke", id=wrong).status_code == 404
    assert owner.get("/").status_code == 200
    shown = text_of(thief.get("/account"))
    assert "Key on my ring" not in shown
    assert owner.post("/account/tokens/revoke", id=str(token.id)).status_code == 302
    assert "None." in text_of(owner.get("/account"))
    owner.post("/account/passkeys/revoke", id=str(passkey.id))
    assert owner.get("/")["Location"] == "/sign-in?ended"  # it began with that one


def test_a_second_device_is_added_and_the_first_is_not_made_twice(installation: Installation, actor: Actor) -> None:
    visitor, first, second = Visitor(installation), Device(), Device()
    join(visitor, actor, first)
    options = asked(visitor, "/account/passkeys/begin")
    assert len(options["excludeCredentials"]) == 1
    said = visitor.post("/account/passkeys", answer=json.dumps(second.make(options)), label="  Second\n key ")
    assert said.status_code == 200
    assert "Second key" in text_of(visitor.get("/account"))
    options = asked(visitor, "/account/passkeys/begin")
    assert visitor.post("/account/passkeys", answer=json.dumps(second.make(options))).status_code == 409
    assert sign_in_with(Visitor(installation), second).status_code == 200


def test_a_token_with_scopes_opens_pages_only_if_they_say_so(installation: Installation, actor: Actor) -> None:
    narrow = issue_token(actor.profile, "lab", utc_now, scopes=["ASK"])
    assert Visitor(installation).post("/sign-in", token=narrow).status_code == 401
    wide = issue_token(actor.profile, "page", utc_now, scopes=["ASK", "BEGIN-SESSION"])
    visitor = Visitor(installation)
    assert visitor.post("/sign-in", token=wide).status_code == 302
    assert actor_of(visitor).scopes == {"ASK", "BEGIN-SESSION"}
    assert visitor.get("/account").status_code == 403
    assert visitor.post("/sign-out")["Location"] == "/sign-in"
    assert visitor.get("/").status_code == 302


def test_an_administrator_invites_people_of_his_own_country_only(
    installation: Installation, officers: Officers
) -> None:
    actor, boss = (
        officers.of("XG"),
        officers.of("XG"),
    )  # a country of its own: who administers it enrols nobody by himself
    with pytest.raises(NotAllowed):
        invite(installation, actor, actor.profile)
    Grant.objects.using("owner").create(user_id=boss.user, role=UserRole.NATIONAL_ADMINISTRATOR, granted_at=utc_now())
    boss = sign_in(boss.profile)
    secret = invite(installation, boss, actor.profile)
    assert asked(Visitor(installation), "/join/begin", secret=secret)["user"]["displayName"] == actor.user_name
    with pytest.raises(UnknownRecord):
        invite(installation, boss, officers.of("XA").profile)
