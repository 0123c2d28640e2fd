"""Digests, of which an entry may name thousands, do not get smaller by compression: trying it takes PostgreSQL six times as
long as storing them."""

from django.db import migrations

AS_IT_IS = "alter table audit_entry alter column items set storage external"
BACK = "alter table audit_entry alter column items set storage extended"


class Migration(migrations.Migration):
    dependencies = [("access", "0003_expiry")]
    operations = [migrations.RunSQL(AS_IT_IS, BACK)]
