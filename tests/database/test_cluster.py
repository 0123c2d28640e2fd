import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.database.cluster import Role, fits_a_socket, identities_text, settings_text, sign_in_text


def unquoted(value: str) -> str:
    """As PostgreSQL reads a quoted value of its configuration file (src/backend/utils/misc/guc-file.l)."""
    inner = value.removeprefix("'").removesuffix("'")
    return inner.replace("''", "'").replace("\\\\", "\\")


@given(st.text(string.ascii_letters + "'\"\\ ,#=$ü", min_size=1))
def test_any_path_comes_through_the_configuration(name: str) -> None:
    path = Path("/somewhere") / name
    text = settings_text(path, path, path, durable=True)
    settings = dict(line.split(" = ", 1) for line in text.splitlines())
    assert unquoted(settings["hba_file"]) == str(path)
    assert unquoted(settings["unix_socket_directories"]) == '"' + str(path).replace('"', '""') + '"'


def test_commits_wait_for_the_disk_exactly_when_durable() -> None:
    lasting, fleeting = (
        settings_text(Path("/s"), Path("/h"), Path("/i"), durable=durable) for durable in (True, False)
    )
    assert "\nfsync = 'on'\n" in lasting
    assert "\nsynchronous_commit = 'on'\n" in lasting
    assert "\nfsync = 'off'\n" in fleeting


def test_only_named_roles_sign_in_and_only_as_this_user() -> None:
    assert sign_in_text().split()[:3] == ["local", "all", ",".join(Role)]
    assert identities_text("a user").splitlines() == [f'concord "a user" {role}' for role in Role]


@pytest.mark.parametrize(
    ("directory", "fits"), [("/" + "d" * 87, True), ("/" + "d" * 89, False), ("/" + "ü" * 45, False), ("/a,b", False)]
)
def test_a_socket_path_is_bounded_in_bytes_and_has_no_comma(directory: str, fits: bool) -> None:
    assert fits_a_socket(Path(directory)) is fits
