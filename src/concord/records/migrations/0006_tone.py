"""Fingerprints of pictures whose tones were evened out are stored beside the others."""

from pathlib import Path
from typing import Any

from django.db import migrations


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("records", "0005_intake")]
    operations = [migrations.RunPython(run, migrations.RunPython.noop)]
