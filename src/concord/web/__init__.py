"""The door for people: HTML pages that work without a script and are quicker with one."""

from django.urls import URLPattern, path

from concord.actions.installation import Installation
from concord.web.asking import Asking
from concord.web.door import for_officers, guarded
from concord.web.pages import refused, refused_in_words
from concord.web.signing_in import SigningIn


def routes(installation: Installation) -> list[URLPattern]:
    """Every address of this door, bound to its installation."""
    asking, signing_in, limit = Asking(installation), SigningIn(installation), installation.config.limits.request_bytes
    addresses = [
        path("", guarded(for_officers(installation, asking.page), limit, refused), name="home"),
        path("ask", guarded(for_officers(installation, asking.ask), limit, refused), name="ask"),
        path("ask/cards", guarded(for_officers(installation, asking.cards), limit, refused_in_words), name="cards"),
        path("sign-in", guarded(signing_in.page, limit, refused), name="sign-in"),
        path("sign-out", guarded(signing_in.sign_out, limit, refused), name="sign-out"),
    ]
    if installation.demo:
        addresses.append(path("persona/<str:secret>", guarded(signing_in.persona, limit, refused), name="persona"))
    return addresses
