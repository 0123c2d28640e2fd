"""A visitor without a script; and a real browser."""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from concord.actions.installation import Installation
from tests.web.visitor import Visitor

LAUNCHING_MILLISECONDS = 180_000  # a bound against hanging


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Of the machine. Ends with its module: while it runs, there is an event loop in this thread."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on this machine")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv(
            "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
        )  # the loop is the browser's; the tests use the database beside it
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=LAUNCHING_MILLISECONDS
        )
        yield browser
        browser.close()
