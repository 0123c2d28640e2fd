"""*Found*: the first administrator of a country, and the hub. By the local administration, as the owner of the database,
and only as long as there is none: whoever comes after is let in by those who are there."""

from uuid import UUID

from django.db import transaction

from concord.actions.enrol import OWNER, administered
from concord.errors import AdministratorThere, UnknownRecord
from concord.records.country import Country
from concord.records.user import Grant, User, UserRole
from concord.values import Clock, CountryCode


def found_country(country: CountryCode, administrator: str, clock: Clock) -> UUID:
    """The user of this name becomes its first administrator. Raises UnknownRecord, AdministratorThere."""
    with transaction.atomic(using=OWNER):
        home = Country.objects.using(OWNER).select_for_update().filter(pk=country).first()
        if home is None:
            raise UnknownRecord(what="country", name=country)
        if administered(country):
            raise AdministratorThere(country=country)
        user = User.objects.using(OWNER).filter(unit__country=country, name=administrator, active=True).first()
        if user is None:
            raise UnknownRecord(what="user", name=f"{administrator} ({country})")
        role = UserRole.HUB_ADMINISTRATOR if home.is_hub else UserRole.NATIONAL_ADMINISTRATOR
        Grant.objects.using(OWNER).create(user=user, role=role, granted_at=clock())
        return user.id


def found_hub(country: CountryCode) -> None:
    """This code is the hub's from now on. Raises UnknownRecord, AdministratorThere where another one is."""
    with transaction.atomic(using=OWNER):
        other = Country.objects.using(OWNER).select_for_update().filter(is_hub=True).exclude(pk=country).first()
        if other:
            raise AdministratorThere(country=f"The hub ({other.code})")
        if not Country.objects.using(OWNER).filter(pk=country).update(is_hub=True):
            raise UnknownRecord(what="country", name=country)
