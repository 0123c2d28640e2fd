"""A right call of every address: who may make it, and with what. A new endpoint needs its line here."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from django.db import connections
from django.http import HttpResponse
from django.test import Client

from concord.access.actor import Actor, sign_in
from concord.access.approval import Kind
from concord.access.audit import Verb
from concord.access.budget import Meter
from concord.actions.alerts import list_alerts
from concord.actions.approve import Plan, name_second, request_approval
from concord.actions.enrol import OWNER, Standing, UnitFacts, enrol_unit, enrol_user, issue_token
from concord.actions.glass import Breaking, close_glass, open_glass
from concord.actions.installation import Installation
from concord.actions.propose import propose_edit, propose_merge
from concord.actions.restrict import Bounds, restrict
from concord.actions.say import add_person, open_series
from concord.actions.share import make_group
from concord.actions.suspend import suspend
from concord.actions.upload import Announced, add_part, begin_upload
from concord.actions.widen import ask_widening
from concord.api.endpoint import Endpoint
from concord.records.material import Instance
from concord.records.person import Role
from concord.records.suspension import Subject
from concord.records.user import UserRole
from concord.values import Basis, CountryCode, Purpose, utc_now
from tests.api.program import Program
from tests.desk import Desk, Desks
from tests.people import Bureau, at_the_hub, fresh_code

Address = tuple[str, str]  # method, and what follows /api/v1/


@dataclass(frozen=True)
class Right:
    """`body` is sent as JSON; None: there is none."""

    actor: Actor
    body: Any = None
    query: str = ""


def whole_program(actor: Actor) -> Program:
    """With a token that opens all that its user may, also what a token opens only where it names it."""
    token = issue_token(actor.profile, "all", utc_now, scopes=list(Verb))
    return Program(token, Client(SERVER_NAME="localhost", raise_request_exception=False))


def send(program: Program, endpoint: Endpoint, right: Right) -> HttpResponse:
    return program.send(endpoint.method, endpoint.address + right.query, right.body)


@dataclass
class Scene:
    """XA's officer at his desk, another's in XB, the hub, and a country with people for every task."""

    desks: Desks

    def right(self, endpoint: Endpoint) -> Right:
        """Each is made anew, so that all can be sent in any order."""
        return LINES[endpoint.method, endpoint.address](self)

    @cached_property
    def ours(self) -> Desk:
        return self.desks.of("XA")

    @cached_property
    def theirs(self) -> Desk:
        return self.desks.of("XB")

    @cached_property
    def hub(self) -> Actor:
        return at_the_hub()

    @cached_property
    def bureau(self) -> Bureau:
        return Bureau(fresh_code())

    @cached_property
    def administrator(self) -> Actor:
        return self.bureau.person(UserRole.NATIONAL_ADMINISTRATOR)

    @cached_property
    def trainer(self) -> Actor:
        return self.bureau.person(UserRole.TRAINER)

    @cached_property
    def supervisor(self) -> Actor:
        return self.bureau.person(UserRole.SUPERVISOR)

    @cached_property
    def colleague(self) -> Actor:
        return self.bureau.person(UserRole.OFFICER)

    @property
    def installation(self) -> Installation:
        return self.ours.installation

    # ---- records to act on ------------------------------------------------------------------------------------------

    def digest(self) -> str:
        return sha256(uuid4().bytes).hexdigest()

    def contribution(self) -> str:
        (line,) = self.ours.enter(self.ours.picture(f"{uuid4()}.jpg"))
        with self.ours.actor.acting(utc_now()):
            return str(Instance.objects.get(material_id=line.material).contribution_id)

    def upload(self) -> str:
        data = uuid4().bytes
        begun = begin_upload(self.installation, self.ours.actor, Announced(sha256(data).digest(), len(data)))
        add_part(self.installation, self.ours.actor, begun.id, 0, data)
        return begun.id

    def person(self) -> UUID:
        return add_person(self.installation, self.ours.actor, Role.VICTIM, str(uuid4()))

    def series(self, desk: Desk) -> UUID:
        return open_series(self.installation, desk.actor, str(uuid4()))

    def merge(self) -> UUID:
        """That waits for XA, and then for the hub."""
        records = [self.series(self.ours), self.series(self.theirs)]
        return propose_merge(self.installation, self.theirs.actor, Subject.SERIES, records, "the same").proposal

    def escalated(self) -> UUID:
        proposal = self.merge()
        with connections[OWNER].cursor() as cursor:
            cursor.execute("update proposal set due_at = recorded_at where id = %s", [proposal])
        return proposal

    def edit(self) -> UUID:
        return propose_edit(
            self.installation, self.theirs.actor, Subject.SERIES, self.series(self.ours), "name", str(uuid4()), "so"
        ).proposal

    def group(self) -> str:
        name = str(uuid4())
        make_group(self.installation, self.ours.actor, name)
        return name

    def alert(self) -> str:
        (line,) = self.ours.enter(self.ours.picture(f"{uuid4()}.jpg"), own_country_only="an operation")
        self.theirs.ask_texts([str(line.sha256)])
        return str(next(one.alert for one in list_alerts(self.installation, self.ours.actor)))

    def suspension(self) -> str:
        record = UUID(self.contribution())
        return str(suspend(self.installation, self.hub, Subject.CONTRIBUTION, record, "a doubt"))

    def restricted(self) -> str:
        record = self.contribution()
        restrict(self.installation, self.ours.actor, Subject.CONTRIBUTION, UUID(record), Bounds("an operation"))
        return record

    def reading_alert(self) -> str:
        """Of the supervisor's unit, as reading far more than before leaves it."""
        values = [uuid4(), self.colleague.user, self.supervisor.country, self.supervisor.unit]
        with connections[OWNER].cursor() as cursor:
            cursor.execute(
                """insert into reading_alert (id, user_id, owner_country, owner_unit_id, kind, at, count)
                   values (%s, %s, %s, %s, 'READING', now(), 60)""",
                values,
            )
        return str(values[0])

    def widening(self) -> str:
        asked = ask_widening(self.installation, self.supervisor, self.colleague.user, Meter.VIEW, 5, "a large case")
        return str(asked)

    def request(self) -> str:
        plan = Plan(Kind.EXPORT, str(uuid4()), "1 record")
        return str(request_approval(self.installation, self.colleague, plan, "a court asks").approval)

    def alone(self) -> tuple[Actor, Actor]:
        """An administrator who has no second in his country, and one elsewhere."""
        return tuple(Bureau(fresh_code()).person(UserRole.NATIONAL_ADMINISTRATOR) for _ in range(2))  # type: ignore[return-value]

    def named(self) -> tuple[Actor, Actor]:
        ours, theirs = self.alone()
        name_second(self.installation, ours, Kind.KEY, theirs.user)
        return ours, theirs

    def glass(self) -> str:
        return str(open_glass(self.installation, self.ours.actor, Breaking("XB", "DANGER", "somebody")).glass)

    def closed_glass(self) -> tuple[Actor, str]:
        """And a supervisor of its opener's."""
        glass = self.glass()
        close_glass(self.installation, self.ours.actor, UUID(glass))
        facts = UnitFacts(CountryCode("XA"), "Land XA", self.ours.actor.unit_name, None, None, None)
        standing = Standing((UserRole.SUPERVISOR,))
        profile = enrol_user(
            enrol_unit(facts), f"S {uuid4()}", "default", Purpose.ADMINISTRATION, Basis.NATIONAL_LAW, standing
        )
        return sign_in(profile), glass


def _merging(scene: Scene) -> Right:
    records = [str(scene.series(scene.ours)), str(scene.series(scene.theirs))]
    return Right(scene.ours.actor, {"subject": "SERIES", "records": records, "reason": "the same room"})


def _editing(scene: Scene) -> Right:
    said = {"record": str(scene.series(scene.theirs)), "field": "name", "value": "S", "reason": "a slip"}
    return Right(scene.ours.actor, {"subject": "SERIES", **said})


def _seconding(scene: Scene, *, stands: bool) -> Right:
    ours, theirs = scene.named() if stands else scene.alone()
    return Right(ours, {"kind": "KEY", "user": str(theirs.user)})


def _reviewing(scene: Scene) -> Right:
    supervisor, glass = scene.closed_glass()
    return Right(supervisor, {"glass": glass, "finding": "JUSTIFIED", "words": "it was"})


def _of(scene: Scene, role: str) -> dict[str, str]:
    return {"user": str(scene.bureau.person().user), "role": role}


def _of_contribution(record: str, **more: Any) -> dict[str, Any]:
    return {"subject": "CONTRIBUTION", "record": record, **more}


LINES: dict[Address, Callable[[Scene], Right]] = {
    ("POST", "ask"): lambda s: Right(s.ours.actor, {"item": s.digest()}),
    ("POST", "ask/batch"): lambda s: Right(s.ours.actor, {"items": [s.digest()]}),
    ("POST", "materials"): lambda s: Right(s.ours.actor, {"digests": [s.digest()], "case": "C-1"}),
    ("GET", "materials"): lambda s: Right(s.ours.actor),
    ("GET", "session"): lambda s: Right(s.ours.actor),
    ("POST", "uploads"): lambda s: Right(s.ours.actor, {"sha256": s.digest(), "size_bytes": 3}),
    ("POST", "uploads/ask"): lambda s: Right(s.ours.actor, {"upload": s.upload()}),
    ("DELETE", "uploads"): lambda s: Right(s.ours.actor, None, f"?upload={s.upload()}"),
    ("POST", "units"): lambda s: Right(s.administrator, {"name": f"North {uuid4().hex[:8]}"}),
    ("GET", "users"): lambda s: Right(s.administrator),
    ("POST", "users"): lambda s: Right(s.administrator, {"name": str(uuid4()), "unit": "Bureau"}),
    ("PATCH", "users"): lambda s: Right(s.administrator, {"user": str(s.bureau.person().user), "active": False}),
    ("POST", "roles"): lambda s: Right(s.administrator, _of(s, "ANALYST")),
    ("DELETE", "roles"): lambda s: Right(s.administrator, _of(s, "OFFICER")),
    ("POST", "certificates"): lambda s: Right(s.trainer, {"user": str(s.colleague.user), "course": "basic"}),
    ("DELETE", "certificates"): lambda s: Right(s.trainer, {"user": str(s.bureau.person().user)}),
    ("GET", "audit"): lambda s: Right(s.ours.actor),
    ("GET", "proposals"): lambda s: Right(s.ours.actor),
    ("DELETE", "proposals"): lambda s: Right(s.theirs.actor, {"proposal": str(s.edit())}),
    ("POST", "proposals/edit"): _editing,
    ("POST", "proposals/merge"): _merging,
    ("POST", "proposals/answer"): lambda s: Right(s.ours.actor, {"proposal": str(s.merge()), "agrees": True}),
    ("POST", "proposals/decision"): lambda s: Right(
        s.hub, {"proposal": str(s.escalated()), "accepts": False, "reason": "no ground"}
    ),
    ("GET", "supervision"): lambda s: Right(s.supervisor),
    ("POST", "supervision"): lambda s: Right(s.supervisor, {"alert": s.reading_alert(), "finding": "a large case"}),
    ("GET", "budgets"): lambda s: Right(s.supervisor),
    ("POST", "budgets"): lambda s: Right(s.supervisor, {"user": str(s.colleague.user), "more": 5, "reason": "a case"}),
    ("PATCH", "budgets"): lambda s: Right(s.bureau.person(UserRole.SUPERVISOR), {"widening": s.widening()}),
    ("GET", "duty"): lambda s: Right(s.supervisor),
    ("POST", "duty"): lambda s: Right(s.supervisor, {"approval": s.request(), "approved": True, "words": "yes"}),
    ("POST", "seconds"): lambda s: _seconding(s, stands=False),
    ("DELETE", "seconds"): lambda s: _seconding(s, stands=True),
    ("POST", "erasures"): lambda s: Right(s.ours.actor, {"records": [s.contribution()], "reason": "a court"}),
    ("POST", "exports"): lambda s: Right(s.ours.actor, {"scope": "unit", "reason": "a court"}),
    ("GET", "glass"): lambda s: Right(s.ours.actor),
    ("POST", "glass"): lambda s: Right(s.ours.actor, {"country": "XB", "emergency": "DANGER", "reason": "somebody"}),
    ("DELETE", "glass"): lambda s: Right(s.ours.actor, {"glass": s.glass()}),
    ("POST", "glass/reviews"): _reviewing,
    ("POST", "restrictions"): lambda s: Right(
        s.ours.actor, _of_contribution(s.contribution(), bounds={"reason": "an operation"})
    ),
    ("DELETE", "restrictions"): lambda s: Right(s.ours.actor, _of_contribution(s.restricted())),
    ("GET", "suspensions"): lambda s: Right(s.ours.actor),
    ("POST", "suspensions"): lambda s: Right(s.hub, _of_contribution(s.contribution(), reason="a doubt")),
    ("DELETE", "suspensions"): lambda s: Right(s.hub, {"suspension": s.suspension()}),
    ("GET", "groups"): lambda s: Right(s.ours.actor),
    ("POST", "groups"): lambda s: Right(s.ours.actor, {"name": str(uuid4())}),
    ("POST", "groups/members"): lambda s: Right(s.ours.actor, {"name": s.group(), "unit": str(s.theirs.actor.unit)}),
    ("DELETE", "groups/members"): lambda s: Right(s.ours.actor, {"name": s.group(), "unit": str(s.theirs.actor.unit)}),
    ("GET", "alerts"): lambda s: Right(s.ours.actor),
    ("POST", "alerts"): lambda s: Right(s.ours.actor, {"alert": s.alert(), "answered": "called them"}),
    ("GET", "alerts/overdue"): lambda s: Right(s.hub),
}
