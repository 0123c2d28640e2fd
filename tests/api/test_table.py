"""Every endpoint: what it does, what it refuses, and the audit entry it leaves."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from concord.access.actor import Actor
from concord.access.audit import AuditEntry, Verb
from concord.actions.say import open_case, open_series
from concord.api.endpoint import Endpoint
from concord.api.table import endpoints
from concord.database.acting import acting
from concord.site import urls
from tests.api.conftest import ProgramOf
from tests.api.program import BYTES, Program, given, refusal
from tests.api.scene import Scene, send, whole_program
from tests.desk import Desk, Desks, seeds
from tests.officers import Officers
from tests.pictures import jpeg

DIGEST = "ab" * 32
WAITS = {("POST", "erasures"), ("POST", "exports")}  # for a second person
numbers = itertools.count(1)


def fresh(count: int) -> list[str]:
    """Digests that nobody has entered."""
    return [f"{next(numbers):08x}{'5e' * 28}" for _ in range(count)]


def entries(actor: Actor) -> list[AuditEntry]:
    with acting(actor.country, actor.unit, actor.user):
        return list(AuditEntry.objects.filter(user=actor.user).order_by("at"))


# ---- ask --------------------------------------------------------------------------------------------------------------


def test_a_digest_is_asked_as_json(desk: Desk, program: Program) -> None:
    path = desk.picture("a.jpg")
    (line,) = desk.enter(path)
    assert given(program.post("ask", {"item": line.sha256}))["answer"] == "KNOWN"
    assert given(program.post("ask", {"item": DIGEST}))["answer"] == "NEW"


def test_a_file_is_asked_by_its_bytes(desk: Desk, program: Program) -> None:
    seed = next(seeds)
    desk.enter(desk.picture("a.jpg", seed))
    answer = given(program.post("ask?item=copy.jpg", jpeg(seed, quality=40), BYTES))
    assert (answer["item"], answer["answer"], answer["match"]) == ("copy.jpg", "KNOWN", "near")


def test_the_answer_over_http_is_the_answer_of_the_action(desk: Desk, program: Program) -> None:
    (line,) = desk.enter(desk.picture("a.jpg"))
    (answer,) = desk.ask(str(line.sha256))
    assert program.post("ask", {"item": line.sha256}).content == msgspec.json.encode(answer)


@pytest.mark.parametrize(
    "item", ["", "zz", "ab\0cd", "ab" * 32 + "\n", "x" * 1_000_000, "{known}", "‮", "';drop table case;--", "\x1b[31m"]
)
def test_what_is_no_digest_is_answered_with_its_error(program: Program, item: str) -> None:
    answer = given(program.post("ask", {"item": item}))
    assert (answer["answer"], answer["error"]["code"], answer["item"]) == (None, "malformed_digest", item)


@pytest.mark.parametrize("name", ["a%00b", "%ff", "%ED%A0%80", "x" * 6000, "..%2f..%2fetc%2fpasswd"])
@pytest.mark.parametrize("data", [b"", b"no picture", jpeg(77)[:-300]])
def test_a_file_under_any_name_is_answered_or_refused_by_name(program: Program, name: str, data: bytes) -> None:
    response = program.post(f"ask?item={name}", data, BYTES)
    if "%00" in name:
        assert refusal(response) == (400, "malformed_request")
    else:
        assert given(response)["error"]["code"] in ("empty_file", "not_a_picture", "damaged_picture")


def test_a_batch_of_a_thousand_is_one_audit_entry(desk: Desk, program: Program) -> None:
    items = fresh(1000)
    answers = given(program.post("ask/batch", {"items": items}))["answers"]
    assert [one["item"] for one in answers] == items
    assert {one["answer"] for one in answers} == {"NEW"}
    (entry,) = [one for one in entries(desk.actor) if one.verb == "ASK"]
    assert (entry.item_count, entry.items) == (1000, items)


def test_a_bad_item_does_not_stop_the_batch(program: Program) -> None:
    answers = given(program.post("ask/batch", {"items": ["zz", "a\0b", DIGEST, ""]}))["answers"]
    assert [one["error"] and one["error"]["code"] for one in answers] == [
        *["malformed_digest"] * 2,
        None,
        "malformed_digest",
    ]
    assert answers[2]["answer"] == "NEW"


def test_an_empty_batch_has_no_answers(program: Program) -> None:
    assert given(program.post("ask/batch", {"items": []})) == {"answers": []}


@pytest.mark.parametrize(
    ("address", "body"),
    [("ask/batch", {"items": [DIGEST] * 10_001}), ("materials", {"digests": [DIGEST] * 10_001, "case": "C-1"})],
)
def test_ten_thousand_and_one_items_are_too_many(program: Program, address: str, body: Any) -> None:
    assert refusal(program.post(address, body)) == (413, "too_many_items")


# ---- enter ------------------------------------------------------------------------------------------------------------


def test_a_file_is_entered_by_its_bytes_and_then_found(program: Program) -> None:
    data = jpeg(next(seeds))
    (line,) = given(program.post("materials?case=C-1&item=a.jpg", data, BYTES))["entered"]
    assert (line["item"], line["result"], line["answer_before"]) == ("a.jpg", "entered", "NEW")
    assert given(program.post("ask", {"item": line["sha256"]}))["match"] == "exact"
    (again,) = given(program.post("materials?case=C-1&item=a.jpg", data, BYTES))["entered"]
    assert (again["result"], again["material"]) == ("duplicate", line["material"])


def test_digests_are_entered_and_then_found(desk: Desk, program: Program) -> None:
    digests = fresh(3)
    body = {"digests": [*digests, "zz", "ab" * 16], "case": "C-1", "category": "2"}
    lines = given(program.post("materials", body))["entered"]
    assert [line["result"] for line in lines] == ["entered"] * 3 + ["failed"] * 2
    assert [line["error"]["code"] for line in lines[3:]] == ["malformed_digest", "needs_sha256"]
    assert {one.answer for one in desk.ask_texts(digests)} == {"KNOWN"}


def test_what_is_restricted_to_its_country_is_new_to_others(desks: Desks, program_of: ProgramOf) -> None:
    ours, theirs = (program_of(desks.of(country).actor) for country in ("XA", "XB"))
    (digest,) = fresh(1)
    body = {"digests": [digest], "case": "C-1", "own_country_only": "a running operation"}
    assert given(ours.post("materials", body))["entered"][0]["result"] == "entered"
    assert given(ours.post("ask", {"item": digest}))["answer"] == "KNOWN"
    assert given(theirs.post("ask", {"item": digest}))["answer"] == "NEW"


def test_what_is_entered_with_a_series_belongs_to_it(desk: Desk, program: Program) -> None:
    open_series(desk.installation, desk.actor, "S-1")
    (digest,) = fresh(1)
    given(program.post("materials", {"digests": [digest], "case": "C-1", "series": "S-1"}))
    assert given(program.post("ask", {"item": digest}))["matches"][0]["series"] == ["S-1"]


@pytest.mark.parametrize("case", ["C-2", "", "x" * 5000, "';--"])
def test_an_unknown_case_is_refused(program: Program, case: str) -> None:
    assert refusal(program.post("materials", {"digests": [DIGEST], "case": case})) == (404, "unknown_record")


def test_another_units_case_is_refused_like_one_that_is_not_there(desks: Desks, program_of: ProgramOf) -> None:
    ours, theirs = desks.of("XA"), desks.of("XA")
    open_case(theirs.installation, theirs.actor, "C-OTHER")
    assert refusal(program_of(ours.actor).post("materials?case=C-OTHER", b"x", BYTES)) == (404, "unknown_record")


def test_an_unknown_series_or_category_is_refused(program: Program) -> None:
    body = {"digests": [DIGEST], "case": "C-1"}
    for series in ("S-9", ""):
        assert refusal(program.post("materials", body | {"series": series})) == (404, "unknown_record")
    assert refusal(program.post("materials", body | {"category": "9"})) == (400, "unknown_code")
    assert refusal(program.post("materials?case=C-1&category=9", b"x", BYTES)) == (400, "unknown_code")


@pytest.mark.parametrize("reason", ["", " "])
def test_an_empty_reason_for_a_restriction_is_never_taken_for_no_restriction(program: Program, reason: str) -> None:
    (digest,) = fresh(1)
    body = {"digests": [digest], "case": "C-1", "own_country_only": reason}
    assert refusal(program.post("materials", body)) == (400, "no_reason")
    assert refusal(program.post("materials?case=C-1&own_country_only=", b"x", BYTES)) == (400, "no_reason")
    assert given(program.post("ask", {"item": digest}))["answer"] == "NEW"


@pytest.mark.parametrize("address", ["materials", "materials?case=", "materials?item=a.jpg"])
def test_bytes_without_their_case_are_refused(program: Program, address: str) -> None:
    response = program.post(address, jpeg(1), BYTES)
    assert refusal(response) == (400, "malformed_request")
    assert b"?case=" in response.content


@pytest.mark.parametrize("missing", ["digests", "case"])
def test_a_missing_field_is_refused_by_name(program: Program, missing: str) -> None:
    body = {"digests": [DIGEST], "case": "C-1"}
    del body[missing]
    response = program.post("materials", body)
    assert refusal(response) == (400, "malformed_request")
    assert missing.encode() in response.content


@pytest.mark.parametrize("name", ["case", "category", "series", "own_country_only"])
def test_a_nul_sign_in_a_term_is_refused(program: Program, name: str) -> None:
    body = {"digests": [DIGEST], "case": "C-1"} | {name: "a\0b"}
    assert refusal(program.post("materials", body)) == (400, "malformed_request")
    assert refusal(program.post(f"materials?case=C-1&item=a&{name}=a%00b", b"x", BYTES)) == (400, "malformed_request")


def with_a_nul(value: Any) -> Iterator[Any]:
    """As often as there are texts in it, each time with another that no database can hold."""
    if isinstance(value, str):
        yield f"{value}\0"
    elif isinstance(value, dict):
        for name, its in value.items():
            yield from (value | {name: bent} for bent in with_a_nul(its))
    elif isinstance(value, list):
        for place, its in enumerate(value):
            yield from ([*value[:place], bent, *value[place + 1 :]] for bent in with_a_nul(its))


def test_a_nul_sign_in_any_text_of_any_call_is_answered_or_refused(desks: Desks) -> None:
    scene, statuses = Scene(desks), list[tuple[int, str, Any]]()
    bounds = {"reason": "r", "countries": ["XB"], "groups": ["G"], "purposes": ["MISSING"], "handling": "OFFICIAL"}
    more = {("POST", "restrictions"): {"bounds": bounds}, ("POST", "glass"): {"material": DIGEST, "case": "C-1"}}
    more |= {(method, "groups/members"): {"country": "XB", "unit": None} for method in ("POST", "DELETE")}
    urls.publish(scene.installation)
    for one in (one for row in endpoints(scene.installation) for one in row):
        right = scene.right(one)
        if right.body is None:
            continue
        for bent in with_a_nul(right.body | more.get((one.method, one.address), {})):
            response = send(whole_program(right.actor), one, replace(right, body=bent))
            statuses.append((response.status_code, f"{one.method} {one.address}", bent))
    assert [told for told in statuses if told[0] >= 500] == []
    assert len(statuses) >= 70


def test_a_file_with_a_very_long_name_is_entered(program: Program) -> None:
    name = "".join(f"{number:x}" for number in range(1500))  # more than an index entry holds, and hard to compress
    (line,) = given(program.post(f"materials?case=C-1&item={name}", jpeg(next(seeds)), BYTES))["entered"]
    assert (line["result"], line["item"]) == ("entered", name)


def test_without_a_legal_basis_nothing_is_entered(desk: Desk, officers: Officers, program_of: ProgramOf) -> None:
    actor = officers.of("XA", basis=None)
    program = program_of(actor)
    (digest,) = fresh(1)
    with pytest.raises(Exception, match="legal basis"):
        open_case(desk.installation, actor, "C-1")
    open_case(desk.installation, actor.acting_for(basis="TRAINING"), "C-1")
    assert refusal(program.post("materials", {"digests": [digest], "case": "C-1"})) == (403, "not_allowed")
    assert given(program.post("ask", {"item": digest}))["answer"] == "NEW"
    body = {"digests": [digest], "case": "C-1"}
    assert given(program.post("materials", body, **{"Concord-Basis": "training"}))["entered"][0]["result"] == "entered"


# ---- list -------------------------------------------------------------------------------------------------------------


def test_pages_give_every_instance_once_while_more_is_entered(desks: Desks, program_of: ProgramOf) -> None:
    desk = desks.of("XD")
    program = program_of(desk.actor)
    there = fresh(25)
    for start in range(0, 25, 5):
        given(program.post("materials", {"digests": there[start : start + 5], "case": "C-1"}))
    seen: list[str] = []
    after = ""
    while True:
        page = given(program.get(f"materials?limit=4{after}"))
        seen += [one["sha256"] for one in page["materials"]]
        if page["next"] is None:
            break
        after = f"&after={page['next'].replace('+', '%2B')}"
        given(program.post("materials", {"digests": fresh(3), "case": "C-1"}))
    assert [digest for digest in seen if digest in there] == seen
    assert sorted(seen) == sorted(there)


def test_the_listing_is_newest_first_and_of_the_own_country_only(desks: Desks, program_of: ProgramOf) -> None:
    ours, theirs = (program_of(desks.of(country).actor) for country in ("XE", "XF"))
    first, second, other = fresh(3)
    for program, digest in ((ours, first), (ours, second), (theirs, other)):
        given(program.post("materials", {"digests": [digest], "case": "C-1"}))
    assert [one["sha256"] for one in given(ours.get("materials"))["materials"]] == [second, first]
    assert [one["sha256"] for one in given(theirs.get("materials"))["materials"]] == [other]


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "x", "", "1.5", "9" * 5000, "%00", "²"])
def test_a_limit_that_is_none_is_refused(program: Program, limit: str) -> None:
    assert refusal(program.get(f"materials?limit={limit}")) == (400, "malformed_request")


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "~",
        "2026-01-01~x",
        "99999-01-01T00:00:00%2B00:00~00000000-0000-0000-0000-000000000000",
        "0001-01-01T00:00:00%2B23:59~00000000-0000-0000-0000-000000000000",
        "9999-12-31T23:59:59-23:59~00000000-0000-0000-0000-000000000000",
        "%00",
        "~" * 5000,
    ],
)
def test_a_place_that_no_page_gave_is_refused(program: Program, after: str) -> None:
    assert refusal(program.get(f"materials?after={after}")) == (400, "malformed_request")


# ---- the table itself -------------------------------------------------------------------------------------------------


def every_endpoint(desk: Desk) -> list[Endpoint]:
    return list(itertools.chain(*endpoints(desk.installation)))


def _left(actor: Actor, before: int) -> set[tuple[str, str, str | None]]:
    return {(one.verb, one.outcome, one.reason) for one in entries(actor)[before:]}


@pytest.mark.usefixtures("program_of")
def test_every_endpoint_leaves_an_audit_entry_under_its_verb_and_gives_what_its_row_says(
    desk: Desk, desks: Desks
) -> None:
    scene = Scene(desks)
    for endpoint in every_endpoint(desk):
        right = scene.right(endpoint)
        before = len(entries(right.actor))
        response = send(whole_program(right.actor), endpoint, right)
        given(response)
        msgspec.json.decode(response.content, type=endpoint.gives)
        waits = (endpoint.method, endpoint.address) in WAITS  # the entry of the act comes with the act
        verb = Verb.REQUEST_APPROVAL if waits else endpoint.verb
        assert _left(right.actor, before) == {(verb, "DONE", None)}, endpoint.address


@pytest.mark.usefixtures("program_of")
def test_every_endpoint_leaves_an_audit_entry_when_it_refuses(desk: Desk, desks: Desks, officers: Officers) -> None:
    scene = Scene(desks)
    for endpoint in every_endpoint(desk):
        aimless = officers.of("XA", purpose=None)
        right = replace(scene.right(endpoint), actor=aimless)
        assert refusal(send(whole_program(aimless), endpoint, right)) == (400, "no_purpose")
        assert _left(aimless, 0) == {(endpoint.verb, "REFUSED", "no_purpose")}, endpoint.address


def test_every_endpoint_that_takes_a_body_bounds_it(desk: Desk) -> None:
    for endpoint in itertools.chain(*endpoints(desk.installation)):
        assert endpoint.takes is None or endpoint.limit_bytes > 0
