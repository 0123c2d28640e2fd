"""The entry says who, for what purpose, of what, and how it ended."""

from concord.access.audit import AuditEntry, Entry, Verb, write
from concord.actions.enrol import OWNER
from concord.values import Purpose, utc_now
from tests.officers import Officers


def test_an_entry_says_who_did_what_for_what_purpose_or_why_it_was_refused(officers: Officers) -> None:
    actor, now = officers.of("XA", Purpose.QUALITY), utc_now()
    entry = Entry(Verb.ASK)
    entry.name("one", 2)
    with actor.acting(now):
        write(actor, entry.verb, now, entry.items)
        write(actor, Verb.ENTER, now, [], refused="not_allowed")
    found = AuditEntry.objects.using(OWNER).filter(user=actor.user, at=now).order_by("verb")
    who = (actor.unit, "XA", "QUALITY")
    assert [(one.unit, one.owner_country, one.purpose) for one in found] == [who, who]
    assert [(one.verb, one.outcome, one.reason, one.item_count, one.items) for one in found] == [
        ("ASK", "DONE", None, 2, ["one", "2"]),
        ("ENTER", "REFUSED", "not_allowed", 0, []),
    ]


def test_without_a_purpose_none_is_recorded(officers: Officers) -> None:
    actor, now = officers.of("XA", None), utc_now()
    with actor.acting(now):
        write(actor, Verb.ASK, now, [], refused="no_purpose")
    assert AuditEntry.objects.using(OWNER).get(user=actor.user, at=now).purpose is None
