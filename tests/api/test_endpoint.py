"""Who, why, what: what every endpoint asks of a request before anything is done, and how it refuses."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from concord.access.audit import AuditEntry, Verb
from concord.actions.enrol import issue_token, revoke_tokens, set_active
from concord.api.endpoint import TEXT_CHARACTERS, Call, Endpoint, pattern, storable
from concord.database.acting import acting
from concord.errors import TooLong, VaultUnavailable
from concord.values import utc_now
from tests.api.conftest import ProgramOf
from tests.api.program import BYTES, JSON, Program, given, refusal
from tests.desk import Desk
from tests.officers import Officers

DIGEST = "ab" * 32
ASK = {"item": DIGEST}


# ---- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "wrong", "Ã¤" * 50, "x" * 5000])
def test_without_a_valid_token_nothing_is_answered(program: Program, token: str | None) -> None:
    response = Program(token, program.client).post("ask", ASK)
    assert refusal(response) == (401, "not_signed_in")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Basic", "Token", ""])
def test_only_a_bearer_token_signs_in(program: Program, scheme: str) -> None:
    header = {"Authorization": f"{scheme} {program.token}".strip()}
    assert refusal(Program(None, program.client).post("ask", ASK, **header)) == (401, "not_signed_in")


def test_a_revoked_token_is_refused_from_the_next_request_on(desk: Desk, program: Program) -> None:
    assert given(program.post("ask", ASK))["answer"] == "NEW"
    revoke_tokens(desk.actor.profile, utc_now)
    assert refusal(program.post("ask", ASK)) == (401, "not_signed_in")


def test_the_second_look_up_of_a_token_finds_out_itself_who_asks(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert given(program.post("ask", ASK))["answer"] == "NEW"

    def never(_: str) -> None:
        raise AssertionError

    monkeypatch.setattr("concord.api.endpoint.sign_in_by_token", never)
    assert given(program.post("ask", ASK))["answer"] == "NEW"
    assert given(program.post("ask/batch", {"items": [DIGEST]}))["answers"][0]["answer"] == "NEW"


def test_what_is_no_look_up_by_digest_signs_in_anew(program: Program) -> None:
    for _ in range(2):
        assert given(program.post("ask", ASK))["answer"] == "NEW"
        assert refusal(program.post("ask", {"item": "pdq:" + "5a" * 32})) == (403, "out_of_scope")


def test_a_disabled_profile_is_refused_from_the_next_request_on(desk: Desk, program: Program) -> None:
    assert given(program.post("ask", ASK))["answer"] == "NEW"
    set_active(desk.actor.profile, active=False)
    assert refusal(program.post("ask", ASK)) == (401, "not_signed_in")
    set_active(desk.actor.profile, active=True)
    assert given(program.post("ask", ASK))["answer"] == "NEW"


def test_an_expired_token_is_refused(desk: Desk, program: Program) -> None:
    secret = issue_token(desk.actor.profile, "old", lambda: utc_now() - timedelta(days=2), timedelta(days=1))
    assert refusal(Program(secret, program.client).post("ask", ASK)) == (401, "not_signed_in")


def test_a_single_use_token_is_spent_by_the_first_request(desk: Desk, program: Program) -> None:
    once = Program(issue_token(desk.actor.profile, "once", utc_now, single_use=True), program.client)
    given(once.post("ask", ASK))
    assert refusal(once.post("ask", ASK)) == (401, "not_signed_in")


def test_the_body_of_a_stranger_is_never_read(program: Program) -> None:
    assert refusal(Program("wrong", program.client).post("ask", b"{")) == (401, "not_signed_in")


# ---- why --------------------------------------------------------------------------------------------------------------


def test_without_any_purpose_nothing_is_answered(program_of: ProgramOf, officers: Officers) -> None:
    program = program_of(officers.of("XA", purpose=None))
    assert refusal(program.post("ask", ASK)) == (400, "no_purpose")
    assert refusal(program.get("materials")) == (400, "no_purpose")


def test_the_purpose_of_the_header_stands_in_the_audit_entry(program_of: ProgramOf, officers: Officers) -> None:
    actor = officers.of("XA", purpose=None)
    program = program_of(actor)
    given(program.post("ask", ASK, **{"Concord-Purpose": "missing"}))
    with acting(actor.country, actor.unit, actor.user):
        (entry,) = AuditEntry.objects.filter(user=actor.user)
    assert (entry.verb, entry.outcome, entry.purpose) == ("ASK", "DONE", "MISSING")


@pytest.mark.parametrize("header", ["Concord-Purpose", "Concord-Basis"])
@pytest.mark.parametrize("code", ["", "CURIOSITY", "TRAINING;", "{known}", "x" * 5000])
def test_an_unknown_code_is_refused_with_the_known_ones(program: Program, header: str, code: str) -> None:
    response = program.post("ask", ASK, **{header: code})
    assert refusal(response) == (400, "unknown_code")
    assert b"TRAINING" in response.content


# ---- what -------------------------------------------------------------------------------------------------------------


def test_words_have_an_end() -> None:
    assert storable("reason", "x" * TEXT_CHARACTERS)
    with pytest.raises(TooLong, match="reason"):
        storable("reason", "x" * (TEXT_CHARACTERS + 1))


MALFORMED = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'"item"',
    b'{"item": 7}',
    b'{"item": null}',
    b'{"item": ["ab"]}',
    b"{}",
    b'{"item": "ab", "extra": 1}',
    b'{"item": "ab"} trailing',
    b'{"item": "\xff\xfe"}',
    b"\xff",
    b'{"item": "\\ud800"}',
    b'{"item": "\\u12"}',
    b'{"item": "ab' + b"\x00" + b'"}',
    b"[" * 100_000,
    b'{"item": ' * 5_000,
    b'{"other": ' + b"[" * 100_000 + b"]" * 100_000 + b', "item": "ab"}',
    b'{"item": ' + b"9" * 10_000 + b"}",
    "{'item': 'ab'}".encode("utf-16"),
]


@pytest.mark.parametrize("body", MALFORMED, ids=lambda body: repr(body[:24]))
def test_a_malformed_body_is_refused(program: Program, body: bytes) -> None:
    assert refusal(program.post("ask", body)) == (400, "malformed_request")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""]
)
@pytest.mark.parametrize("address", ["ask", "ask/batch", "materials?case=C-1"])
def test_a_body_of_another_type_is_refused_and_never_taken_for_a_file(
    program: Program, address: str, content_type: str
) -> None:
    response = program.post(address, b'{"item": "ab"}', content_type)
    assert refusal(response) == (400, "malformed_request")


def test_a_type_with_a_charset_is_json_too(program: Program) -> None:
    assert given(program.post("ask", ASK, f"{JSON}; charset=utf-8"))["answer"] == "NEW"


def test_bytes_are_refused_where_only_json_is_taken(program: Program) -> None:
    assert refusal(program.post("ask/batch", b"bytes", BYTES)) == (400, "malformed_request")


def test_a_body_too_large_is_refused_by_its_announced_length(program: Program, desk: Desk) -> None:
    limit = desk.installation.config.limits.request_bytes
    response = program.post("ask", b"{}", **{"Content-Length": str(limit + 1)})
    assert refusal(response) == (413, "too_large")


def test_a_body_that_is_too_large_is_refused(program: Program, desk: Desk) -> None:
    body = bytes(desk.installation.config.limits.request_bytes + 1)
    assert refusal(program.post("ask", body, BYTES)) == (413, "too_large")


@pytest.mark.parametrize("length", ["", "-1", "many", "1.5", "0x10"])
def test_a_length_that_is_no_number_is_refused(program: Program, length: str) -> None:
    assert refusal(program.post("ask", ASK, **{"Content-Length": length})) == (400, "malformed_request")


def test_a_length_of_thousands_of_digits_is_too_large(program: Program) -> None:
    assert refusal(program.post("ask", ASK, **{"Content-Length": "9" * 5000})) == (413, "too_large")


# ---- how it refuses ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("GET", "ask", "POST"),
        ("PUT", "ask", "POST"),
        ("DELETE", "ask/batch", "POST"),
        ("OPTIONS", "ask", "POST"),
        ("PATCH", "materials", "POST, GET"),
        ("DELETE", "materials", "POST, GET"),
        ("BREW", "materials", "POST, GET"),
    ],
)
def test_another_method_is_not_allowed_and_the_right_ones_are_named(
    program: Program, method: str, address: str, allowed: str
) -> None:
    response = program.request(method, address)
    assert refusal(response) == (405, "wrong_method")
    assert response["Allow"] == allowed


@pytest.mark.parametrize("address", ["", "nowhere", "ask/", "materials/7", "../v2/ask", "%00", "%ff"])
def test_where_nothing_is_programs_are_told_so_in_json(program: Program, address: str) -> None:
    assert refusal(program.get(address)) == (404, "unknown_address")


def _failing(error: Exception) -> Any:
    def run(call: Call) -> None:
        raise error

    return pattern(Endpoint("GET", "broken", Verb.ASK, "breaks", dict, run))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (VaultUnavailable(cause="/home/inside"), (503, "vault_unavailable")),
        (RuntimeError("select secret from /home/inside"), (500, "error")),
        (RecursionError(), (500, "error")),
        (KeyError("x"), (500, "error")),
    ],
)
def test_what_breaks_inside_is_told_without_details(program: Program, error: Exception, told: tuple[int, str]) -> None:
    request = RequestFactory().get("/api/v1/broken", headers={"Authorization": f"Bearer {program.token}"})
    response = _failing(error).callback(request)
    assert refusal(response) == told
    assert b"inside" not in response.content
