"""The server's entry point, with everything around it replaced: what it starts and what it serves."""

import runpy
from types import SimpleNamespace

import pytest

from concord.actions import erase_intake, upload
from concord.site import log, urls, wiring


def test_a_server_watches_index_uploads_and_intakes_and_publishes_its_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[object] = []
    installation = SimpleNamespace(search=SimpleNamespace(watch=lambda: done.append("index")))
    monkeypatch.setattr(log, "set_up", lambda: None)
    monkeypatch.setattr(wiring, "open_installation", lambda _: installation)
    monkeypatch.setattr(upload, "watch_uploads", lambda one: done.append(("uploads", one)))
    monkeypatch.setattr(erase_intake, "watch_intakes", lambda: done.append("intakes"))
    monkeypatch.setattr(urls, "publish", lambda one: done.append(("addresses", one)))
    served = runpy.run_module("concord.site.wsgi")
    assert done == ["index", ("uploads", installation), "intakes", ("addresses", installation)]
    assert callable(served["application"])
