"""`concord oidc`: a provider is kept without its secret being seen again."""

from pathlib import Path

from concord.access.provider import Provider
from tests.cli.terminal import Clerk, Terminal


def test_a_provider_is_set_linked_listed_and_removed(terminal: Terminal, tmp_path: Path) -> None:
    person = Clerk.enrolled(terminal, "linked-person", "XH", codes=())
    file = tmp_path / "secret"
    file.write_text("a secret between the two\n")
    given = ("--country", "XH", "--issuer", "https://id.example", "--client-id", "concord", "--secret-file", file)
    said = terminal.run("oidc", "set", *given)
    assert said.status == 0
    assert "a secret" not in said.out
    kept = Provider.objects.using("owner").get(country_id="XH", removed_at=None)
    assert b"a secret" not in bytes(kept.wrapped_secret)
    assert "XH  https://id.example  concord" in terminal.run("oidc", "list").out
    assert person.run("oidc", "link", "--country", "XH", "subject-9").status == 0
    assert terminal.run("oidc", "list", "--country", "XH").out.startswith("subject-9  Officer linked-person")
    assert terminal.run("oidc", "unlink", "--country", "XH", "subject-9").status == 0
    assert terminal.run("oidc", "unlink", "--country", "XH", "subject-9").status == 1
    assert terminal.run("oidc", "remove", "--country", "XH").status == 0
    assert terminal.run("oidc", "remove", "--country", "XH").status == 1


def test_a_secret_that_cannot_be_read_is_named(terminal: Terminal, tmp_path: Path) -> None:
    given = ("--country", "XH", "--issuer", "https://id.example", "--client-id", "c", "--secret-file", tmp_path / "no")
    said = terminal.run("oidc", "set", *given)
    assert said.status == 3
    assert str(tmp_path / "no") in said.complaint


def test_a_country_that_is_not_here_has_no_provider(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("x")
    given = ("--country", "ZZ", "--issuer", "https://id.example", "--client-id", "c", "--secret-file", file)
    assert terminal.run("oidc", "set", *given).status == 1
