"""Behind a proxy that adds TLS, as docs/operations.md tells to set it up."""

import pytest
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory, override_settings

from concord.actions.installation import Installation
from concord.config import read_config
from concord.site.settings import settings_for
from concord.web.session import COOKIE
from tests.officers import Officers
from tests.web.visitor import addresses

NAME = "concord.example"


def _sign_in(installation: Installation, officers: Officers, *, told: bool) -> HttpResponse:
    """The form as a browser sends it that sees the page under https."""
    factory = RequestFactory(SERVER_NAME=NAME)
    request = factory.get("/sign-in")
    token = get_token(request)
    client = Client(HTTP_HOST=NAME, enforce_csrf_checks=True)
    client.cookies["csrftoken"] = request.META["CSRF_COOKIE"]
    proxy = {"HTTP_X_FORWARDED_PROTO": "https"} if told else {}
    fields = {"csrfmiddlewaretoken": token, "token": officers.token(officers.of("XA"))}
    with override_settings(ROOT_URLCONF=addresses(installation), ALLOWED_HOSTS=[NAME]):
        return client.post("/sign-in", fields, HTTP_ORIGIN=f"https://{NAME}", **proxy)  # type: ignore[arg-type]


def test_a_form_sent_through_the_proxy_is_taken_and_the_session_is_for_https_only(
    installation: Installation, officers: Officers
) -> None:
    response = _sign_in(installation, officers, told=True)
    assert response.status_code == 302
    assert response.cookies[COOKIE]["secure"]


@pytest.mark.parametrize("told", [True, False])
def test_a_proxy_that_does_not_say_https_is_noticed_at_once(
    installation: Installation, officers: Officers, told: bool
) -> None:
    assert (_sign_in(installation, officers, told=told).status_code == 403) is not told


def test_with_an_origin_no_header_says_whether_there_is_tls() -> None:
    made = settings_for(read_config({"CONCORD_ORIGIN": f"https://{NAME}"}))
    assert made["SECURE_PROXY_SSL_HEADER"] is None
    assert made["CSRF_TRUSTED_ORIGINS"] == [f"https://{NAME}"]
    assert made["CSRF_COOKIE_SECURE"]
    assert NAME in made["ALLOWED_HOSTS"]


@override_settings(SECURE_PROXY_SSL_HEADER=None, CSRF_TRUSTED_ORIGINS=[f"https://{NAME}"], CSRF_COOKIE_SECURE=True)
@pytest.mark.parametrize("told", [True, False])
def test_with_an_origin_the_session_is_for_https_only_whatever_a_header_says(
    installation: Installation, officers: Officers, told: bool
) -> None:
    response = _sign_in(installation, officers, told=told)
    assert response.status_code == 302
    assert response.cookies[COOKIE]["secure"]
