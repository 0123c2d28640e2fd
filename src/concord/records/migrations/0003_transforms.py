"""A material has a fingerprint for each transform that is stored, and each tells the walls that stood around its decoder."""

from pathlib import Path
from typing import Any

from django.db import migrations, models


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("records", "0002_rows")]
    operations = [
        migrations.AddField("fingerprint", "transform", models.TextField(default="none"), preserve_default=False),
        migrations.AddField("fingerprint", "walls", models.TextField(default=""), preserve_default=False),
        migrations.RemoveConstraint("fingerprint", "fingerprint_once"),
        migrations.AddConstraint(
            "fingerprint",
            models.UniqueConstraint(fields=["material", "kind", "transform"], name="fingerprint_once"),
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
