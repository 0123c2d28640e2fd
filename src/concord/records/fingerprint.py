"""Fingerprints stand once a material and are never shown. Rows that come and go are both rows: the feed of matching."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.expressions import Func

from concord.records.material import Material

if TYPE_CHECKING:
    TextValued = models.Field[str, str]
else:
    TextValued = models.Field  # not subscriptable at run time


class TransactionId(TextValued):
    """PostgreSQL's 64-bit transaction id; set by the database to the transaction that writes the row."""

    def db_type(self, connection: Any) -> str:  # noqa: ARG002  the signature is Django's
        return "xid8"


class CurrentTransaction(Func):
    function = "pg_current_xact_id"
    output_field = TransactionId()


class Fingerprint(models.Model):
    """One fingerprint of a material's bytes. `number` is what the index knows; it never leaves the installation."""

    number = models.BigAutoField(primary_key=True)
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    kind = models.TextField()
    transform = models.TextField()  # what was done to the upright picture before it was measured: one of STORED
    value = models.BinaryField()
    quality = models.IntegerField(null=True)
    decoder = models.TextField()
    walls = models.TextField()  # those that stood around the decoder, by name; empty: none could be raised
    xid = TransactionId(db_default=CurrentTransaction())

    class Meta:
        db_table = "fingerprint"
        constraints = [models.UniqueConstraint(fields=["material", "kind", "transform"], name="fingerprint_once")]
        indexes = [models.Index(fields=["xid"], name="fingerprint_xid")]


class FingerprintRemoval(models.Model):
    """Written by a trigger when a fingerprint goes, so that every index learns of it."""

    number = models.BigIntegerField(primary_key=True)
    xid = TransactionId(db_default=CurrentTransaction())

    class Meta:
        db_table = "fingerprint_removal"
        indexes = [models.Index(fields=["xid"], name="fingerprint_removal_xid")]
