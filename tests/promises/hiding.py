"""What others do that one officer may not know of: a few acts at a time, of every kind there is.

QA hides from QB: by restrictions of every bound, by suspension, as real material from whoever acts for training. What is one
unit's alone (intakes, lists, audits, requests, what it opens in an emergency) is hidden by what it is; of these some are of
another unit of QB itself.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from concord.access.actor import Actor
from concord.access.approval import Kind
from concord.access.budget import Meter
from concord.actions.administer import add_user, set_user_active
from concord.actions.approve import Plan, request_approval
from concord.actions.ask import ask_texts
from concord.actions.certify import certify
from concord.actions.enrol import OWNER
from concord.actions.enter import Terms, enter_digests, enter_files
from concord.actions.glass import Breaking, open_glass
from concord.actions.grant import grant
from concord.actions.identify import identify
from concord.actions.installation import Installation
from concord.actions.open_intake import fill_intake, open_intake
from concord.actions.ordinary import add_ordinary
from concord.actions.propose import propose_edit
from concord.actions.restrict import Bounds, lift, restrict
from concord.actions.say import add_appearance, add_person, open_series
from concord.actions.share import make_group, take_in
from concord.actions.suspend import suspend
from concord.actions.widen import ask_widening
from concord.errors import ConcordError
from concord.records.material import Instance
from concord.records.person import PersonState, Role
from concord.records.suspension import Subject
from concord.records.user import UserRole
from concord.values import Basis, Category, Purpose
from tests.pictures import jpeg

OWN_COUNTRY = "a running operation"


@dataclass
class Hidden:
    """By what it could be asked for."""

    ids: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@dataclass
class Hiding:
    """`ours` of QA holds every role; `colleague` is of another unit of QB, `third` of QC, `hub` of the hub."""

    installation: Installation
    ours: Actor
    colleague: Actor
    third: Actor
    hub: Actor
    shared: list[str]  # digests that all know, entered by QA
    folder: Path
    number: int = 0
    chance: random.Random = field(default_factory=random.Random)
    hidden: Hidden = field(default_factory=Hidden)

    def hide(self, number: int, chance: random.Random) -> Hidden:
        """All kinds come in turn."""
        self.number, self.chance, self.hidden = number, chance, Hidden()
        kinds = KINDS if number % PICTURE_EVERY == 0 else KINDS[:-1]
        (PICTURE if number % PICTURE_EVERY == 0 else kinds[number % len(kinds)])(self)
        return self.hidden

    def show(self, number: int) -> Hidden:
        """What everybody may know, to see that it is seen."""
        self.hidden = Hidden()
        self._entered(self.ours, [self._digest(f"shown {number}")])
        return self.hidden

    # ---- acts of QA -----------------------------------------------------------------------------------------------------

    def restricted(self) -> None:
        silent = replace_bounds(self._bounds())
        contribution = self._entered(self.ours, [self._digest("r"), self._digest("s")], own_country_only=OWN_COUNTRY)
        restrict(self.installation, self.ours, Subject.CONTRIBUTION, contribution, silent)

    def further(self) -> None:
        """Of content that all know."""
        digests = self.chance.sample(self.shared, 2)
        category = self.chance.choice(list(Category))
        self._entered(self.ours, digests, "C-2", category=category, own_country_only=OWN_COUNTRY)

    def changed(self) -> None:
        """Restricted, lifted and restricted again, and nobody asked meanwhile."""
        contribution = self._entered(self.ours, [self._digest("c")], own_country_only=OWN_COUNTRY)
        lift(self.installation, self.ours, Subject.CONTRIBUTION, contribution)
        restrict(self.installation, self.ours, Subject.CONTRIBUTION, contribution, replace_bounds(self._bounds()))

    def suspended(self) -> None:
        contribution = self._entered(self.ours, [self._digest("u"), self.chance.choice(self.shared)], "C-2")
        self._note(suspend(self.installation, self.hub, Subject.CONTRIBUTION, contribution, "a doubt"))

    def persons(self) -> None:
        material = self._material(self.chance.choice(self.shared))
        person = add_person(self.installation, self.ours, self.chance.choice(list(Role)), self._name("P"))
        restrict(self.installation, self.ours, Subject.PERSON, person, replace_bounds(self._bounds()))
        self._note(person, add_appearance(self.installation, self.ours, person, material))
        identify(self.installation, self.ours, person, self.chance.choice(list(PersonState)))

    def series(self) -> None:
        series = open_series(self.installation, self.ours, name := self._name("S"))
        restrict(self.installation, self.ours, Subject.SERIES, series, replace_bounds(self._bounds()))
        digests = [self._digest("m"), self.chance.choice(self.shared)]
        self._entered(self.ours, digests, "C-2", series=name, own_country_only=OWN_COUNTRY)
        self._note(series)

    def real(self) -> None:
        """Open to all who are certified and do not act for training."""
        real = replace(self.ours, purpose=Purpose.INVESTIGATION, basis=Basis.NATIONAL_LAW)
        self._entered(real, [self._digest("v"), self.chance.choice(self.shared)], "C-2")
        self._note(add_person(self.installation, real, Role.VICTIM, self._name("R")))

    def asked(self) -> None:
        """And was refused."""
        for actor in (self.ours, self.colleague):
            ask_texts(self.installation, actor, [*self.shared, self._digest("q")])
        try:
            suspend(self.installation, self.ours, Subject.PERSON, self.ours.user, "not the hub")
        except ConcordError:
            self._note(self.ours.user)

    def administered(self) -> None:
        user = add_user(self.installation, self.ours, self.ours.unit_name, self._name("U"))
        grant(self.installation, self.ours, user, UserRole.SUPERVISOR)
        certify(self.installation, self.ours, user, "a course", 30)
        set_user_active(self.installation, self.ours, user, active=self.chance.random() < 0.5)
        self._note(user)

    def decided(self) -> None:
        """What waits for a second person; and an emergency, which concerns QC and QA."""
        plan = Plan(Kind.EXPORT, self._name("E"), "1 record")
        self._note(request_approval(self.installation, self.ours, plan, "a court asks").approval)
        user = add_user(self.installation, self.ours, self.ours.unit_name, self._name("W"))
        grant(self.installation, self.ours, user, UserRole.OFFICER)
        self._note(user, ask_widening(self.installation, self.ours, user, Meter.VIEW, 5, "a large case"))
        self._note(open_glass(self.installation, self.ours, Breaking("QC", "DANGER", "somebody")).glass)

    def proposed(self) -> None:
        series = open_series(self.installation, self.third, self._name("T"))
        self.hidden.ids.clear()  # which all know, in both
        made = propose_edit(self.installation, self.ours, Subject.SERIES, series, "name", self._name("N"), "a slip")
        restrict(
            self.installation, self.third, Subject.SERIES, series, Bounds("r", countries=["QC", "QA"], silent=True)
        )
        self._note(made.proposal, series)

    def picture(self) -> None:
        path = self.folder / f"{self.number}.jpg"
        path.write_bytes(jpeg(80_000 + self.number))
        self.hidden.digests.append(sha256(path.read_bytes()).hexdigest())
        terms = Terms("C-1", Category.CATEGORY_1, None, OWN_COUNTRY)
        (line,) = enter_files(self.installation, self.ours, [path], terms)
        self._note(line.material)

    # ---- acts of another unit of QB ---------------------------------------------------------------------------------------

    def own_units(self) -> None:
        """Hidden in the own country as well."""
        contribution = self._entered(self.colleague, [self._digest("o")], own_country_only=OWN_COUNTRY)
        restrict(
            self.installation, self.colleague, Subject.CONTRIBUTION, contribution, Bounds("r", units=[], silent=True)
        )

    def took_in(self) -> None:
        folder = self.folder / self._name("I")
        folder.mkdir()
        data = self._name("content").encode()
        (folder / "a.bin").write_bytes(data)
        (self.folder / "list.txt").write_text(sha256(self._name("L").encode()).hexdigest())
        for actor in (self.ours, self.colleague):
            intake = open_intake(self.installation, actor, "C-1", folder, days=3)
            list(fill_intake(self.installation, actor, intake))
            add_ordinary(self.installation, actor, self._name("L"), self.folder / "list.txt")
            self._note(intake)
        self.hidden.digests.append(sha256(data).hexdigest())

    # ---- with what --------------------------------------------------------------------------------------------------------

    def _bounds(self) -> Bounds:
        group = self._name("G")
        make_group(self.installation, self.ours, group)
        take_in(self.installation, self.ours, group, "QC")
        return self.chance.choice(
            [
                Bounds("r", countries=["QA", "QC"]),
                Bounds("r", units=[self.ours.unit, self.third.unit]),
                Bounds("r", groups=[group]),
                Bounds("r", purposes=["MISSING"]),
                Bounds("r", handling="CONFIDENTIAL"),
            ]
        )

    def _entered(self, actor: Actor, digests: list[str], case: str = "C-1", **terms: object) -> UUID:
        """The contribution."""
        given = Terms(**{"case": case, "category": Category.CATEGORY_1, **terms})  # type: ignore[arg-type]
        lines = enter_digests(self.installation, actor, digests, given)
        material = lines[0].material
        assert material
        made = Instance.objects.using(OWNER).filter(material_id=material, owner_unit_id=actor.unit)
        instance = made.order_by("-recorded_at").first()
        assert instance, lines
        self._note(instance.contribution_id, instance.id, *(line.material for line in lines))
        return instance.contribution_id

    def _material(self, digest: str) -> UUID:
        return Instance.objects.using(OWNER).filter(sha256=bytes.fromhex(digest))[0].material_id

    def _digest(self, what: str) -> str:
        self.hidden.digests.append(sha256(f"{what} {self.number}".encode()).hexdigest())
        return self.hidden.digests[-1]

    def _name(self, what: str) -> str:
        self.hidden.names.append(f"{what}-{self.number}")
        return self.hidden.names[-1]

    def _note(self, *records: object) -> None:
        self.hidden.ids += [str(one) for one in records if one is not None]


def replace_bounds(bounds: Bounds) -> Bounds:
    """In silence: else whoever asks is told whom to contact, and so that there is something."""
    return Bounds(
        bounds.reason, bounds.countries, bounds.units, bounds.groups, bounds.purposes, bounds.handling, silent=True
    )


PICTURE_EVERY = 10
PICTURE = Hiding.picture
KINDS: list[Callable[[Hiding], None]] = [
    Hiding.restricted, Hiding.further, Hiding.changed, Hiding.suspended, Hiding.persons, Hiding.series, Hiding.real,
    Hiding.asked, Hiding.administered, Hiding.decided, Hiding.proposed, Hiding.own_units, Hiding.took_in, Hiding.picture,
]  # fmt: skip
