"""Budgets, alerts on slow reading, widening by two persons. Rights and policies: see 0008_budget.sql beside this file."""

import uuid
from pathlib import Path
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_duty"),
        ("records", "0009_proposals"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReadingAlert",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.TextField()),
                ("at", models.DateTimeField()),
                ("count", models.IntegerField()),
                ("norm", models.IntegerField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("finding", models.TextField(null=True)),
                (
                    "acknowledged_by",
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
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
            ],
            options={
                "db_table": "reading_alert",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["READING", "NEAR-HASHES"])), name="reading_alert_kind"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("acknowledged_at", None)),
                        fields=("owner_unit", "user", "kind"),
                        name="reading_alert_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Spent",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("meter", models.TextField()),
                ("purpose", models.TextField()),
                ("item", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
                    ),
                ),
            ],
            options={
                "db_table": "meter",
                "indexes": [
                    models.Index(fields=["user", "meter", "at"], name="meter_user"),
                    models.Index(fields=["at"], name="meter_at"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("meter__in", ["VIEW", "HASH"])), name="meter_meter")
                ],
            },
        ),
        migrations.CreateModel(
            name="Widening",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("meter", models.TextField()),
                ("more", models.IntegerField()),
                ("reason", models.TextField()),
                ("asked_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
                (
                    "confirmed_by",
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
                    "user",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
            ],
            options={
                "db_table": "widening",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("meter__in", ["VIEW", "HASH"])), name="widening_meter"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="widening_two_persons",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("user", models.F("asked_by")), _negated=True),
                            models.Q(
                                ("confirmed_by", None),
                                models.Q(("user", models.F("confirmed_by")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="widening_not_oneself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("more__gt", 0), ("more__lte", 1000)), name="widening_more"
                    ),
                ],
            },
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
