"""The models and the schema agree, and the schema holds what the models promise."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from django.db.utils import IntegrityError

from concord.actions.installation import Installation
from concord.database.acting import before_anybody


def test_no_migration_is_missing(installation: Installation) -> None:
    with before_anybody():  # it looks at the schema, for nobody
        call_command("makemigrations", "records", "access", check=True, dry_run=True, verbosity=0)


def test_every_model_says_what_it_is() -> None:
    for model in apps.get_models():
        assert model.__doc__
        assert not model.__doc__.startswith(f"{model.__name__}("), model  # what Django writes where nothing stands


@pytest.mark.parametrize(
    "statement",
    [
        "insert into country (code, name) values ('xa', 'small')",
        "insert into material (id, sha256) values (gen_random_uuid(), '\\x00')",
        "insert into material (id, sha256) values (gen_random_uuid(), null)",
    ],
)
def test_the_database_refuses_what_cannot_be(installation: Installation, statement: str) -> None:
    with pytest.raises(IntegrityError), connections["owner"].cursor() as cursor:
        cursor.execute(statement)
