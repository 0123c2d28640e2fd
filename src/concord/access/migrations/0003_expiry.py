"""Intakes whose time is over are erased by whoever comes next: see 0003_expiry.sql beside this file."""

from pathlib import Path
from typing import Any

from django.db import migrations


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("access", "0002_rows"), ("records", "0005_intake")]
    operations = [migrations.RunPython(run, migrations.RunPython.noop)]
