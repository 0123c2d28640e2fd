"""The configuration: read once, complete, and handed on to child processes unchanged."""

from dataclasses import replace
from pathlib import Path

import pytest

from concord.config import Config, environment_of, read_config
from concord.errors import BadSetting
from tests.conftest import ROOT

URLS = {
    "CONCORD_DATABASE_URL": "postgresql://app@/concord",
    "CONCORD_DATABASE_OWNER_URL": "postgresql://owner@/concord",
    "CONCORD_DATABASE_MATCHER_URL": "postgresql://matcher@/concord",
}


def test_nothing_set_is_an_embedded_installation_in_the_users_data() -> None:
    config = read_config({})
    assert config.embedded
    assert config.home.is_absolute()
    assert config.workers >= 1


def test_the_three_database_urls_belong_together() -> None:
    assert not read_config(URLS).embedded
    for name in URLS:
        with pytest.raises(BadSetting, match=name):
            read_config({key: value for key, value in URLS.items() if key != name})


@pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", "²"])
def test_workers_are_a_whole_number(number: str) -> None:
    with pytest.raises(BadSetting, match="CONCORD_WORKERS"):
        read_config({"CONCORD_WORKERS": number})


@pytest.mark.parametrize("origin", ["https://concord.example", "https://concord.example:8443", "http://localhost:8008"])
def test_an_origin_is_what_a_browser_says(origin: str) -> None:
    assert read_config({"CONCORD_ORIGIN": origin}).origin == origin


@pytest.mark.parametrize(
    "text", ["concord.example", "http://concord.example", "https://concord.example/", "https://", "x:y"]
)
def test_what_is_no_origin_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadSetting, match="CONCORD_ORIGIN"):
        read_config({"CONCORD_ORIGIN": text})


def test_a_child_reads_the_same() -> None:
    config: Config = replace(
        read_config({**URLS, "CONCORD_HOSTS": "a.example, b.example", "CONCORD_ORIGIN": "https://a.example"}),
        home=Path("/somewhere else"),
    )
    assert read_config(environment_of(config)) == config


def test_no_other_module_reads_the_environment() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        if path.name == "config.py" and path.parent.name == "concord":
            continue
        text = path.read_text()
        assert "getenv" not in text, path
        assert text.replace("os.environ.update(environment_of(config))", "").count("os.environ") == 0, path
