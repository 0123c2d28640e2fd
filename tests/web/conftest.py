"""A visitor without a script; and a real server with a real browser before it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, sync_playwright

from concord.actions.installation import Installation
from tests.web.visitor import Visitor

STARTING_SECONDS = 60


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)


@pytest.fixture(scope="session")
def live_server_url(installation: Installation) -> Iterator[str]:
    """`concord serve` on the session's installation."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "concord", "serve", "--port", str(port)]
    environment = {**os.environ, "CONCORD_HOME": str(installation.config.home), "CONCORD_WORKERS": "2"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/sign-in", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=STARTING_SECONDS)


def wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urlopen(url).close()
        except (URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not come up; its own lines are above")


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
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()
