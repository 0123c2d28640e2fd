"""On whose behalf the database is asked. Nobody set: it raises, it never widens."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from concord.errors import NoActor

SET = "select set_config('concord.country', %s, true), set_config('concord.unit', %s, true), set_config('concord.user', %s, true)"


@contextmanager
def acting(country: str, unit: uuid.UUID, user: uuid.UUID) -> Iterator[None]:
    """One transaction in the name of a user. The settings end with it, so a kept connection carries nothing over."""
    if not country:
        raise NoActor
    if connection.in_atomic_block:
        raise NoActor  # inside another transaction, which would go on in this name
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SET, [country, str(unit), str(user)])
        yield
