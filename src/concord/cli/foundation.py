"""`concord database-sql`: what an administrator runs once on a PostgreSQL of one's own."""

import click

from concord.database import foundation


@click.command("database-sql")
def database_sql() -> None:
    """Print the script for psql that makes the roles and the database."""
    click.echo(foundation.text(), nl=False)
