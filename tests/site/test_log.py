"""A stranger's request with a wrong Host header costs one line of log, not a trace."""

import logging

import pytest
from django.test import Client, override_settings

from concord.actions.installation import Installation
from concord.site import log
from tests.web.visitor import addresses


def test_an_unknown_host_is_one_line_in_the_log(installation: Installation, caplog: pytest.LogCaptureFixture) -> None:
    log.set_up()
    caplog.handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    with override_settings(ROOT_URLCONF=addresses(installation), ALLOWED_HOSTS=["localhost"]):
        assert Client(HTTP_HOST="evil\n.example").get("/sign-in").status_code == 400
    (line,) = caplog.text.splitlines()
    assert line.startswith("WARNING Invalid HTTP_HOST header")


def test_other_errors_keep_their_trace(caplog: pytest.LogCaptureFixture) -> None:
    log.set_up()
    logging.getLogger("django.request").error("Internal Server Error", exc_info=RuntimeError("a fault"))
    assert "RuntimeError: a fault" in caplog.text
