"""Four eyes, break-glass, erasing: rights, functions and triggers stand in 0007_duty.sql beside this file."""

import datetime
import uuid
from pathlib import Path
from typing import Any

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_sign_in"),
        ("records", "0008_restrictions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Approval",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("subject", models.TextField()),
                ("subject_sha256", models.BinaryField()),
                ("counts", models.TextField()),
                ("reason", models.TextField()),
                ("purpose", models.TextField()),
                ("requested_seat", models.UUIDField()),
                ("requested_at", models.DateTimeField()),
                ("decided_seat", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("approved", models.BooleanField(null=True)),
                ("decision", models.TextField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
                    ),
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
                (
                    "requested_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
            ],
            options={
                "db_table": "approval",
                "indexes": [models.Index(fields=["owner_country", "-requested_at"], name="approval_requested")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["EXPORT", "ERASE", "REVEAL", "POLICY", "KEY"])),
                        name="approval_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Glass",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("material", models.UUIDField(null=True)),
                ("seat", models.UUIDField()),
                ("emergency", models.TextField()),
                ("reason", models.TextField()),
                ("purpose", models.TextField()),
                ("opened_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("supervised_at", models.DateTimeField(null=True)),
                ("supervisor_finding", models.TextField(null=True)),
                ("supervisor_words", models.TextField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("owner_finding", models.TextField(null=True)),
                ("owner_words", models.TextField(null=True)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.case"
                    ),
                ),
                (
                    "opened_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
                (
                    "opener_country",
                    models.ForeignKey(
                        db_column="opener_country",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.country",
                    ),
                ),
                (
                    "opener_unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"),
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
                    "supervised_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
                    ),
                ),
            ],
            options={
                "db_table": "glass",
                "indexes": [models.Index(fields=["opened_by", "expires_at"], name="glass_open")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("emergency__in", ["DANGER", "MISSING", "DEADLINE", "UNREACHABLE"])),
                        name="glass_emergency",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("expires_at__gt", models.F("opened_at")),
                            (
                                "expires_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("opened_at"), "+", models.Value(datetime.timedelta(seconds=3600))
                                ),
                            ),
                        ),
                        name="glass_within_an_hour",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Removal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("material", models.UUIDField()),
                ("object_name", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "owner_country",
                    models.ForeignKey(
                        db_column="owner_country",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.country",
                    ),
                ),
            ],
            options={
                "db_table": "vault_removal",
                "indexes": [models.Index(fields=["material"], name="vault_removal_material")],
            },
        ),
        migrations.CreateModel(
            name="Second",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("named_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "named_by",
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
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
                (
                    "user_country",
                    models.ForeignKey(
                        db_column="user_country",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="records.country",
                    ),
                ),
                (
                    "user_unit",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"),
                ),
            ],
            options={
                "db_table": "second_person",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["EXPORT", "ERASE", "REVEAL", "POLICY", "KEY"])),
                        name="second_person_kind",
                    )
                ],
            },
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
