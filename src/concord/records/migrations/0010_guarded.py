"""Whether anything stands on an instance, and look-ups by digest in one statement: see 0010_guarded.sql beside this file."""

from pathlib import Path
from typing import Any

from django.db import migrations, models


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0009_proposals"),
        ("access", "0007_duty"),  # its policies are planned into the look-ups
    ]

    operations = [
        migrations.AddField(
            model_name="instance",
            name="guarded",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        *(
            migrations.AddIndex(
                model_name="instance",
                index=models.Index(
                    condition=models.Q(("guarded", True)), fields=[field], name=f"instance_guarded_{field}"
                ),
            )
            for field in ("sha256", "sha1", "md5", "material")
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
