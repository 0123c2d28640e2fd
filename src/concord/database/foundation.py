"""What an administrator runs once on a PostgreSQL of one's own: the roles and the database that the embedded server
makes by itself, from the same two files."""

from pathlib import Path

ROLES_SQL = Path(__file__).with_name("cluster.sql")
DATABASE_SQL = Path(__file__).with_name("concord.sql")

_HEAD = """\
-- What Concord needs of PostgreSQL 15 or later. Run once as an administrator, and again when Concord's notes say so:
--     concord database-sql | psql -d postgres
-- It sets no passwords. Give three of the roles one each (psql: \\password concord_app), unless they sign in otherwise.

\\set ON_ERROR_STOP on

"""

# Sorted by code point, as in the embedded server: by the built-in provider where there is one, else by the C locale.
_CREATE = """\
select 'create database concord template template0 encoding ''UTF8'' ' ||
       case when current_setting('server_version_num')::int >= 170000
            then 'locale_provider builtin builtin_locale ''C.UTF-8'' locale ''C'''
            else 'locale ''C''' end
where not exists (select from pg_database where datname = 'concord')
\\gexec

\\connect concord

"""


def text() -> str:
    """A script for psql. Repeating it changes nothing."""
    return _HEAD + ROLES_SQL.read_text() + _CREATE + DATABASE_SQL.read_text()
