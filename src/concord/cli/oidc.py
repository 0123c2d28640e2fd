"""`concord oidc`: a country's own identity provider, and whom of its people we know by which subject."""

from pathlib import Path

import click

from concord.actions.providers import link, links_of, providers, remove_provider, set_provider, unlink
from concord.cli.profiles import read_profile
from concord.cli.wiring import Wiring
from concord.errors import UnreadableFile
from concord.values import country_code

of_country = click.option("--country", required=True, metavar="CODE")


@click.group()
def oidc() -> None:
    """Countries' own identity providers (OpenID Connect)."""


@oidc.command("set")
@of_country
@click.option("--issuer", required=True, metavar="URL", help="As the provider calls itself.")
@click.option("--client-id", required=True)
@click.option("--secret-file", required=True, type=click.Path(path_type=Path), help="Holds the client's secret alone.")
@click.pass_obj
def oidc_set(wiring: Wiring, country: str, issuer: str, client_id: str, secret_file: Path) -> None:
    """Set or replace a country's provider. Its secret is kept encrypted under the installation's key."""
    try:
        secret = secret_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(item=secret_file, cause=getattr(error, "strerror", None) or "it is not UTF-8") from error
    with wiring.opened() as installation:
        set_provider(installation, country_code(country), issuer, client_id, secret)
    click.echo(f"{country} signs in at {issuer}; it must send people back to .../sign-in/provider/{country}/return")


@oidc.command("remove")
@of_country
@click.pass_obj
def oidc_remove(wiring: Wiring, country: str) -> None:
    """Sign nobody in there any more; sessions that began there end with their next request."""
    with wiring.opened() as installation:
        remove_provider(installation, country_code(country))
    click.echo(f"{country} has no provider here")


@oidc.command("list")
@click.option("--country", metavar="CODE", help="Its links; without, the providers.")
@click.pass_obj
def oidc_list(wiring: Wiring, country: str | None) -> None:
    """List the providers, or a country's links."""
    with wiring.opened():
        if country is None:
            for one in providers():
                click.echo(f"{one.country_id}  {one.issuer}  {one.client_id}")
            return
        for linked in links_of(country_code(country)):
            click.echo(f"{linked.subject}  {linked.user}, {linked.unit}")


@oidc.command("link")
@of_country
@click.option("--as", "name", required=True, metavar="PROFILE", help="Who it is here; a user of exactly this country.")
@click.argument("subject")
@click.pass_obj
def oidc_link(wiring: Wiring, country: str, name: str, subject: str) -> None:
    """Say who the provider's SUBJECT is. Nobody signs in without: accounts are never made by themselves."""
    with wiring.opened() as installation:
        link(installation, country_code(country), read_profile(wiring.config.profiles, name), subject)
    click.echo(f"{subject} is {name}")


@oidc.command("unlink")
@of_country
@click.argument("subject")
@click.pass_obj
def oidc_unlink(wiring: Wiring, country: str, subject: str) -> None:
    """The provider's SUBJECT is nobody any more, from the next request on."""
    with wiring.opened() as installation:
        unlink(installation, country_code(country), subject)
    click.echo(f"{subject} is nobody here")
