"""The door for people: HTML pages that work without a script and are quicker with one."""

from django.urls import URLPattern, path

from concord.actions.installation import Installation
from concord.web.account import AccountPages
from concord.web.asking import Asking
from concord.web.door import ForOfficer, Refuse, View, for_officers, guarded
from concord.web.pages import refused, refused_in_words
from concord.web.passkeys import Passkeys
from concord.web.signing_in import SigningIn
from concord.web.through import Through

FORM_BYTES = 256 << 10  # of what is sent to sign in: nobody has to be signed in to send it


def routes(installation: Installation) -> list[URLPattern]:
    """Every address of this door, bound to its installation."""
    return [*_asking(installation), *_signing_in(installation), *_own_account(installation)]


def _asking(installation: Installation) -> list[URLPattern]:
    asking, limit = Asking(installation), installation.config.limits.request_bytes
    return [
        path("", guarded(for_officers(installation, asking.page), limit, refused), name="home"),
        path("ask", guarded(for_officers(installation, asking.ask), limit, refused), name="ask"),
        path("ask/cards", guarded(for_officers(installation, asking.cards), limit, refused_in_words), name="cards"),
    ]


def _signing_in(installation: Installation) -> list[URLPattern]:
    """For whoever is not signed in yet."""

    def at(address: str, name: str, view: View, refuse: Refuse = refused) -> URLPattern:
        return path(address, guarded(view, FORM_BYTES, refuse, installation.rates), name=name)

    signing_in, passkeys, through = SigningIn(installation), Passkeys(installation), Through(installation)
    addresses = [
        at("sign-in", "sign-in", signing_in.page),
        at("sign-in/recovery", "recovery", signing_in.recovery),
        at("sign-in/passkey/begin", "passkey-begin", passkeys.sign_in_begin, refused_in_words),
        at("sign-in/passkey", "passkey", passkeys.sign_in, refused_in_words),
        at("sign-in/provider/<str:country>", "provider", through.go),
        at("sign-in/provider/<str:country>/return", "provider-return", through.back),
        at("join", "join", passkeys.join_page),
        at("join/begin", "join-begin", passkeys.join_begin, refused_in_words),
        at("join/passkey", "join-passkey", passkeys.join, refused_in_words),
        at("sign-out", "sign-out", signing_in.sign_out),
    ]
    return [*addresses, at("persona/<str:secret>", "persona", signing_in.persona)] if installation.demo else addresses


def _own_account(installation: Installation) -> list[URLPattern]:
    """For whoever is signed in, whatever his roles."""

    def at(address: str, name: str, view: ForOfficer, refuse: Refuse = refused) -> URLPattern:
        return path(address, guarded(for_officers(installation, view), FORM_BYTES, refuse), name=name)

    account, passkeys, through = AccountPages(installation), Passkeys(installation), Through(installation)
    return [
        at("account", "account", account.page),
        at("account/sessions/end", "end-session", account.end_session),
        at("account/sessions/end-all", "end-sessions", account.end_all),
        at("account/passkeys/begin", "register-begin", passkeys.register_begin, refused_in_words),
        at("account/passkeys", "register", passkeys.register, refused_in_words),
        at("account/passkeys/revoke", "revoke-passkey", account.revoke_passkey),
        at("account/tokens/revoke", "revoke-token", account.revoke_token),
        at("account/codes", "codes", account.codes),
        at("step-up", "step-up", account.step_up_page),
        at("step-up/begin", "step-up-begin", passkeys.step_up_begin, refused_in_words),
        at("step-up/passkey", "step-up-passkey", passkeys.step_up, refused_in_words),
        at("step-up/provider", "step-up-provider", through.step_up),
    ]
