"""The database as the first run left it, put back before every copy: what one of them changes no other meets.

Tests name what they make by counting, and every copy counts on from where the first run ended.
"""

import os

import psycopg
from django.db import connections
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from concord.database.cluster import DATABASE
from tests.database.servers import ADMIN, PASSWORD, VARIABLES

KEPT = "kept"
RIGHTS = "select datdba::regrole, datacl::text from pg_database where datname = %s"
LEAVE = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s"


class Shelf:
    """Made when the first run has ended, on the server that it had for itself. Without one there is nothing to keep."""

    def __init__(self) -> None:
        url = os.environ.get(next(iter(VARIABLES)))
        if url is None:
            self._conninfo = None
            return
        there = conninfo_to_dict(url)
        self._conninfo = make_conninfo(
            host=there["host"], port=there["port"], user=ADMIN, password=PASSWORD, dbname="postgres"
        )
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            self._owner, self._rights = connection.execute(RIGHTS, [DATABASE]).fetchone() or ()
            self._close(connection)
            connection.execute(f"create database {KEPT} template {DATABASE}")

    def put_back(self) -> None:
        """This process takes it for the one that it worked with, which it would of no other."""
        if self._conninfo is None:
            return
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            self._close(connection)
            connection.execute(f"drop database {DATABASE} with (force)")
            made = f"create database {DATABASE} template {KEPT} owner {self._owner}"
            connection.execute(made)
            connection.execute(
                "update pg_database set datacl = %s::aclitem[] where datname = %s", [self._rights, DATABASE]
            )
        connections["default"].settings_dict["REACH"].lineage.first = None

    def _close(self, connection: psycopg.Connection) -> None:
        """To whoever is in it: nothing is copied from under anybody."""
        connection.execute(f"alter database {DATABASE} allow_connections false")
        connection.execute(LEAVE, [DATABASE])
