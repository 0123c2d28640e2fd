"""Every address, of both doors that speak HTTP."""

from django.urls import URLPattern

from concord.actions.installation import Installation

urlpatterns: list[URLPattern] = []
handler400, handler403, handler404, handler500 = (
    f"concord.web.pages.{name}" for name in ("bad_request", "forbidden", "not_found", "server_error")
)


def publish(installation: Installation) -> None:
    """Binds the views to their installation. Once a process, before the first request."""
    from concord import api, web  # their modules need Django to be set up

    urlpatterns[:] = [*api.routes(installation), *web.routes(installation)]
