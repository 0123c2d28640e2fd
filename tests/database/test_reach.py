import string
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from concord.config import read_config
from concord.database.cluster import Role
from concord.database.reach import Foreign, Lineage, Reach, read_url, server_of
from concord.errors import BadSetting, DatabaseReplaced, DatabaseUnavailable

SIGNS = string.ascii_letters + string.digits + "@:/?#%&=+[], "


def test_a_url_is_read_whole() -> None:
    facts = conninfo_to_dict(
        read_url("X", "postgresql://concord_app:p%40s%2Fs@db.example:6432/records?sslmode=verify-full")
    )
    assert facts["password"] == "p@s/s"
    assert (facts["user"], facts["host"], facts["port"]) == ("concord_app", "db.example", "6432")
    assert (facts["dbname"], facts["sslmode"]) == ("records", "verify-full")


def test_what_a_url_leaves_open_is_bounded_and_named() -> None:
    facts = conninfo_to_dict(read_url("X", "postgresql://concord_app@db.example"))
    assert (facts["dbname"], facts["connect_timeout"]) == ("concord", "10")
    assert conninfo_to_dict(read_url("X", "postgresql://a@b?connect_timeout=3"))["connect_timeout"] == "3"


@given(st.text(SIGNS, min_size=6, max_size=20))
def test_a_password_that_is_not_encoded_shows_up_in_no_name_and_no_error(password: str) -> None:
    try:
        read = read_url("CONCORD_DATABASE_URL", f"postgresql://concord_app:{password}@db.example:5432/concord")
    except BadSetting as error:
        assert "CONCORD_DATABASE_URL=(not shown)" in str(error)
        assert password not in str(error)
        assert error.__cause__ is None
        assert error.__context__ is None or error.__suppress_context__
    else:
        facts = conninfo_to_dict(read)
        assert all("@" not in str(facts.get(name, "")) for name in ("host", "dbname", "user"))
        assert str(facts.get("port", "")).isdecimal()


@pytest.mark.parametrize("password", ["pass/word", "pass@word", "123/word", "per%zzcent", "per%80cent"])
def test_what_would_move_into_the_address_is_refused(password: str) -> None:
    with pytest.raises(BadSetting, match="CONCORD_DATABASE_OWNER_URL"):
        read_url("CONCORD_DATABASE_OWNER_URL", f"postgresql://concord_owner:{password}@db.example:5432/concord")


def test_no_repr_shows_a_url() -> None:
    names = ("CONCORD_DATABASE_URL", "CONCORD_DATABASE_OWNER_URL", "CONCORD_DATABASE_MATCHER_URL")
    config = read_config(dict.fromkeys(names, "postgresql://concord_app:secret-word@db.example/concord"))
    server = server_of(config)
    reach = Reach(server, Role.APP, Lineage())
    assert "secret-word" in server.conninfo(Role.APP)
    for value in (config, server, reach):
        assert "secret-word" not in repr(value)


def test_an_error_that_repeats_the_password_is_cleaned() -> None:
    reach = Reach(Foreign({Role.APP: "host=nowhere password=secret-word"}), Role.APP, Lineage())

    def fail(conninfo: str) -> psycopg.Connection:
        raise psycopg.OperationalError(f"could not\n\tconnect with {conninfo}")

    with pytest.raises(DatabaseUnavailable) as caught:
        reach.connect(fail)
    assert "secret-word" not in str(caught.value)
    assert "could not connect with" in str(caught.value)


def test_the_first_connection_decides_which_database_it_is() -> None:
    lineage = Lineage()
    lineage.hold("1/00000001/5")
    lineage.hold("1/00000001/5")
    for other in ("2/00000001/5", "1/00000002/5", "1/00000001/6"):
        with pytest.raises(DatabaseReplaced):
            lineage.hold(other)


class Fallen:
    """A server that is down until it is revived."""

    def __init__(self, *, can_return: bool) -> None:
        self.can_return, self.revived = can_return, 0

    def conninfo(self, role: Role) -> str:
        return f"host=nowhere user={role}"

    def revive(self) -> bool:
        self.revived += self.can_return
        return self.can_return

    def close(self) -> None:
        pass


def test_a_fallen_server_of_ours_is_revived_once_and_tried_again() -> None:
    server, tried = Fallen(can_return=True), []

    def attempt(conninfo: str) -> psycopg.Connection:
        tried.append(conninfo)
        raise psycopg.OperationalError("still down")

    with pytest.raises(DatabaseUnavailable, match="still down"):
        Reach(server, Role.MATCHER, Lineage()).connect(attempt)
    assert server.revived == 1
    assert tried == ["host=nowhere user=concord_matcher"] * 2


def test_a_fallen_server_of_somebody_else_is_left_to_him() -> None:
    server, tried = Fallen(can_return=False), []

    def attempt(conninfo: str) -> psycopg.Connection:
        tried.append(conninfo)
        raise psycopg.OperationalError("down")

    with pytest.raises(DatabaseUnavailable, match="down"):
        Reach(server, Role.APP, Lineage()).connect(attempt)
    assert len(tried) == 1


def test_without_urls_the_server_is_the_homes_own(tmp_path: Path) -> None:
    config = replace(read_config({}), home=tmp_path / "home")
    (tmp_path / "home").write_text("a file, where no server can be")
    with pytest.raises(DatabaseUnavailable, match="home"):
        server_of(config)
