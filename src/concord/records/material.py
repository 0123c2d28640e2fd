"""Material is content, shared and owned by nobody; an instance is a file of it that a unit found.

The material row is a bare anchor: all that can be known of it (digests, size, format) stands on the instances, so that
what one country may see never depends on what another one holds hidden.
"""

import hashlib
import hmac
import uuid

from django.db import models
from django.db.models.functions import MD5

from concord.records.assertion import Assertion
from concord.records.case import Case, Contribution


def material_id(sha256: bytes, identity_key: bytes) -> uuid.UUID:
    """The public id of a content: a keyed hash of its SHA-256, so that it is the same whether or not somebody else
    holds it, and tells nobody outside what it stands for. The 128 leading bits of HMAC-SHA-256, marked as UUID version 8.
    """
    head = bytearray(hmac.digest(identity_key, b"material" + sha256, hashlib.sha256)[:16])
    head[6] = head[6] & 0x0F | 0x80
    head[8] = head[8] & 0x3F | 0x80
    return uuid.UUID(bytes=bytes(head))


class Material(models.Model):
    """A content. Found or made by `material_for()`, which does not tell which."""

    id = models.UUIDField(primary_key=True, editable=False)
    sha256 = models.BinaryField(unique=True)

    class Meta:
        db_table = "material"


class Instance(Assertion):
    """A file of a material, found by a unit in a case."""

    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    contribution = models.ForeignKey(Contribution, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    path = models.TextField()  # as it was found; shown to the own country only
    sha256 = models.BinaryField()
    sha1 = models.BinaryField(null=True)  # null: not recorded
    md5 = models.BinaryField(null=True)
    size_bytes = models.BigIntegerField(null=True)
    format = models.TextField(null=True)  # null: not recorded, or not a picture
    width_pixels = models.IntegerField(null=True)
    height_pixels = models.IntegerField(null=True)
    has_bytes = models.BooleanField()  # false: entered by digest only
    # Something stands on it or on its contribution, in force or not. Kept by the database alone (0008_restrictions.sql).
    guarded = models.BooleanField(default=False, db_default=False, editable=False)

    class Meta(Assertion.Meta):
        db_table = "instance"
        constraints = [
            *Assertion.Meta.constraints,
            # By the path's digest: a path may be longer than what an index entry can hold.
            models.UniqueConstraint("case", "material", MD5("path"), name="instance_once"),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="instance_sha256"),
            models.Index(fields=["sha1"], name="instance_sha1"),
            models.Index(fields=["md5"], name="instance_md5"),
            models.Index(fields=["owner_country", "-recorded_at", "id"], name="instance_recorded"),
            models.Index(
                fields=["owner_country"],
                condition=models.Q(restriction__isnull=False, has_bytes=True),
                name="instance_restricted",
            ),
            *(
                models.Index(fields=[field], condition=models.Q(guarded=True), name=f"instance_guarded_{field}")
                for field in ("sha256", "sha1", "md5", "material", "owner_country")
            ),
        ]
