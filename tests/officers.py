"""Officers of invented countries, each of a unit of its own."""

import itertools

from concord.access.actor import Actor, sign_in
from concord.actions.enrol import UnitFacts, enrol_unit, enrol_user, issue_token
from concord.values import Basis, CountryCode, Purpose, utc_now


class Officers:
    """Hands out signed-in officers of fresh units."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def of(
        self, country: str, purpose: Purpose | None = Purpose.TRAINING, basis: Basis | None = Basis.TRAINING
    ) -> Actor:
        number = next(self._numbers)
        facts = UnitFacts(
            CountryCode(country), f"Land {country}", f"Unit {number}", f"{number}@example.invalid", "09-17", "UTC"
        )
        return sign_in(enrol_user(enrol_unit(facts), f"Officer {number}", "default", purpose, basis))

    def token(self, actor: Actor) -> str:
        return issue_token(actor.profile, "test", utc_now)
