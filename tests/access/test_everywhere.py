"""Nothing is done without an entry. Every command, endpoint and page is tried as it stands in its own table, by somebody to
whom no role opens anything, and the refusal is found in the audit. What does without one is listed here, with its reason;
that each leaves one when it is done stands in tests/api/test_table.py and the tests of the actions.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from concord.access.actor import Actor, sign_in
from concord.access.audit import AuditEntry, Verb
from concord.actions.enrol import OWNER, Standing, UnitFacts, enrol_unit, enrol_user
from concord.actions.installation import Installation
from concord.cli.profiles import write_profile
from concord.site import urls
from concord.values import Basis, CountryCode, Purpose
from tests.api.program import Program
from tests.api.scene import whole_program
from tests.cli.terminal import Terminal
from tests.promises import doors
from tests.web.visitor import Visitor

KEEPER = "of whoever keeps the installation: as the owner of its database, on its own machine"
READS_NO_RECORD = "touches no record"
LOCAL = {
    "init": KEEPER, "migrate": KEEPER, "database-sql": READS_NO_RECORD, "profile add": KEEPER,
    "profile remote": READS_NO_RECORD, "profile disable": KEEPER, "profile enable": KEEPER, "token issue": KEEPER,
    "token list": KEEPER, "token revoke": KEEPER, "passkey invite": KEEPER, "passkey revoke": KEEPER, "oidc set": KEEPER,
    "oidc remove": KEEPER, "oidc list": KEEPER, "oidc link": KEEPER, "oidc unlink": KEEPER, "unit set": KEEPER,
    "country found": KEEPER, "fingerprint": READS_NO_RECORD, "index status": READS_NO_RECORD, "index seal": READS_NO_RECORD,
    "index compact": READS_NO_RECORD, "index rebuild": READS_NO_RECORD, "doctor": READS_NO_RECORD, "serve": KEEPER,
    "pocket": READS_NO_RECORD, "demo": KEEPER,
}  # fmt: skip

ONES_OWN = {"audit", "GET audit"}  # one's own entries are everyone's to read, and reading is an entry as well

FORM = "an empty form: nothing of anybody is on it"
UNKNOWN = "nobody is signed in: a refused try is entered, see tests/web/test_signing_in.py and test_surface.py"
NO_CHALLENGE = "an answer to no challenge is no try; wrong ones are entered, see tests/web/test_passkeys.py"
PAGES = {
    "/": FORM, "/step-up": FORM, "/join": FORM, "/sign-in": UNKNOWN, "/sign-in/recovery": UNKNOWN,
    "/sign-in/passkey/begin": FORM, "/sign-in/passkey": UNKNOWN, "/sign-in/provider/XA": FORM,
    "/sign-in/provider/XA/return": UNKNOWN, "/join/begin": UNKNOWN, "/join/passkey": UNKNOWN,
    "/step-up/provider": FORM, "/step-up/passkey": NO_CHALLENGE, "/account/passkeys": NO_CHALLENGE,
}  # fmt: skip

NAMED = {
    "item": ["ab" * 32], "items": ["ab" * 32], "digests": ["ab" * 32], "material": ["ab" * 32], "sha256": ["ab" * 32],
    "category": ["1"], "role": ["VICTIM"], "subject": ["PERSON"], "kind": ["KEY"], "because": ["DANGER"],
    "emergency": ["DANGER"], "country": ["XA"], "finding": ["JUSTIFIED"], "field": ["label"], "state": ["IDENTIFIED"],
    "code": ["OFFICIAL"], "mode": ["FULL"], "member": ["XA"], "upload": ["ab" * 16], "verb": ["ASK"], "whose": ["mine"],
    "meter": ["VIEW"], "handling": ["OFFICIAL"], "purposes": ["TRAINING"], "limit": ["5"], "offset": ["0"],
    "time_zone": ["UTC"],
}  # fmt: skip
BY_COMMAND = {"grant": {"role": ["OFFICER"]}, "revoke": {"role": ["OFFICER"]}, "propose edit": {"kind": ["person"]},
              "propose merge": {"kind": ["person"]}}  # fmt: skip
MORE = {
    "enter": ["--case", "C-1"],  # which may be left out only with an intake
    "restrict set": ["--own-unit-only"],  # some bound
}
BY_ADDRESS = {"POST roles": {"role": ["OFFICER"]}, "DELETE roles": {"role": ["OFFICER"]}}


@dataclass(frozen=True)
class Nobody:
    """A user without any role."""

    actor: Actor
    words: doors.Words

    def entries(self, act: Callable[[], object]) -> set[tuple[str, str]]:
        """Verbs and outcomes that the act left."""
        mine = AuditEntry.objects.using(OWNER).filter(user=self.actor.user)
        before = list(mine.values_list("id", flat=True))
        act()
        return set(mine.exclude(id__in=before).values_list("verb", "outcome"))

    def with_words(self, more: dict[str, list[str]]) -> doors.Words:
        return doors.Words(self.words.ids, {**self.words.named, **more}, self.words.paths)


@pytest.fixture
def nobody(installation: Installation, tmp_path: Path) -> Nobody:
    (tmp_path / "list.txt").write_text("ab" * 32)
    sources = {"source": [str(tmp_path)]}
    facts = UnitFacts(CountryCode("XA"), "XA", f"Unit {uuid4()}", None, None, None)
    profile = enrol_user(enrol_unit(facts), "N", "p", Purpose.TRAINING, Basis.TRAINING, Standing((), None))
    write_profile(installation.config.profiles, "without-a-role", profile)
    words = doors.Words([str(uuid4()) for _ in range(3)], NAMED | sources, [str(tmp_path / "list.txt")])
    return Nobody(sign_in(profile), words)


def test_every_command_that_acts_leaves_the_entry_of_its_refusal(installation: Installation, nobody: Nobody) -> None:
    terminal, left = Terminal(installation), {}
    for name, command in doors.commands().items():
        if not doors.acts(command):
            continue
        said = doors.arguments(command, nobody.with_words(BY_COMMAND.get(name, {})), random.Random(name))
        said += MORE.get(name, [])
        left[name] = nobody.entries(lambda: terminal.run(*name.split(), *said, "--as", "without-a-role"))  # noqa: B023
    for name, found in left.items():
        assert {outcome for _, outcome in found} == {"DONE" if name in ONES_OWN else "REFUSED"}, name


def test_every_command_that_acts_for_nobody_is_listed_with_its_reason() -> None:
    assert {name for name, command in doors.commands().items() if not doors.acts(command)} == LOCAL.keys()


def test_every_endpoint_leaves_the_entry_of_its_refusal(installation: Installation, nobody: Nobody) -> None:
    urls.publish(installation)
    program: Program = whole_program(nobody.actor)
    for one in doors.all_endpoints(installation):
        name = f"{one.method} {one.address}"
        body = doors.body(one, nobody.with_words(BY_ADDRESS.get(name, {})), random.Random(name))
        address = f"{one.address}?upload={'ab' * 16}" if one.method == "DELETE" and body is None else one.address
        left = nobody.entries(lambda: program.send(one.method, address, body))  # noqa: B023
        assert {outcome for _, outcome in left} == {"DONE" if name in ONES_OWN else "REFUSED"}, (name, left, body)
        assert {verb for verb, _ in left} <= {one.verb, ENABLES.get(name, one.verb)}, name


ENABLES = {"PATCH users": Verb.ENABLE_USER}  # it shuts out or lets in


def test_every_page_leaves_an_entry_or_has_its_reason(installation: Installation, nobody: Nobody) -> None:
    without = set()
    for address in doors.pages(installation):
        visitor = Visitor(installation).signed_in(nobody.actor)
        form = {"id": str(uuid4()), "texts": "ab" * 32, "answer": "{}", "token": "x", "code": "x"}

        def both(visitor: Visitor = visitor, address: str = address, form: dict[str, str] = form) -> None:
            visitor.get(address)
            visitor.post(address, **form)

        if not nobody.entries(both):
            without.add(address)
    assert without == PAGES.keys()
