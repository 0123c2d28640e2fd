"""The headers under which every page lives: nothing runs, loads, frames or leaks that this installation did not serve."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",  # text becomes markup in one place only: static/concord/answers.js
        "trusted-types concord",
    )
)

# What the pages use is the clipboard, to copy a digest. The rest is switched off by name: there is no word for "all".
SWITCHED_OFF = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation", "gyroscope",
    "hid", "idle-detection", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS_POLICY = ", ".join([*(f"{name}=()" for name in SWITCHED_OFF), "clipboard-write=(self)"])

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: under it a browser sends a form with `Origin: null`, which the check against forged forms refuses.
    # Other sites learn nothing by either.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS_POLICY,
}


class StrictHeaders:
    """Middleware: sets HEADERS on every response, and forbids keeping any but the static ones."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        for name, value in HEADERS.items():
            response[name] = value
        if not request.path.startswith(str(settings.STATIC_URL)):
            response["Cache-Control"] = "no-store"
        return response
