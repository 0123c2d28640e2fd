"""Intakes and lists of ordinary files. Rights and row-level security: see 0005_intake.sql beside this file."""

import uuid
from pathlib import Path
from typing import Any

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [("records", "0004_statement")]

    operations = [
        migrations.CreateModel(
            name="Intake",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField()),
                ("source", models.TextField()),
                ("expires_at", models.DateTimeField()),
                ("state", models.TextField()),
                (
                    "author",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
                (
                    "case",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.case"),
                ),
                (
                    "owner_country",
                    models.ForeignKey(
                        db_column="owner_country",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.country",
                    ),
                ),
                (
                    "owner_unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"),
                ),
            ],
            options={
                "db_table": "intake",
            },
        ),
        migrations.CreateModel(
            name="IntakeItem",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "intake", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.BigIntegerField()),
                ("path", models.TextField()),
                ("path_key", models.BinaryField()),
                ("location", models.BinaryField(null=True)),
                ("parent", models.TextField(null=True)),
                ("sha256", models.BinaryField(null=True)),
                ("sha1", models.BinaryField(null=True)),
                ("md5", models.BinaryField(null=True)),
                ("size_bytes", models.BigIntegerField(null=True)),
                ("modified_ns", models.BigIntegerField(null=True)),
                ("format", models.TextField(null=True)),
                ("state", models.TextField()),
                ("match", models.TextField(null=True)),
                ("qualifiers", models.TextField(null=True)),
                ("not_compared", models.TextField(null=True)),
                ("ordinary", models.TextField(null=True)),
                ("error_code", models.TextField(null=True)),
                ("error_message", models.TextField(null=True)),
                ("pdq", models.BinaryField(null=True)),
                ("asked_at", models.DateTimeField()),
                (
                    "intake",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.intake",
                    ),
                ),
            ],
            options={
                "db_table": "intake_item",
            },
        ),
        migrations.CreateModel(
            name="OrdinaryList",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField()),
                ("name", models.TextField()),
                ("digests", models.BigIntegerField()),
                (
                    "author",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
                (
                    "owner_country",
                    models.ForeignKey(
                        db_column="owner_country",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.country",
                    ),
                ),
                (
                    "owner_unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"),
                ),
            ],
            options={
                "db_table": "ordinary_list",
            },
        ),
        migrations.CreateModel(
            name="OrdinaryDigest",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "digest", "list", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.BinaryField()),
                (
                    "list",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="records.ordinarylist",
                    ),
                ),
            ],
            options={
                "db_table": "ordinary_digest",
            },
        ),
        migrations.AddIndex(
            model_name="intake",
            index=models.Index(fields=["expires_at"], name="intake_expires"),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.UniqueConstraint(
                models.F("owner_unit"),
                models.F("case"),
                django.db.models.functions.text.MD5("source"),
                name="intake_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="intake",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["FILLING", "FILLED"])), name="intake_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="intakeitem",
            constraint=models.UniqueConstraint(fields=("path_key",), name="intake_item_once"),
        ),
        migrations.AddConstraint(
            model_name="intakeitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        ["NEW", "KNOWN", "PARTLY_IDENTIFIED", "IDENTIFIED", "NOT_RELEVANT", "ORDINARY", "FAILED"],
                    )
                ),
                name="intake_item_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="ordinarylist",
            constraint=models.UniqueConstraint(fields=("owner_unit", "name"), name="ordinary_list_name"),
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
