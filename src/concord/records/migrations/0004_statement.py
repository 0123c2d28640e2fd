"""What files say of themselves, beside their instances."""

import uuid
from pathlib import Path
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


def key(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to, **options)


class Migration(migrations.Migration):
    dependencies = [("records", "0003_transforms")]
    operations = [
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField()),
                ("purpose", models.TextField()),
                ("basis", models.TextField()),
                ("kind", models.TextField()),
                ("value", models.TextField()),
                ("source", models.TextField()),
                ("author", key("records.user")),
                ("instance", key("records.instance")),
                ("material", key("records.material")),
                ("owner_country", key("records.country", db_column="owner_country")),
                ("owner_unit", key("records.unit")),
                ("restriction", key("records.restriction", null=True)),
            ],
            options={"db_table": "statement", "abstract": False},
        ),
        migrations.AddIndex("statement", models.Index(fields=["kind", "value"], name="statement_value")),
        migrations.AddConstraint(
            "statement",
            models.CheckConstraint(
                condition=models.Q(purpose__in=["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "TRAINING"]),
                name="statement_purpose",
            ),
        ),
        migrations.AddConstraint(
            "statement",
            models.CheckConstraint(
                condition=models.Q(
                    basis__in=["NATIONAL-LAW", "COURT-ORDER", "MUTUAL-ASSISTANCE", "CONSENT", "TRAINING"]
                ),
                name="statement_basis",
            ),
        ),
        migrations.AddConstraint(
            "statement",
            models.UniqueConstraint(
                fields=["owner_unit", "instance", "kind", "value", "source"], name="statement_once"
            ),
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
