"""Whether a new connection is what it must be: a server that will do, the right role, and no right above the policies.

A program that connects as owner, as superuser or with BYPASSRLS works as well as any, with the protection off. So
every connection is looked at before it is used, by one query.
"""

from dataclasses import dataclass
from typing import Any

import psycopg

from concord.database.cluster import Role
from concord.errors import ServerTooOld, StandbyServer, UnfitRole

OLDEST_MAJOR = 15

_OURS = (Role.OWNER, Role.APP, Role.MATCHER, Role.BACKUP)

# The lineage is the cluster, its timeline and the database. A restored or promoted copy has another timeline.
_STANDING = """
with held as (select rolname, rolsuper, rolbypassrls from pg_roles where pg_has_role(oid, 'member'))
select current_user::text,
       (select bool_or(rolsuper) from held),
       (select bool_or(rolbypassrls) from held),
       exists (select from pg_class where relnamespace = to_regnamespace('public') and relkind in ('r', 'p')
               and pg_has_role(relowner, 'member')),
       array(select rolname::text from held where rolname = any(%s)),
       pg_is_in_recovery(),
       concat_ws('/', (select system_identifier from pg_control_system()),
                 case when not pg_is_in_recovery() then left(pg_walfile_name(pg_current_wal_lsn()), 8) end,
                 (select oid from pg_database where datname = current_database()))
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the server says of the role that connected, with all it is a member of, and of itself."""

    role: str
    superuser: bool
    bypasses_policies: bool
    owns_tables: bool
    member_of: frozenset[str]  # of our roles, itself included
    standby: bool
    lineage: str


def vet(connection: psycopg.Connection[Any], wanted: Role) -> Standing:
    """Raises ServerTooOld, StandbyServer, UnfitRole. The connection must be in autocommit mode."""
    major = connection.info.server_version // 10_000
    if major < OLDEST_MAJOR:
        raise ServerTooOld(found=major, needed=OLDEST_MAJOR)
    standing = read_standing(connection)
    if cause := unfitness(standing, wanted):
        raise UnfitRole(role=standing.role, wanted=wanted, cause=cause)
    if standing.standby:
        raise StandbyServer
    return standing


def read_standing(connection: psycopg.Connection[Any]) -> Standing:
    with psycopg.Cursor(connection) as cursor:
        row = cursor.execute(_STANDING, [list(_OURS)]).fetchone()
    assert row is not None  # noqa: S101  a select without `from` gives one row
    role, superuser, bypasses, owns, member_of, standby, lineage = row
    return Standing(role, superuser, bypasses, owns, frozenset(member_of), standby, lineage)


def unfitness(standing: Standing, wanted: Role) -> str | None:
    """Why this role may not work as the wanted one; None: it may."""
    if standing.superuser:
        return "is a superuser, or can become one, whom no policy binds"
    if standing.bypasses_policies:
        return "bypasses row-level security, or can become a role that does"
    if standing.owns_tables and wanted is not Role.OWNER:
        return "owns the tables, or can become their owner"
    if standing.role != wanted:
        return f"is not {wanted}, whom the policies are made for"
    if others := sorted(standing.member_of - {wanted}):
        return f"is a member of {', '.join(others)} as well"
    return None
