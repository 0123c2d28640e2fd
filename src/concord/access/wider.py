"""Whether a restriction, as it is to be changed, lets somebody know who did not: of what hides much two persons decide that.

Pure. Each bound is held against itself alone, so that what narrows by one and widens by another counts as widening. The
database holds the rule once more (migrations/0007_duty.sql).
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from concord.records.restriction import Handling, Restriction

Rule = Callable[[Restriction, Restriction], bool]


def more_countries(before: Restriction, after: Restriction) -> bool:
    return _more(before.countries, after.countries, before.owner_country_id)


def more_units(before: Restriction, after: Restriction) -> bool:
    return _more(before.units, after.units, before.owner_unit_id)


def more_groups(before: Restriction, after: Restriction) -> bool:
    return _more(before.groups, after.groups)


def more_uses(before: Restriction, after: Restriction) -> bool:
    return _more(before.purposes, after.purposes)


def lower_handling(before: Restriction, after: Restriction) -> bool:
    return Handling(after.handling).rank < Handling(before.handling).rank


def no_more_silent(before: Restriction, after: Restriction) -> bool:
    """Whoever is not admitted learns whom to contact, and so that it is there."""
    return before.silent and not after.silent


def sooner_over(before: Restriction, after: Restriction) -> bool:
    return after.until is not None and (before.until is None or after.until < before.until)


def lifted(_: Restriction, after: Restriction) -> bool:
    return after.lifted_at is not None


RULES: dict[str, Rule] = {
    "countries": more_countries,
    "units": more_units,
    "groups": more_groups,
    "use": more_uses,
    "handling": lower_handling,
    "silence": no_more_silent,
    "its end": sooner_over,
    "lifted": lifted,
}


def widened(before: Restriction, after: Restriction, now: datetime) -> list[str]:
    """By what, in words. What does not hold any more hides nothing, and so is not widened."""
    if before.lifted_at is not None or (before.until is not None and before.until <= now):
        return []
    return [name for name, widens in RULES.items() if widens(before, after)]


def _more(before: Collection[Any] | None, after: Collection[Any] | None, *always: Any) -> bool:
    """`always`: whom the bound admits anyway."""
    return before is not None and (after is None or bool({*after} - {*before, *always}))
