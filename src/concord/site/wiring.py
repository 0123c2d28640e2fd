"""Opens an installation: server, keys, Django, and the parts every action works with. The only place that chooses them."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import django
import psycopg
from django.conf import settings
from django.db import connections as django_connections

from concord import __version__
from concord.actions.installation import Installation
from concord.config import Config
from concord.database import embedded
from concord.database.cluster import Role
from concord.errors import AlreadyInitialised, NotInitialised
from concord.jail.pool import Jail
from concord.matching.search import Search
from concord.media import Examiner
from concord.site.settings import database_for, settings_for
from concord.vault.keys import Keys, make_keys, read_keys
from concord.vault.objects import Vault

MARK = "installation.json"  # written last: what has it is whole


@dataclass(frozen=True, slots=True)
class Connections:
    """Where the database is, one libpq connection string a role; `close` lets the embedded server go."""

    app: str
    owner: str
    matcher: str
    close: Callable[[], None]


def create_installation(config: Config, demo: bool = False) -> Installation:
    """Keys, database, schema. Killed half way, it can be repeated. Raises AlreadyInitialised."""
    if (config.home / MARK).exists():
        raise AlreadyInitialised(home=config.home)
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = make_keys(config.keys)
    connections = connections_for(config)
    point_django(connections, keys)
    migrate()
    (config.home / MARK).write_text(json.dumps({"version": __version__, "demo": demo}) + "\n")
    return _opened(config, connections, keys)


def open_installation(config: Config) -> Installation:
    """Raises NotInitialised, DatabaseUnavailable, MissingPart."""
    if not (config.home / MARK).exists():
        raise NotInitialised(home=config.home)
    keys = read_keys(config.keys)
    connections = connections_for(config)
    point_django(connections, keys)
    return _opened(config, connections, keys)


def connections_for(config: Config) -> Connections:
    """Starts the embedded server where no other is configured. Raises DatabaseUnavailable, MissingPart."""
    if config.database_url and config.database_owner_url and config.database_matcher_url:
        return Connections(config.database_url, config.database_owner_url, config.database_matcher_url, lambda: None)
    lease = embedded.start(config.home)
    app, owner, matches = (lease.conninfo(role) for role in (Role.APP, Role.OWNER, Role.MATCHER))
    return Connections(app, owner, matches, close=lease.close)


def prepare_django(config: Config) -> None:
    """Tells Django what it is made of, so that records can be imported. Its database comes with the installation."""
    if not settings.configured:
        settings.configure(**settings_for(config))
        django.setup(set_prefix=False)


def point_django(connections: Connections, keys: Keys) -> None:
    """Gives Django its database and its secret. Once a process: it knows one installation."""
    settings.SECRET_KEY = keys.web.hex()
    conninfos = {"default": connections.app, "owner": connections.owner, "matcher": connections.matcher}
    for alias in conninfos:
        with suppress(AttributeError):  # setting up may have asked for one that was not there yet
            del django_connections[alias]
    databases = {alias: database_for(conninfo) for alias, conninfo in conninfos.items()}
    django_connections.settings = django_connections.configure_settings(databases)


def migrate() -> None:
    """Brings the schema to this version, as the owner."""
    from django.core.management import call_command

    call_command("migrate", database="owner", verbosity=0, interactive=False)


def _opened(config: Config, connections: Connections, keys: Keys) -> Installation:
    jail = Jail(config.workers, config.limits)
    mark = json.loads((config.home / MARK).read_text())
    return Installation(
        config=config,
        keys=keys,
        vault=Vault.open(config, keys),
        jail=jail,
        examiner=Examiner(jail),
        search=Search(matcher(connections.matcher), config.index),
        demo=mark["demo"],
        release=connections.close,
    )


def matcher(conninfo: str) -> Callable[[], psycopg.Connection]:
    """How Search reaches the feed: a connection that cannot write, since its own transaction would hide rows from it."""

    def connect() -> psycopg.Connection:
        options = "-c default_transaction_read_only=on -c application_name=concord-matcher"
        return psycopg.connect(conninfo, autocommit=True, options=options)

    return connect
