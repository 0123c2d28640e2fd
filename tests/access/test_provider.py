"""Which provider a country has here."""

from concord.access.provider import binding_of, countries_with_provider, provider_of
from concord.actions.installation import Installation
from tests.people import Bureau, fresh_code


def test_a_country_has_none_until_one_is_set(installation: Installation) -> None:
    country = fresh_code()
    Bureau(country).person()
    assert provider_of(country) is None
    assert provider_of("no country") is None
    assert country not in dict(countries_with_provider())


def test_a_secret_is_bound_to_its_issuer() -> None:
    assert binding_of("https://id.example") == b"oidc https://id.example"
