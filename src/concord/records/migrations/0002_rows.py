"""Roles' rights, row-level security and the definer functions: see 0002_rows.sql beside this file."""

from pathlib import Path
from typing import Any

from django.db import migrations


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(run, migrations.RunPython.noop)]
