"""One of two installations with the same people, who are made alike down to their ids. In one of them somebody hides
something; then an officer of QB does the same in both, through every door.
"""

import math
import random
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.db import connections
from django.http import HttpResponse
from django.test import Client

from concord.access import actor as actors
from concord.access.actor import Actor, begin_session, sign_in
from concord.access.audit import Verb
from concord.actions import sweep
from concord.actions.alerts import settle
from concord.actions.ask import BATCH_ITEMS, ask_texts, in_batches
from concord.actions.enrol import OWNER, Standing, UnitFacts, enrol_unit, enrol_user, issue_token
from concord.actions.enter import Terms, enter_digests
from concord.actions.found import found_hub
from concord.actions.installation import Installation
from concord.actions.restrict import Bounds, restrict
from concord.actions.say import add_appearance, add_person, open_case, open_series
from concord.actions.share import make_group, take_in
from concord.actions.suspend import suspend
from concord.api.endpoint import JSON, Endpoint
from concord.cli.profiles import write_profile
from concord.media import digester
from concord.records.material import Instance
from concord.records.person import Role
from concord.records.suspension import Subject
from concord.records.user import UserRole
from concord.site import urls
from concord.values import Basis, Category, CountryCode, Purpose
from concord.web.session import COOKIE, Session
from tests.cli.terminal import Terminal
from tests.promises import chance, doors
from tests.promises.hiding import Hiding

WATCHER = "watcher"  # the profile of the officer who may not know
ALL = tuple(UserRole)
SHARED = "01" * 32  # all know it; the watcher may hold it in silence as well, so nobody else touches it any more

# What the database dates by its own clock, and numbers by its own chance, made alike.
ALIKE = (
    """update alert set id = md5(owner_unit_id::text || material_id || asker_unit_id || purpose)::uuid, at = %(at)s,
       last_at = %(at)s, due_at = %(at)s where answered is null""",
    "update suspension set id = md5(record::text || reason)::uuid, since = %(at)s where lifted_at is null",
)


class Twin:
    def __init__(self, installation: Installation) -> None:
        actors.STALE_SECONDS = math.inf  # how fast this machine is must not cut an act into more parts
        sweep.ANSWER_SECONDS = digester.ANSWER_SECONDS = 600.0
        in_batches.__defaults__ = (BATCH_ITEMS, math.inf, time.monotonic)
        self._installation = replace(installation, clock=chance.clock)
        self._terminal = Terminal(self._installation)
        self._endpoints: list[Endpoint] = []

    def told(self, twin: str, seed: str, at: str, **what: Any) -> dict[str, Any]:
        chance.tell(seed, datetime.fromisoformat(at))
        try:
            return getattr(self, f"_{twin}")(**what) or {}
        finally:
            chance.forget()

    # ---- the people, and what all of them know ----------------------------------------------------------------------------

    def _begin(self, folder: str) -> None:
        urls.publish(self._installation)
        self._endpoints = doors.all_endpoints(self._installation)
        self._folder = Path(folder)
        self._at = chance.clock()
        ours, self._watcher = self._person("QA", "Ours", ALL), self._person("QB", "Watching", OFFICER)
        colleague, third = self._person("QB", "Other", ALL), self._person("QC", "Third", ALL)
        hub = self._person("QH", "Hub", ALL)
        found_hub(CountryCode("QH"))
        hub = sign_in(hub.profile)
        write_profile(self._installation.config.profiles, WATCHER, self._watcher.profile)
        for actor in (ours, self._watcher, colleague, third):
            for case in ("C-1", "C-2"):
                open_case(self._installation, actor, case)
        shared = [SHARED, *(f"{number:02x}" * 32 for number in range(2, 9))]
        self._hiding = Hiding(self._installation, ours, colleague, third, hub, shared[1:], self._folder)
        self._share(ours, shared)
        self._hold(self._watcher, third, hub)

    def _person(self, country: str, unit: str, roles: tuple[UserRole, ...]) -> Actor:
        facts = UnitFacts(CountryCode(country), country, unit, "channel", "hours", "UTC")
        standing = Standing(roles, clock=chance.clock)
        return sign_in(
            enrol_user(enrol_unit(facts), f"Officer {unit}", "p", Purpose.TRAINING, Basis.TRAINING, standing)
        )

    def _share(self, ours: Actor, shared: list[str]) -> None:
        open_series(self._installation, ours, "S-shared")
        enter_digests(self._installation, ours, shared, Terms("C-1", Category.CATEGORY_1, "S-shared"))
        person = add_person(self._installation, ours, Role.VICTIM, "P-shared")
        material = Instance.objects.using(OWNER).get(sha256=bytes.fromhex(shared[0])).material_id
        add_appearance(self._installation, ours, person, material)
        make_group(self._installation, ours, "G-shared")
        take_in(self._installation, ours, "G-shared", "QB")
        self._known = [str(person), str(material), str(ours.unit)]

    def _hold(self, watcher: Actor, third: Actor, hub: Actor) -> None:
        """What the watcher says; some of it in silence, and some is suspended."""
        self._own = [f"{number:02x}" * 32 for number in range(0xA1, 0xA5)]
        open_series(self._installation, watcher, "S-own")
        for digest in self._own:
            enter_digests(self._installation, watcher, [digest], Terms("C-1", Category.CATEGORY_1, "S-own"))
        instances = [Instance.objects.using(OWNER).get(sha256=bytes.fromhex(one)) for one in self._own]
        silent = Bounds("r", countries=["QB"], silent=True)
        restrict(self._installation, watcher, Subject.CONTRIBUTION, instances[0].contribution_id, silent)
        ask_texts(self._installation, third, [self._own[0]])
        suspend(self._installation, hub, Subject.CONTRIBUTION, instances[1].contribution_id, "a doubt")
        person = add_person(self._installation, watcher, Role.VICTIM, "P-own")
        self._known += [str(person), *(str(one.contribution_id) for one in instances), str(instances[0].material_id)]

    # ---- what is hidden ---------------------------------------------------------------------------------------------------

    def _hide(self, number: int) -> dict[str, Any]:
        return vars(self._hiding.hide(number, random.Random(number)))

    def _show(self, number: int) -> dict[str, Any]:
        return vars(self._hiding.show(number))

    # ---- what the watcher does --------------------------------------------------------------------------------------------

    def _ask(self, number: int, hidden: dict[str, list[str]], most: int | None) -> dict[str, Any]:
        """`most` of each table of doors; None: all."""
        drawn = random.Random(number)
        self._settle()
        words = self._words(hidden, drawn)
        told: list[tuple[str, str]] = []
        texts = [*hidden["digests"], *drawn.sample([*self._hiding.shared, *self._own], 3), f"{number:064x}"]
        self._token = issue_token(self._watcher.profile, "t", chance.clock, scopes=list(Verb))
        client = self._client()
        told.append(("ask/batch", self._called(client, "POST", "ask/batch", {"items": texts})))
        told.append(("cards", _shown(client.post("/ask/cards", {"texts": "\n".join(texts)}))))
        told.append(("ask", self._run("ask", *texts, *(["--json"] if number % 2 else []))))
        tables: list[list[tuple[str, Any]]] = [
            [(f"{one.method} {one.address}", one) for one in self._endpoints],
            [(name, one) for name, one in doors.commands().items() if doors.acts(one) and name != "ask"],
            [
                (f"{method} {address}", (method, address))
                for address in doors.pages(self._installation)
                for method in ("GET", "POST")
            ],
        ]
        for table in tables:
            for name, one in table if most is None else drawn.sample(table, most):
                told.append((name, self._try(client, name, one, words, drawn)))
        return {"told": told}

    def _try(self, client: Client, name: str, one: Any, words: doors.Words, drawn: random.Random) -> str:
        if isinstance(one, Endpoint):
            query = doors.query(one, words, drawn)
            said = "&".join(f"{key}={value}" for key, value in query.items())
            address = f"{one.address}?{said}" if said else one.address
            return self._called(client, one.method, address, doors.body(one, words, drawn))
        if isinstance(one, tuple):
            method, address = one
            form = {key: words.word(key, drawn) for key in ("id", "texts", "token", "code", "answer", "name")}
            return _shown(
                client.get(address) if method == "GET" else client.post(address, form | {"id": drawn.choice(words.ids)})
            )
        return self._run(*name.split(), *doors.arguments(one, words, drawn))

    def _words(self, hidden: dict[str, list[str]], drawn: random.Random) -> doors.Words:
        digests = [*hidden["digests"], *self._own, SHARED]
        names = [*hidden["names"], "S-own", "S-shared", "G-shared", f"N-{drawn.randrange(99)}"]
        ids = [*(hidden["ids"] * 3), *drawn.sample(self._known, 4)]
        named: dict[str, list[str]] = {
            "item": digests, "items": digests, "digests": digests, "texts": digests, "sha256": digests,
            "material": [*digests, *ids], "case": ["C-1", "C-2"], "reference": ["C-9", *names], "category": ["1", "2"],
            "series": names, "name": names, "label": names, "group": names, "groups": ["G-own"], "ordinary": names,
            "user": [*ids, *names], "unit": ["Ours", "Other", *names], "member": ["QA", *ids], "upload": digests,
            "country": ["QC"],  # of QA an opened glass shows what is hidden, as it is there to
            "countries": ["QB", "QC"], "subject": ["PERSON", "SERIES", "CONTRIBUTION"], "kind": ["person", "series"],
            "field": ["label", "name"], "value": names, "role": ["VICTIM", "OFFICER"], "state": ["IDENTIFIED"],
            "code": ["OFFICIAL"], "mode": ["FULL"], "because": ["DANGER"], "emergency": ["DANGER"],
            "finding": ["JUSTIFIED"], "verb": ["ASK"], "whose": ["mine", "unit", "country"], "all": ["true", "false"],
            "limit": ["5"], "meter": ["VIEW"], "handling": ["OFFICIAL"], "purposes": ["TRAINING"], "offset": ["0"],
            "source": [str(self._folder / "seized")],  # no pictures: whether one is unpacked in time hangs on the machine
        }  # fmt: skip
        return doors.Words(ids, named, [str(self._folder / "shown.txt")])

    def _client(self) -> Client:
        session = begin_session(issue_token(self._watcher.profile, "page", chance.clock), chance.clock())
        alike = uuid.uuid4()
        with connections[OWNER].cursor() as cursor:
            cursor.execute("update session set id = %s where id = %s", [alike, session])
        client = Client(SERVER_NAME="localhost")
        client.cookies[COOKIE] = Session.begin(alike, chance.clock()).sealed()
        return client

    def _called(self, client: Client, method: str, address: str, body: Any) -> str:
        data = b"" if body is None else msgspec.json.encode(body)
        headers = {"Authorization": f"Bearer {self._token}"}
        said = f"{address} {data.decode()}\n"
        return said + _shown(client.generic(method, f"/api/v1/{address}", data, JSON, headers=headers))

    def _run(self, *arguments: str) -> str:
        said = self._terminal.run(*arguments, "--as", WATCHER)
        return f"{arguments}\n{said}"

    def _settle(self) -> None:
        settle(self._installation.config)
        with connections[OWNER].cursor() as cursor:
            for statement in ALIKE:
                cursor.execute(statement, {"at": self._at})


OFFICER = (UserRole.OFFICER, UserRole.ANALYST)


def _shown(response: Any) -> str:
    """All that comes over the line."""
    assert isinstance(response, HttpResponse) or response.streaming
    lines = [str(response.status_code), *(f"{name}: {value}" for name, value in sorted(response.items()))]
    lines += [f"Set-Cookie: {morsel.OutputString()}" for _, morsel in sorted(response.cookies.items())]
    with suppress(UnicodeDecodeError):
        return "\n".join([*lines, "", response.content.decode()])
    return "\n".join([*lines, "", response.content.hex()])
