"""How much one user may see of what other units hold, in any 24 hours: by his roles and his purpose. Pure.

What the own unit holds is not counted, nor are questions about what lies before the asker, but for those by a bare perceptual
hash, of which some 256 would rebuild a stored one. For training nothing is counted: nothing real is met.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from concord.config import Limits
from concord.errors import BudgetSpent
from concord.records.user import UserRole
from concord.values import Coded, Purpose

WINDOW_HOURS = 24  # it slides: midnight renews nothing


class Meter(Coded):
    """What is counted: each record, and each value, once in 24 hours."""

    VIEW = "VIEW"  # other units' records, shown or exported in detail
    HASH = "HASH"  # questions by a bare perceptual hash


# Per cent of the configured limit. A role that stands in no row has none.
BY_ROLE: Mapping[UserRole, int] = {UserRole.OFFICER: 100, UserRole.ANALYST: 100, UserRole.SUPERVISOR: 50}
BY_PURPOSE: Mapping[Purpose, int] = {
    Purpose.IDENTIFICATION: 100,
    Purpose.INVESTIGATION: 100,
    Purpose.MISSING: 100,
    Purpose.QUALITY: 50,
    Purpose.ADMINISTRATION: 10,
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """In 24 hours: for one purpose, and for all together, so that changing the purpose gains little."""

    of_purpose: int
    in_all: int


def allowance(meter: Meter, roles: Iterable[UserRole], purpose: Purpose, limits: Limits) -> Allowance | None:
    """None: nothing is counted."""
    if purpose is Purpose.TRAINING:
        return None
    most = {Meter.VIEW: limits.views_per_day, Meter.HASH: limits.hashes_per_day}[meter]
    in_all = most * max((BY_ROLE.get(role, 0) for role in roles), default=0) // 100
    return Allowance(in_all * BY_PURPOSE[purpose] // 100, in_all)


@dataclass(frozen=True, slots=True)
class Spending:
    """What a try to spend met. `renews_at` None: not in 24 hours either, it was too much at once."""

    fits: bool
    spent: int  # of the bound that is nearest, before
    limit: int
    renews_at: datetime | None


def refusal(meter: Meter, purpose: Purpose, wanted: int, found: Spending) -> BudgetSpent:
    item = {Meter.VIEW: "other units' records", Meter.HASH: "questions by a bare hash"}[meter]
    renews = (
        f"So many fit again at {found.renews_at:%Y-%m-%d %H:%M} UTC" if found.renews_at else "Ask for fewer at once"
    )
    return BudgetSpent(item=item, count=found.spent, limit=found.limit, purpose=purpose, more=wanted, renews=renews)
