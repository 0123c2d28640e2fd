"""The headers under which every page lives: nothing runs, loads, frames or leaks that this installation did not serve."""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from concord.web.session import over_tls

NONCE_BYTES = 16
NONCE = "CONCORD_NONCE"  # in a request's META, where no header of a client can write: those begin with HTTP_


def content_security_policy(nonce: str) -> str:
    """Scripts and styles by the nonce of this response alone: not even another file of this installation runs without it."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}'",  # what a script imports inherits its nonce
            f"style-src 'nonce-{nonce}'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",  # text becomes markup in one place only: static/concord/answers.js
            "trusted-types concord",
        )
    )


# What the pages use is the clipboard, to copy a digest, and passkeys. The rest is switched off by name: there is no word
# for "all".
SWITCHED_OFF = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation", "gyroscope",
    "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
OWN = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS_POLICY = ", ".join([*(f"{name}=()" for name in SWITCHED_OFF), *(f"{name}=(self)" for name in OWN)])

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: under it a browser sends a form with `Origin: null`, which the check against forged forms refuses.
    # Other sites learn nothing by either.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
}

# Over TLS only: elsewhere browsers ignore it. Not for names below this one, which may be somebody else's.
ALWAYS_TLS = "max-age=63072000"  # two years, in seconds


class StrictHeaders:
    """Middleware: sets HEADERS, and a policy with a nonce of its own, on every response; only static ones may be kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.META[NONCE] = secrets.token_urlsafe(NONCE_BYTES)
        response = self._get_response(request)
        response["Content-Security-Policy"] = content_security_policy(request.META[NONCE])
        for name, value in HEADERS.items():
            response[name] = value
        if over_tls(request):
            response["Strict-Transport-Security"] = ALWAYS_TLS
            for cookie in response.cookies.values():  # that of forms knows only what is configured
                cookie["secure"] = True
        if not request.path.startswith(str(settings.STATIC_URL)):
            response["Cache-Control"] = "no-store"
        return response


def nonce(request: HttpRequest) -> dict[str, str]:
    """For templates: what a script or style tag must carry to be let run."""
    return {"nonce": request.META.get(NONCE, "")}
