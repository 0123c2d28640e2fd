"""Identity providers of countries: set, linked and listed by the local administration; and the way through one of them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from concord.access.fetch import Fetch, fetch_from, is_safe
from concord.access.openid import Client, Flow, Said, authorization_address, redeem
from concord.access.provider import Link, Provider, Registered, binding_of, provider_of
from concord.actions.enrol import OWNER
from concord.actions.installation import Installation
from concord.errors import (
    BadSetting,
    DamagedKey,
    MalformedRequest,
    OtherCountrysProvider,
    SubjectTaken,
    UnknownRecord,
)
from concord.records.country import Country
from concord.records.user import Profile
from concord.values import CountryCode
from concord.vault.keys import KEY_BYTES

MOST_SUBJECT = 255  # characters, OpenID Connect Core 1.0, section 2


@dataclass(frozen=True, slots=True)
class Linked:
    """A user as the provider of his country calls him."""

    subject: str
    user: str
    unit: str


@dataclass(frozen=True, slots=True)
class Way:
    """Through one country's provider."""

    provider: Registered
    client: Client
    fetch: Fetch


def set_provider(installation: Installation, country: CountryCode, issuer: str, client_id: str, secret: str) -> None:
    """The country's only one from now on; links to the former one open nothing any more. Raises BadSetting, UnknownRecord."""
    if not is_safe(issuer) or "?" in issuer or "#" in issuer:
        raise BadSetting(name="issuer", value=issuer, cause="an https address without query is needed")
    now = installation.clock()
    with transaction.atomic(using=OWNER):
        if not Country.objects.using(OWNER).filter(code=country).exists():
            raise UnknownRecord(what="country", name=country)
        Provider.objects.using(OWNER).filter(country_id=country, removed_at=None).update(removed_at=now)
        Provider.objects.using(OWNER).create(
            country_id=country,
            issuer=issuer,
            client_id=client_id,
            wrapped_secret=installation.keys.root.wrap(secret.encode(), country, binding_of(issuer)),
            set_at=now,
        )


def remove_provider(installation: Installation, country: CountryCode) -> None:
    """Sessions that began there end with their next request. Raises UnknownRecord."""
    held = Provider.objects.using(OWNER).filter(country_id=country, removed_at=None)
    if not held.update(removed_at=installation.clock()):
        raise UnknownRecord(what="identity provider of", name=country)


def link(installation: Installation, country: CountryCode, profile: uuid.UUID, subject: str) -> None:
    """Raises UnknownRecord, OtherCountrysProvider, SubjectTaken, MalformedRequest."""
    if not subject or len(subject) > MOST_SUBJECT or not subject.isprintable():
        raise MalformedRequest(cause=f"a subject has 1 to {MOST_SUBJECT} readable signs")
    provider = _provider(country)
    held = Profile.objects.using(OWNER).filter(id=profile).select_related("user__unit").first()
    if held is None:
        raise UnknownRecord(what="profile", name=profile)
    if held.user.unit.country_id != country:
        raise OtherCountrysProvider(profile=held.user.name, country=country)
    try:
        with transaction.atomic(using=OWNER):
            Link.objects.using(OWNER).create(
                provider=provider, profile=held, subject=subject, linked_at=installation.clock()
            )
    except IntegrityError:
        raise SubjectTaken(subject=subject) from None


def unlink(installation: Installation, country: CountryCode, subject: str) -> None:
    """Sessions that began with it end with their next request. Raises UnknownRecord."""
    held = Link.objects.using(OWNER).filter(provider=_provider(country), subject=subject, revoked_at=None)
    if not held.update(revoked_at=installation.clock()):
        raise UnknownRecord(what="link of", name=subject)


def providers() -> list[Provider]:
    """Those in use, by country."""
    return list(Provider.objects.using(OWNER).filter(removed_at=None).order_by("country_id"))


def links_of(country: CountryCode) -> Sequence[Linked]:
    """Raises UnknownRecord."""
    held = Link.objects.using(OWNER).filter(provider=_provider(country), revoked_at=None)
    found = held.select_related("profile__user__unit").order_by("subject")
    return [Linked(one.subject, one.profile.user.name, one.profile.user.unit.name) for one in found]


def way_through(installation: Installation, country: str, return_address: str) -> Way:
    """Raises UnknownRecord, DamagedKey."""
    provider = provider_of(country)
    if provider is None:
        raise UnknownRecord(what="identity provider of", name=country)
    secret = installation.keys.root.unwrap(provider.wrapped_secret, provider.country, binding_of(provider.issuer))
    if secret is None:
        raise DamagedKey(path=f"the secret of {provider.issuer}", wanted_bytes=KEY_BYTES)
    client = Client(provider.issuer, provider.client_id, secret.decode(), return_address)
    return Way(provider, client, fetch_from(provider.issuer, installation.config.server_ca))


def begin(way: Way, flow: Flow, *, anew: bool) -> str:
    """Where the browser is sent. Raises ProviderUnavailable."""
    return authorization_address(way.client, flow, way.fetch, anew=anew)


def finish(installation: Installation, way: Way, flow: Flow, code: str) -> Said:
    """Raises ProviderUnavailable, ProviderRefused."""
    return redeem(way.client, flow, code, way.fetch, installation.clock())


def _provider(country: CountryCode) -> Provider:
    found = Provider.objects.using(OWNER).filter(country_id=country, removed_at=None).first()
    if found is None:
        raise UnknownRecord(what="identity provider of", name=country)
    return found
