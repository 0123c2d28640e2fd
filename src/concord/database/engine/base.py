"""The engine itself; Django looks for it in a module of this name. The settings of a database give its `REACH`."""

import math
import select
import time
from types import TracebackType
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base as postgresql
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg.conninfo import conninfo_to_dict

from concord import errors
from concord.database.reach import Reach

_GONE = ("08", "57P")  # SQLSTATE: connection exceptions; the server shuts down, crashed, or is not up yet


TRUSTED_SECONDS = 5.0  # how long one answer of the server stands for its being there


class DatabaseLost(errors.DatabaseLost, OperationalError):
    __doc__ = errors.DatabaseLost.__doc__  # for our doors one of ours, for Django one of its own: it cleans up after it


class Translation(DatabaseErrorWrapper):
    """Django's translation of errors, in which a lost connection has a name of ours."""

    def __init__(self, wrapper: "DatabaseWrapper") -> None:
        super().__init__(wrapper)
        self.wrapper = wrapper

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, psycopg.OperationalError) and self._lost(error):
            self.wrapper.errors_occurred = True
            raise DatabaseLost(cause=" ".join(str(error).split())) from error
        super().__exit__(kind, error, trace)

    def _lost(self, error: psycopg.OperationalError) -> bool:
        connection = self.wrapper.connection
        return (connection is not None and connection.closed) or (error.sqlstate or "").startswith(_GONE)


class DatabaseWrapper(postgresql.DatabaseWrapper):
    """A connection of Django's over a Reach."""

    _asked_at = -math.inf  # when the server last said that it is there; seconds of the monotonic clock

    def is_usable(self) -> bool:
        """Whether the server is there still. It is asked now and then; between, its silence will do: a server that ends a
        connection says so, or its system does."""
        now = time.monotonic()
        if self.connection is not None and now - self._asked_at < TRUSTED_SECONDS and self._is_silent():
            return True
        self._asked_at = -math.inf
        if usable := super().is_usable():
            self._asked_at = now
        return usable

    def _is_silent(self) -> bool:
        """Nothing has come that nobody asked for: neither an end nor a last word."""
        ear = select.poll()
        ear.register(self.connection.fileno(), select.POLLIN)
        return not ear.poll(0)

    @cached_property
    def wrap_database_errors(self) -> Translation:
        return Translation(self)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        reach: Reach = self.settings_dict["REACH"]
        connect = super().get_new_connection
        return reach.connect(lambda conninfo: connect({**conn_params, **conninfo_to_dict(conninfo)}))
