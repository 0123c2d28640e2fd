"""Invented names. Country codes are from the part of ISO 3166-1 that is left to users: no country will ever have them."""

from dataclasses import dataclass

from concord.values import CountryCode

RESERVED_DOMAIN = "example"  # reserved for examples (RFC 2606): no message can reach anybody


@dataclass(frozen=True, slots=True)
class Unit:
    """A country's unit and its one officer."""

    country: CountryCode
    country_name: str
    name: str
    officer: str  # user name
    officer_name: str
    phone_extension: str
    email: str
    office_hours: str  # in the unit's own time zone
    time_zone: str  # a name of the IANA database; real, for clocks to work, and telling nothing about the country


def _unit(code: str, country: str, name: str, officer: str, extension: str, hours: str, zone: str) -> Unit:
    user = officer.lower().replace(" ", ".")
    email = f"desk@identification.{country.lower()}.{RESERVED_DOMAIN}"
    return Unit(CountryCode(code), country, name, user, officer, extension, email, hours, zone)


UNITS = (
    _unit(
        "XA", "Ardovia", "Ardovian Identification Desk", "Tavi Orlund", "4101", "Mon-Fri 08:00-16:30", "Europe/Lisbon"
    ),
    _unit(
        "XB", "Belquant", "Belquant Clue Laboratory", "Mirel Saanto", "4202", "Mon-Sat 07:00-19:00", "Africa/Nairobi"
    ),
    _unit(
        "XC", "Cassoria", "Cassorian Victim Desk", "Ilvo Brennak", "4303", "every day 00:00-24:00", "America/Montevideo"
    ),
)


def case_reference(unit: Unit, number: int) -> str:
    """A unit's own reference of a case, such as XA-T-0007; the T marks training."""
    return f"{unit.country}-T-{number:04d}"


def person_label(role: str, number: int) -> str:
    """A neutral label, such as V-03 for a victim or S-01 for a suspect: never a name."""
    return f"{role[0].upper()}-{number:02d}"


def file_name(number: int) -> str:
    """What a camera would call its picture: it tells nothing."""
    return f"IMG_{number:04d}.jpg"
