"""Passkeys in a real Chromium, with its virtual authenticator in place of a key on a ring."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from concord.access.actor import Actor
from concord.actions.register import invite_locally
from concord.values import utc_now
from tests.officers import Officers

pytestmark = pytest.mark.browser
LONGEST_MILLISECONDS = 120_000  # a bound against hanging
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
FORM = "[data-passkey]:not([hidden]) "


@pytest.fixture
def context(chromium: Browser, live_server_url: str) -> Iterator[BrowserContext]:
    """At the name that passkeys belong to, which an address of numbers is not."""
    made = chromium.new_context(base_url=f"http://localhost:{urlsplit(live_server_url).port}", reduced_motion="reduce")
    made.set_default_timeout(LONGEST_MILLISECONDS)
    yield made
    made.close()


@pytest.fixture
def actor(officers: Officers) -> Actor:
    return officers.of("XA")


def with_device(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def test_from_the_invitation_over_signing_in_and_stepping_up_to_a_second_sign_out(
    context: BrowserContext, actor: Actor
) -> None:
    page, complaints = context.new_page(), []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    with_device(page)
    page.goto(f"/join#{invite_locally(actor.profile, utc_now)}")
    assert "#" not in page.url  # nobody reads it over a shoulder
    page.get_by_label("What this device is called").fill("Virtual key")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
    expect(page.get_by_text("Virtual key")).to_be_visible()

    page.get_by_role("button", name="Make ten new ones").click()
    expect(page.locator(".codes li")).to_have_count(10)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it new, known or identified?")
    page.goto("/step-up?back=/account")
    page.get_by_role("button", name="Step up with a passkey").click()
    expect(page.get_by_text("10 of ten are left")).to_be_visible()
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert complaints == []  # a violation of the content security policy is one


def test_without_a_device_the_page_says_so_and_stays(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/sign-in")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError')); }"
    )
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again, or take another way.")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_enabled()


def test_a_script_without_the_nonce_does_not_run(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/sign-in")
    ran = page.evaluate(
        """() => new Promise((done) => {
             const script = document.createElement("script");
             script.onload = () => done(true);
             script.onerror = () => done(false);
             script.setAttribute("src", trustedTypes.createPolicy("concord", {createScriptURL: (u) => u})
                 .createScriptURL("/static/concord/copy.js"));
             document.head.append(script);
           })"""
    )
    assert ran is False
