"""Proposals, and what series and persons are merged into. Rights and policies: see 0009_proposals.sql beside this file."""

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
        ("records", "0008_restrictions"),
        ("access", "0003_expiry"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="merged_into",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="records.person"
            ),
        ),
        migrations.AddField(
            model_name="series",
            name="merged_into",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="records.series"
            ),
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField()),
                ("kind", models.TextField()),
                ("field", models.TextField(null=True)),
                ("value", models.TextField(null=True)),
                ("reason", models.TextField()),
                ("basis", models.TextField()),
                ("state", models.TextField(default="OPEN")),
                ("due_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision", models.TextField(null=True)),
                (
                    "author",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
                ),
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
            ],
            options={
                "db_table": "proposal",
            },
        ),
        migrations.CreateModel(
            name="ProposalSubject",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("position", models.IntegerField()),
                ("subject", models.TextField()),
                ("record", models.UUIDField()),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.proposal"
                    ),
                ),
            ],
            options={
                "db_table": "proposal_subject",
            },
        ),
        migrations.CreateModel(
            name="ProposalVoice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("agreed", models.BooleanField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("words", models.TextField(null=True)),
                (
                    "answered_by",
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
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="records.proposal"
                    ),
                ),
            ],
            options={
                "db_table": "proposal_voice",
            },
        ),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(condition=models.Q(("state", "OPEN")), fields=["due_at"], name="proposal_due"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["EDIT", "MERGE-SERIES", "MERGE-PERSONS"])), name="proposal_kind"
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["OPEN", "ESCALATED", "DONE", "REFUSED", "WITHDRAWN", "LAPSED", "DECLINED"])
                ),
                name="proposal_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("basis__in", ["NATIONAL-LAW", "COURT-ORDER", "MUTUAL-ASSISTANCE", "CONSENT", "TRAINING"])
                ),
                name="proposal_basis",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposalsubject",
            constraint=models.UniqueConstraint(fields=("proposal", "position"), name="proposal_subject_once"),
        ),
        migrations.AddConstraint(
            model_name="proposalvoice",
            constraint=models.UniqueConstraint(fields=("proposal", "owner_unit"), name="proposal_voice_once"),
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
