"""Who may change who may do what: see 0005_administration.sql beside this file."""

from pathlib import Path
from typing import Any

from django.db import migrations, models


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("access", "0004_storage"), ("records", "0007_who")]
    operations = [
        migrations.AddIndex(
            model_name="auditentry", index=models.Index(fields=["user", "-at", "id"], name="audit_entry_user")
        ),
        migrations.AddIndex(
            model_name="auditentry", index=models.Index(fields=["unit", "-at", "id"], name="audit_entry_unit")
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
