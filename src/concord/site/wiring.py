"""Opens an installation: server, keys, Django, and the parts every action works with. The only place that chooses them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

import django
import psycopg
from django.conf import settings
from django.db import connections as django_connections

from concord import __version__
from concord.actions.installation import Installation
from concord.config import Config
from concord.database import schema
from concord.database.acting import before_anybody
from concord.database.cluster import Role
from concord.database.reach import Lineage, Reach, Server, server_of
from concord.errors import AlreadyInitialised, NotInitialised, WrongKey
from concord.jail.pool import Jail
from concord.matching.search import Search
from concord.media import Examiner
from concord.site.mark import MARK, Mark, read_mark, usable, write_mark
from concord.site.settings import database_for, settings_for
from concord.vault.keys import Keys, make_keys, read_keys
from concord.vault.objects import Vault

ROLES = {"default": Role.APP, "owner": Role.OWNER, "matcher": Role.MATCHER}  # by Django's name of the connection


def create_installation(config: Config, demo: bool = False) -> Installation:
    """Keys, database, schema, and last the mark. Killed half way, it can be repeated.

    Raises HomeUnusable, AlreadyInitialised, DatabaseTaken, NotPrepared, and WrongKey for a database of other keys.
    """
    _require_free(config)
    with usable(config.home):
        config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = make_keys(config.keys)
    with _reached(config, keys) as server:
        if not config.embedded:  # a database by URL may be anybody's
            schema.require_vacant()
        schema.bring_up_to_date()
        schema.record_checks(keys.checks)
        _compare(config, keys, schema.recorded_checks("owner"), "its database")
        installation = _opened(config, server, keys, demo)
        write_mark(config.home, Mark(__version__, demo, keys.checks))
        return installation


def open_installation(config: Config) -> Installation:
    """Raises NotInitialised, WrongKey, DatabaseUnavailable, UnfitRole, SchemaBehind and the others of CannotRun."""
    mark = read_mark(config.home)
    keys = _keys_of(config, mark)
    with _reached(config, keys) as server:
        schema.require_current()
        with before_anybody():
            _compare(config, keys, schema.recorded_checks("default"), "its database")
        return _opened(config, server, keys, mark.demo)


def migrate_installation(config: Config) -> list[str]:
    """Brings the schema to this version; returns what was applied. Raises NotInitialised, NotPrepared, SchemaAhead."""
    keys = _keys_of(config, read_mark(config.home))
    with _reached(config, keys) as server:
        names = schema.bring_up_to_date()
        schema.record_checks(keys.checks)  # a database of the first versions has none
        _compare(config, keys, schema.recorded_checks("owner"), "its database")
        server.close()
        return names


def _require_free(config: Config) -> None:
    """Raises AlreadyInitialised where there is a mark, DamagedMark for a damaged one, HomeUnusable if one cannot look."""
    try:
        read_mark(config.home)
    except NotInitialised:
        return
    raise AlreadyInitialised(home=config.home)


def _keys_of(config: Config, mark: Mark) -> Keys:
    keys = read_keys(config.keys)
    _compare(config, keys, mark.keys, MARK)
    return keys


def _compare(config: Config, keys: Keys, recorded: Mapping[str, str] | None, witness: str) -> None:
    """Raises WrongKey: with exchanged keys, known material would be new and every file unreadable, in silence."""
    for name, check in keys.checks.items():
        if recorded is not None and recorded.get(name, check) != check:
            raise WrongKey(path=config.keys / name, witness=witness)


@contextmanager
def _reached(config: Config, keys: Keys) -> Iterator[Server]:
    """The server, which Django is pointed at; let go again if what follows fails."""
    server = server_of(config)
    try:
        point_django(server, keys)
        yield server
    except BaseException:
        server.close()
        raise


def prepare_django(config: Config) -> None:
    """Tells Django what it is made of, so that records can be imported. Its database comes with the installation."""
    if not settings.configured:
        settings.configure(**settings_for(config))
        django.setup(set_prefix=False)


def point_django(server: Server, keys: Keys) -> None:
    """Gives Django its database and its secret. Once a process: it knows one installation."""
    settings.SECRET_KEY = keys.web.hex()
    lineage = Lineage()
    databases = {alias: database_for(Reach(server, role, lineage)) for alias, role in ROLES.items()}
    for alias in databases:
        with suppress(AttributeError):  # setting up may have asked for one that was not there yet
            del django_connections[alias]
    django_connections.settings = django_connections.configure_settings(databases)


def _opened(config: Config, server: Server, keys: Keys, demo: bool) -> Installation:
    jail = Jail(config.workers, config.limits)
    return Installation(
        config=config,
        keys=keys,
        vault=Vault.open(config, keys),
        jail=jail,
        examiner=Examiner(jail),
        search=Search(matcher(django_connections["matcher"].settings_dict["REACH"]), config.index),
        demo=demo,
        release=server.close,
    )


def matcher(reach: Reach) -> Callable[[], psycopg.Connection]:
    """How Search reaches the feed: a connection that cannot write, since its own transaction would hide rows from it."""

    def connect(conninfo: str) -> psycopg.Connection:
        connection = psycopg.connect(conninfo, autocommit=True, application_name="concord-matcher")
        connection.execute("set session characteristics as transaction read only")
        return connection

    return lambda: reach.connect(connect)
