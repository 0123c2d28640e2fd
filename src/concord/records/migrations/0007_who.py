"""Roles, certificates and how far a country takes part: rights and policies stand in 0007_who.sql beside this file."""

import uuid
from pathlib import Path
from typing import Any

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


def run(apps: Any, schema_editor: Any) -> None:  # noqa: ARG001  the signature is Django's
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(Path(__file__).with_suffix(".sql").read_text())


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0006_tone"),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("course", models.TextField()),
                ("issued_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "certificate",
            },
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("role", models.TextField()),
                ("granted_at", models.DateTimeField()),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "role_grant",
            },
        ),
        migrations.AddField(
            model_name="country",
            name="is_hub",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="country",
            name="participation",
            field=models.TextField(default="FULL"),
        ),
        migrations.AddField(
            model_name="token",
            name="scopes",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name="unit",
            name="is_bureau",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="country",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_hub", True)), fields=("is_hub",), name="country_one_hub"
            ),
        ),
        migrations.AddConstraint(
            model_name="country",
            constraint=models.CheckConstraint(
                condition=models.Q(("participation__in", ["FULL", "HASH-ONLY", "REFERRAL-ONLY", "READ-ONLY"])),
                name="country_participation",
            ),
        ),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_bureau", True)), fields=("country",), name="unit_one_bureau"
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="issued_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
            ),
        ),
        migrations.AddField(
            model_name="certificate",
            name="user",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
        ),
        migrations.AddField(
            model_name="grant",
            name="granted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="revoked_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
            ),
        ),
        migrations.AddField(
            model_name="grant",
            name="user",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
        ),
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["user"], name="certificate_user"),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "role__in",
                        [
                            "OFFICER",
                            "ANALYST",
                            "SUPERVISOR",
                            "NATIONAL-ADMINISTRATOR",
                            "HUB-ADMINISTRATOR",
                            "AUDITOR",
                            "DATA-PROTECTION",
                            "TRAINER",
                        ],
                    )
                ),
                name="role_grant_role",
            ),
        ),
        migrations.AddConstraint(
            model_name="grant",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)), fields=("user", "role"), name="role_grant_once"
            ),
        ),
        migrations.RemoveConstraint(
            model_name="appearance",
            name="appearance_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="contribution",
            name="contribution_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="instance",
            name="instance_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="person",
            name="person_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="profile",
            name="profile_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="series",
            name="series_purpose",
        ),
        migrations.RemoveConstraint(
            model_name="statement",
            name="statement_purpose",
        ),
        migrations.AddConstraint(
            model_name="appearance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="appearance_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="case_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="contribution",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="contribution_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="instance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="instance_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="membership_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="person_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="profile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "default_purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="profile_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="series",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="series_purpose",
            ),
        ),
        migrations.AddConstraint(
            model_name="statement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purpose__in",
                        ["IDENTIFICATION", "INVESTIGATION", "MISSING", "QUALITY", "ADMINISTRATION", "TRAINING"],
                    )
                ),
                name="statement_purpose",
            ),
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
