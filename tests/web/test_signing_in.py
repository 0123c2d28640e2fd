import re
from dataclasses import replace

import pytest

from concord.actions.enrol import issue_token, revoke_tokens, set_active
from concord.actions.installation import Installation
from concord.records.user import Token, User
from concord.values import utc_now
from concord.web.session import COOKIE
from tests.officers import Officers
from tests.web.visitor import Visitor, Watch, text_of


@pytest.fixture
def demo(installation: Installation) -> Visitor:
    return Visitor(replace(installation, demo=True))


def test_nobody_gets_the_ask_page_without_signing_in(visitor: Visitor) -> None:
    response = visitor.get("/")
    assert (response.status_code, response["Location"]) == (302, "/sign-in")


def test_a_token_signs_in_and_its_owner_is_named(visitor: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    response = visitor.post("/sign-in", token=f" {officers.token(actor)}\n")
    assert (response.status_code, response["Location"]) == (302, "/")
    text = text_of(visitor.get("/"))
    assert f"Signed in as {actor.user_name} , {actor.unit_name} (XA). Purpose: TRAINING." in text
    assert "Every question is recorded." in text


@pytest.mark.parametrize("token", ["", "wrong", "x" * 100_000, "\x00", "\ud7ff"])
def test_a_wrong_token_shows_the_form_again_with_an_alert(visitor: Visitor, token: str) -> None:
    response = visitor.post("/sign-in", token=token)
    assert response.status_code == 401
    assert 'role="alert"' in response.content.decode()
    assert COOKIE not in response.cookies


def test_a_revoked_token_looks_like_an_unknown_one(visitor: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    token = officers.token(actor)
    revoke_tokens(actor.profile, utc_now)
    revoked, unknown = (visitor.post("/sign-in", token=given) for given in (token, "unknown"))
    assert revoked.status_code == unknown.status_code == 401
    assert text_of(revoked) == text_of(unknown)


def test_a_user_who_is_revoked_is_out_with_the_next_request(visitor: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    visitor.signed_in(actor)
    assert visitor.get("/").status_code == 200
    User.objects.using("owner").filter(id=actor.user).update(active=False)
    assert visitor.get("/").status_code == 302
    assert visitor.post("/ask/cards", texts="00" * 32).status_code == 401


def test_a_session_ends_when_its_token_is_revoked(visitor: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    visitor.post("/sign-in", token=officers.token(actor))
    assert visitor.get("/").status_code == 200
    revoke_tokens(actor.profile, utc_now)
    assert visitor.get("/")["Location"] == "/sign-in?ended"
    assert visitor.post("/ask/cards", texts="00" * 32).status_code == 401
    officers.token(actor)  # a new token does not bring an old session back
    assert visitor.get("/").status_code == 302


def test_a_session_ends_when_its_token_expires(visitor: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    visitor.post("/sign-in", token=officers.token(actor))
    Token.objects.using("owner").filter(profile_id=actor.profile).update(expires_at=utc_now())
    assert visitor.get("/")["Location"] == "/sign-in?ended"


def test_a_session_is_none_of_the_other_tokens_business(visitor: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    officers.token(actor)
    other = Token.objects.using("owner").get(profile_id=actor.profile)
    visitor.post("/sign-in", token=officers.token(actor))
    Token.objects.using("owner").filter(id=other.id).update(revoked_at=utc_now())
    assert visitor.get("/").status_code == 200


def test_a_disabled_profile_is_out_until_it_is_enabled(visitor: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    visitor.post("/sign-in", token=officers.token(actor))
    set_active(actor.profile, active=False)
    assert visitor.get("/").status_code == 302
    set_active(actor.profile, active=True)
    assert visitor.get("/").status_code == 200


def test_a_session_ends_without_use_and_says_so(installation: Installation, officers: Officers) -> None:
    watch = Watch()
    visitor = Visitor(replace(installation, clock=watch)).signed_in(officers.of("XA"))
    for _ in range(3):
        watch.goes_on(14 * 60)
        assert visitor.get("/").status_code == 200
    watch.goes_on(15 * 60)
    response = visitor.get("/")
    assert response["Location"] == "/sign-in?ended"
    assert "Your session has ended. Sign in again." in text_of(visitor.get(response["Location"]))


def test_a_session_ends_after_twelve_hours_of_use(installation: Installation, officers: Officers) -> None:
    watch = Watch()
    visitor = Visitor(replace(installation, clock=watch)).signed_in(officers.of("XA"))
    for _ in range(12 * 6 - 1):
        watch.goes_on(10 * 60)
        assert visitor.get("/").status_code == 200
    watch.goes_on(10 * 60)
    assert visitor.get("/").status_code == 302


def test_a_page_that_is_only_sent_to_says_so_where_somebody_opens_it(visitor: Visitor, officers: Officers) -> None:
    """After reloading, or from the history: not an empty answer, which a browser shows as its own fault."""
    visitor.signed_in(officers.of("XA"))
    for address in ("/sign-out", "/account/codes", "/sign-in/recovery"):
        response = visitor.get(address)
        assert (response.status_code, response["Allow"]) == (405, "POST")
        assert "Back to the first page" in text_of(response)


@pytest.mark.parametrize(
    ("address", "field", "said", "opens"),
    [
        ("/sign-in", "token", "give a valid token", "Access token"),
        ("/sign-in/recovery", "code", "This recovery code is unknown, used already or void.", "Recovery code"),
    ],
)
def test_what_did_not_work_is_called_by_its_name_and_its_way_stays_open(
    visitor: Visitor, address: str, field: str, said: str, opens: str
) -> None:
    page = visitor.post(address, **{field: "wrong"}).content.decode()
    assert said in page
    (way,) = re.findall(r"<details open>\s*<summary>([^<]*)<", page)
    assert way == opens


def test_signing_out_clears_the_browser(visitor: Visitor, officers: Officers) -> None:
    visitor.signed_in(officers.of("XA"))
    assert visitor.get("/sign-out").status_code == 405
    response = visitor.post("/sign-out")
    assert response["Location"] == "/sign-in"
    assert '"cookies"' in response["Clear-Site-Data"]
    assert visitor.get("/").status_code == 302


def test_a_forged_form_is_refused_in_friendly_words(installation: Installation, officers: Officers) -> None:
    actor = officers.of("XA")
    visitor = Visitor(installation, enforce_csrf_checks=True).signed_in(actor)
    for address, fields in (
        ("/sign-in", {"token": officers.token(actor)}),
        ("/sign-out", {}),
        ("/ask", {"texts": "x"}),
    ):
        response = visitor.post(address, **fields)
        assert response.status_code == 403
        assert "This form is no longer valid" in text_of(response)


def test_the_form_itself_is_accepted(installation: Installation, officers: Officers) -> None:
    visitor = Visitor(installation, enforce_csrf_checks=True)
    page = visitor.get("/sign-in").content.decode()
    secret = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[-1]
    response = visitor.post("/sign-in", token=officers.token(officers.of("XA")), csrfmiddlewaretoken=secret)
    assert response["Location"] == "/"


# ---- personas of a demonstration ----


def test_a_persona_link_signs_in_once(demo: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    link = f"/persona/{issue_token(actor.profile, 'persona', utc_now, single_use=True)}"
    assert demo.head(link).status_code == 405  # and does not spend it
    assert demo.get(link)["Location"] == "/"
    assert actor.user_name in text_of(demo.get("/"))
    assert demo.get("/").status_code == 200  # the session outlives the link
    again = demo.get(link)
    assert again.status_code == 401
    assert "This link is spent" in text_of(again)


def test_a_session_from_a_link_ends_with_its_token(demo: Visitor, officers: Officers) -> None:
    actor = officers.of("XA")
    demo.get(f"/persona/{issue_token(actor.profile, 'persona', utc_now, single_use=True)}")
    revoke_tokens(actor.profile, utc_now)
    assert demo.get("/").status_code == 302


def test_a_demonstration_says_where_the_links_are(demo: Visitor, visitor: Visitor) -> None:
    assert "terminal" in text_of(demo.get("/sign-in"))
    assert "terminal" not in text_of(visitor.get("/sign-in"))


def test_there_are_no_personas_elsewhere(visitor: Visitor, officers: Officers) -> None:
    token = issue_token(officers.of("XA").profile, "persona", utc_now, single_use=True)
    response = visitor.get(f"/persona/{token}")
    assert response.status_code == 404
    assert COOKIE not in response.cookies
