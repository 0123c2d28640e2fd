"""Whether the tables are those of this program, and making them so. What is there is read from django_migrations."""

import json
import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.core.management import call_command
from django.db import connections

from concord.database import feed
from concord.database.acting import before_anybody
from concord.database.cluster import Role
from concord.errors import DatabaseTaken, NotPrepared, SchemaAhead, SchemaBehind

Migrations = frozenset[tuple[str, str]]  # (app, name)

_ONE_AT_A_TIME = 0x636F6E63  # the advisory lock of whoever migrates
_READABLE = "select has_table_privilege(to_regclass('django_migrations')::oid, 'select')"
_MISSING_ROLES = "select role from unnest(%s::text[]) role where role not in (select rolname from pg_roles)"

_CHECKS_HEAD = "checks of the keys: "
_CHECKS = "select obj_description(to_regclass('unit'), 'pg_class')"
_NEW_CHECKS = "select format('comment on table unit is %%L', %s::text)"


def known() -> Migrations:
    """Those that this program brings. Only their names are read: that takes a millisecond, importing them many."""
    packages = {app.label: f"{app.name}.migrations" for app in apps.get_app_configs()}
    return frozenset(
        (label, module.name)
        for label, package in packages.items()
        if find_spec(package)
        for module in pkgutil.iter_modules(import_module(package).__path__)
        if not module.name.startswith("_")
    )


def applied(alias: str) -> Migrations:
    """Those that the database has. None at all while the reading role may not even look."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_READABLE)
        if not cursor.fetchone()[0]:
            return frozenset()
        cursor.execute("select app, name from django_migrations")
        return frozenset(cursor.fetchall())


def require_current() -> None:
    """Raises SchemaBehind or SchemaAhead unless the tables are exactly those of this program."""
    with before_anybody():
        there = applied("default")
    if missing := known() - there:
        raise SchemaBehind(missing=_named(missing))
    if unknown := there - known():
        raise SchemaAhead(unknown=_named(unknown))


def require_vacant() -> None:
    """Raises DatabaseTaken where units are enrolled already. Asked as the owner."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("select to_regclass('unit') is not null")
        if cursor.fetchone()[0]:
            cursor.execute("select exists (select from unit)")
            if cursor.fetchone()[0]:
                raise DatabaseTaken


def recorded_checks(alias: str) -> dict[str, str] | None:
    """The checks of the keys that this database was made with, by key file. None: not recorded.

    They are a comment on a table: read by every role, kept by a dump, and no row that a policy could hide.
    """
    with connections[alias].cursor() as cursor:
        cursor.execute(_CHECKS)
        ((text,),) = cursor.fetchall()
    return dict(json.loads(text.removeprefix(_CHECKS_HEAD))) if text and text.startswith(_CHECKS_HEAD) else None


def record_checks(checks: Mapping[str, str]) -> None:
    """Writes them down, as the owner, unless some are recorded already."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("select pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        try:
            if recorded_checks("owner") is None:
                cursor.execute(_NEW_CHECKS, [_CHECKS_HEAD + json.dumps(dict(checks))])
                cursor.execute(cursor.fetchone()[0])
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])


def bring_up_to_date() -> list[str]:
    """Applies what is missing, as the owner; returns its names, in order of name. Repeating it does nothing.

    Each migration is one transaction: killed half way, it goes on where it was. Raises NotPrepared, SchemaAhead.
    """
    with connections["owner"].cursor() as cursor:
        _require_foundation()
        cursor.execute("select pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        try:
            there = applied("owner")
            if unknown := there - known():
                raise SchemaAhead(unknown=_named(unknown))
            if missing := known() - there:
                call_command("migrate", database="owner", verbosity=0, interactive=False)
            feed.adopt(cursor.connection)
            return _names(missing)
        finally:
            cursor.execute("select pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])


def _require_foundation() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(_MISSING_ROLES, [[Role.APP, Role.MATCHER, Role.BACKUP]])
        missing = [f"role {name}" for (name,) in cursor.fetchall()]
        cursor.execute("select has_schema_privilege('public', 'create')")
        if not cursor.fetchone()[0]:
            missing.append("the right of concord_owner to make tables")
    if missing:
        raise NotPrepared(what=", ".join(missing))


def _names(migrations: Iterable[tuple[str, str]]) -> list[str]:
    return sorted(f"{app}.{name}" for app, name in migrations)


def _named(migrations: Iterable[tuple[str, str]]) -> str:
    return ", ".join(_names(migrations))
