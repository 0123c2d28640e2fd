"""Restrictions, sharing groups, suspensions and alerts. Rights and policies: see 0008_restrictions.sql beside this file."""

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
        ("records", "0007_who"),
    ]

    operations = [
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("basis", models.TextField()),
                ("purpose", models.TextField()),
                ("at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("times", models.IntegerField()),
                ("due_at", models.DateTimeField()),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("answered", models.TextField(null=True)),
            ],
            options={
                "db_table": "alert",
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recorded_at", models.DateTimeField()),
                ("name", models.TextField()),
            ],
            options={
                "db_table": "sharing_group",
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "group_member",
            },
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("subject", models.TextField()),
                ("record", models.UUIDField()),
                ("reason", models.TextField()),
                ("since", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "suspension",
            },
        ),
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("number", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("purpose", models.TextField()),
                ("met", django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), size=None)),
            ],
            options={
                "db_table": "ask_trace",
            },
        ),
        migrations.RemoveConstraint(
            model_name="restriction",
            name="restriction_kind",
        ),
        migrations.RemoveField(
            model_name="restriction",
            name="kind",
        ),
        migrations.AddField(
            model_name="appearance",
            name="suspended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="case",
            name="suspended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="contribution",
            name="suspended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="instance",
            name="suspended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="membership",
            name="suspended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="person",
            name="suspended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="restriction",
            name="countries",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name="restriction",
            name="groups",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name="restriction",
            name="handling",
            field=models.TextField(db_default="OFFICIAL", default="OFFICIAL"),
        ),
        migrations.AddField(
            model_name="restriction",
            name="lifted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="restriction",
            name="purposes",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name="restriction",
            name="silent",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="restriction",
            name="units",
            field=django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), null=True, size=None),
        ),
        migrations.AddField(
            model_name="series",
            name="suspended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="statement",
            name="suspended",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="user",
            name="clearance",
            field=models.TextField(db_default="OFFICIAL", default="OFFICIAL"),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.CheckConstraint(
                condition=models.Q(("handling__in", ["OFFICIAL", "RESTRICTED", "CONFIDENTIAL"])),
                name="restriction_handling",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(("clearance__in", ["OFFICIAL", "RESTRICTED", "CONFIDENTIAL"])),
                name="app_user_clearance",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="acknowledged_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="asker_unit",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"),
        ),
        migrations.AddField(
            model_name="alert",
            name="material",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.material"
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="owner_country",
            field=models.ForeignKey(
                db_column="owner_country",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.country",
            ),
        ),
        migrations.AddField(
            model_name="alert",
            name="owner_unit",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"),
        ),
        migrations.AddField(
            model_name="group",
            name="author",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
        ),
        migrations.AddField(
            model_name="group",
            name="owner_country",
            field=models.ForeignKey(
                db_column="owner_country",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.country",
            ),
        ),
        migrations.AddField(
            model_name="group",
            name="owner_unit",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"),
        ),
        migrations.AddField(
            model_name="member",
            name="country",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.country"
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="group",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.group"),
        ),
        migrations.AddField(
            model_name="member",
            name="unit",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="lifted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="owner_country",
            field=models.ForeignKey(
                db_column="owner_country",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.country",
            ),
        ),
        migrations.AddField(
            model_name="suspension",
            name="owner_unit",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.unit"),
        ),
        migrations.AddField(
            model_name="suspension",
            name="suspended_by",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.user"),
        ),
        migrations.AddField(
            model_name="trace",
            name="unit",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="records.unit",
            ),
        ),
        migrations.AddIndex(
            model_name="alert",
            index=models.Index(condition=models.Q(("acknowledged_at", None)), fields=["due_at"], name="alert_due"),
        ),
        migrations.AddConstraint(
            model_name="alert",
            constraint=models.UniqueConstraint(
                condition=models.Q(("acknowledged_at", None)),
                fields=("owner_unit", "material", "asker_unit", "purpose"),
                name="alert_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="group",
            constraint=models.UniqueConstraint(fields=("owner_unit", "name"), name="sharing_group_name"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("country", None), ("unit", None), _connector="XOR"),
                name="group_member_country_or_unit",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("group", "country"), name="group_member_country"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.UniqueConstraint(fields=("group", "unit"), name="group_member_unit"),
        ),
        migrations.AddIndex(
            model_name="suspension",
            index=models.Index(fields=["record"], name="suspension_record"),
        ),
        migrations.AddConstraint(
            model_name="suspension",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "subject__in",
                        ["CONTRIBUTION", "INSTANCE", "STATEMENT", "PERSON", "APPEARANCE", "SERIES", "MEMBERSHIP"],
                    )
                ),
                name="suspension_subject",
            ),
        ),
        migrations.AddIndex(
            model_name="instance",
            index=models.Index(
                condition=models.Q(("has_bytes", True), ("restriction__isnull", False)),
                fields=["owner_country"],
                name="instance_restricted",
            ),
        ),
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
            for field in ("sha256", "sha1", "md5", "material", "owner_country")
        ),
        migrations.RunPython(run, migrations.RunPython.noop),
    ]
