"""The server's entry point, with everything around it replaced: what it starts and what it serves."""

import runpy
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from concord.access.rate import Rates
from concord.actions import alerts, erase, erase_intake, supervise, upload
from concord.site import log, urls, wiring

WATCHES = {"uploads": upload, "alerts": alerts, "clocks": supervise, "removals": erase}


@dataclass(frozen=True)
class Parts:
    """As much of an installation as a server touches."""

    search: object
    keys: object
    rates: Rates | None = None


def test_a_server_counts_requests_watches_whatever_has_a_clock_and_publishes_its_addresses(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    done: list[tuple[object, ...]] = []
    search = SimpleNamespace(watch=lambda: done.append(("index",)))
    parts = Parts(search, SimpleNamespace(web=b"key"))
    monkeypatch.setenv("CONCORD_HOME", str(tmp_path))
    monkeypatch.setattr(log, "set_up", lambda: None)
    monkeypatch.setattr(wiring, "open_installation", lambda _: parts)
    for name, module in WATCHES.items():
        monkeypatch.setattr(module, f"watch_{name}", lambda given, name=name: done.append((name, given)))
    monkeypatch.setattr(erase_intake, "watch_intakes", lambda: done.append(("intakes",)))
    monkeypatch.setattr(urls, "publish", lambda given: done.append(("addresses", given)))
    served = runpy.run_module("concord.site.wsgi")
    rates = served["installation"].rates
    assert isinstance(rates, Rates)
    rates.close()
    opened = replace(parts, rates=rates)
    watching = [("index",), ("intakes",), *((name, opened) for name in WATCHES)]
    assert sorted(map(str, done[:-1])) == sorted(map(str, watching))
    assert done[-1] == ("addresses", opened)  # asked only once all the rest is there
    assert callable(served["application"])
