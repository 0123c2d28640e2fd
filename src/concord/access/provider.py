"""Countries' own identity providers, and whom of theirs we know by which subject. Kept by the administration."""

import uuid
from dataclasses import dataclass, field

from django.db import models

from concord.database.acting import before_anybody, rows
from concord.records.country import Country
from concord.records.user import Profile
from concord.values import CountryCode


class Provider(models.Model):
    """An OpenID Connect provider that a country runs for its own people."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    country = models.ForeignKey(Country, models.PROTECT, related_name="+")
    issuer = models.TextField()
    client_id = models.TextField()
    wrapped_secret = models.BinaryField()  # under the installation's root key, bound to country and issuer
    set_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_provider"
        constraints = [
            models.UniqueConstraint(
                fields=["country"], condition=models.Q(removed_at=None), name="identity_provider_one"
            )
        ]


class Link(models.Model):
    """The provider's subject is this profile: said beforehand, for a user of exactly that country."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+")
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="+")
    subject = models.TextField()
    linked_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "identity_link"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "subject"], condition=models.Q(revoked_at=None), name="identity_link_once"
            )
        ]


@dataclass(frozen=True, slots=True)
class Registered:
    """A provider as signing in needs it."""

    id: uuid.UUID
    country: CountryCode
    issuer: str
    client_id: str
    wrapped_secret: bytes = field(repr=False)


def provider_of(country: str) -> Registered | None:
    """None: the country has none here."""
    with before_anybody():
        found = rows("select * from provider_of(%s)", [country])
    if not found:
        return None
    ((one, code, issuer, client_id, wrapped),) = found
    return Registered(one, CountryCode(code), issuer, client_id, bytes(wrapped))


def countries_with_provider() -> list[tuple[str, str]]:
    """Code and name, by name; for the sign-in page."""
    with before_anybody():
        return [(code, name) for code, name in rows("select * from countries_with_provider()", [])]


def binding_of(issuer: str) -> bytes:
    """What a provider's secret is bound to besides its country: it opens for no other issuer."""
    return f"oidc {issuer}".encode()
