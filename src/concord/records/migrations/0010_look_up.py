"""Look-ups by digest in one statement: see 0010_look_up.sql beside this file."""

from pathlib import Path
from typing import Any

from django.db import migrations


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0009_proposals"),
        ("access", "0007_duty"),  # its policies are planned into the look-ups
    ]

    operations = [migrations.RunPython(run, migrations.RunPython.noop)]
