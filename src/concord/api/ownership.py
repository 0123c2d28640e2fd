"""The endpoints of proposals, and of supervision."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec

from concord.access.audit import Verb
from concord.access.budget import Meter
from concord.actions import propose as proposing
from concord.actions.installation import Installation
from concord.actions.propose import Proposed, ToldProposal, list_proposals
from concord.actions.supervise import ReadingTold, answer_reading_alert, list_reading_alerts
from concord.actions.widen import ToldWidening, ask_widening, confirm_widening, list_widenings
from concord.api.endpoint import Call, Endpoint, Query, storable
from concord.errors import MalformedRequest
from concord.records.suspension import Subject


class ProposeEdit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One field of one person, series or contribution."""

    subject: Subject
    record: UUID
    field: str
    value: str
    reason: str


class ProposeMerge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Series or persons; the first stays."""

    subject: Subject
    records: list[UUID]
    reason: str


class AnswerProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For your unit. Whoever refuses says why."""

    proposal: UUID
    agrees: bool
    words: str = ""


class WithdrawProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proposal of your own unit."""

    proposal: UUID


class DecideProposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By the hub, of what its owners did not answer in time."""

    proposal: UUID
    accepts: bool
    reason: str


class Proposals(msgspec.Struct, frozen=True):
    """The most urgent first."""

    proposals: Sequence[ToldProposal]


class ReadingAlerts(msgspec.Struct, frozen=True):
    """Newest first."""

    alerts: Sequence[ReadingTold]


class AnswerSupervision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the supervisor found."""

    alert: UUID
    finding: str


class Supervised(msgspec.Struct, frozen=True):
    alert: UUID


class Widen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """More than the budget for one user, in 24 hours."""

    user: UUID
    more: int
    reason: str
    meter: Meter = Meter.VIEW


class ConfirmWidening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As the second person."""

    widening: UUID


class Widened(msgspec.Struct, frozen=True):
    """`confirmed`: it holds from now on."""

    widening: UUID
    confirmed: bool


class Widenings(msgspec.Struct, frozen=True):
    """Those that wait for a second person."""

    widenings: Sequence[ToldWidening]


EVERY = (Query("all", "true: those that are over as well", {"type": "string", "enum": ["true", "false"]}),)


def ownership_endpoints(installation: Installation) -> list[list[Endpoint]]:
    row = partial(Endpoint, limit_bytes=installation.config.limits.request_bytes)

    def edit(call: Call) -> Proposed:
        given = call.body
        said = [storable(name, getattr(given, name)) for name in ("field", "value", "reason")]
        return proposing.propose_edit(installation, call.actor, given.subject, given.record, *said)

    def merge(call: Call) -> Proposed:
        reason = storable("reason", call.body.reason)
        return proposing.propose_merge(installation, call.actor, call.body.subject, call.body.records, reason)

    def answer(call: Call) -> Proposed:
        asked, words = call.body.proposal, storable("words", call.body.words)
        return Proposed(asked, proposing.answer_proposal(installation, call.actor, asked, call.body.agrees, words))

    def withdraw(call: Call) -> Proposed:
        asked = call.body.proposal
        return Proposed(asked, proposing.withdraw_proposal(installation, call.actor, asked))

    def decide(call: Call) -> Proposed:
        asked, reason = call.body.proposal, storable("reason", call.body.reason)
        return Proposed(asked, proposing.decide_proposal(installation, call.actor, asked, call.body.accepts, reason))

    def proposals(call: Call) -> Proposals:
        return Proposals(list_proposals(installation, call.actor, _every(call)))

    return [
        [
            row(
                "GET", "proposals", Verb.LIST_PROPOSALS, "What waits for an answer.", Proposals, proposals, query=EVERY
            ),
            row(
                "DELETE",
                "proposals",
                Verb.WITHDRAW_PROPOSAL,
                "Withdraw your own.",
                Proposed,
                withdraw,
                WithdrawProposal,
            ),
        ],
        [row("POST", "proposals/edit", Verb.PROPOSE, "Propose a change.", Proposed, edit, ProposeEdit)],
        [row("POST", "proposals/merge", Verb.PROPOSE, "Propose a merge.", Proposed, merge, ProposeMerge)],
        [row("POST", "proposals/answer", Verb.ANSWER_PROPOSAL, "Agree or refuse.", Proposed, answer, AnswerProposal)],
        [
            row(
                "POST",
                "proposals/decision",
                Verb.DECIDE_PROPOSAL,
                "Decide, as the hub.",
                Proposed,
                decide,
                DecideProposal,
            )
        ],
        *_supervision(installation),
    ]


def _supervision(installation: Installation) -> list[list[Endpoint]]:
    row = partial(Endpoint, limit_bytes=installation.config.limits.request_bytes)

    def alerts(call: Call) -> ReadingAlerts:
        return ReadingAlerts(list_reading_alerts(installation, call.actor, _every(call)))

    def found(call: Call) -> Supervised:
        answer_reading_alert(installation, call.actor, call.body.alert, storable("finding", call.body.finding))
        return Supervised(call.body.alert)

    def widenings(call: Call) -> Widenings:
        return Widenings(list_widenings(installation, call.actor))

    def widen(call: Call) -> Widened:
        given, reason = call.body, storable("reason", call.body.reason)
        return Widened(ask_widening(installation, call.actor, given.user, given.meter, given.more, reason), False)

    def confirm(call: Call) -> Widened:
        confirm_widening(installation, call.actor, call.body.widening)
        return Widened(call.body.widening, True)

    return [
        [
            row(
                "GET",
                "supervision",
                Verb.SUPERVISE,
                "Who of your unit reads far more.",
                ReadingAlerts,
                alerts,
                query=EVERY,
            ),
            row(
                "POST", "supervision", Verb.ANSWER_SUPERVISION, "Close an alert.", Supervised, found, AnswerSupervision
            ),
        ],
        [
            row("GET", "budgets", Verb.WIDEN_BUDGET, "Which wait for a second person.", Widenings, widenings),
            row("POST", "budgets", Verb.WIDEN_BUDGET, "Ask for a wider one.", Widened, widen, Widen),
            row("PATCH", "budgets", Verb.WIDEN_BUDGET, "Confirm it.", Widened, confirm, ConfirmWidening),
        ],
    ]


def _every(call: Call) -> bool:
    text = call.query.get("all", "false")
    if text not in ("true", "false"):
        raise MalformedRequest(cause="all is true or false")
    return text == "true"
