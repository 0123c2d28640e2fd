"""What a browser's script sends of a passkey is read, or refused in the same words."""

import pytest

from concord.access.ceremony import Site, answered, credential_of, new_challenge, parsed, registered
from concord.errors import PasskeyRefused


def test_an_answer_is_an_object_with_a_response() -> None:
    assert parsed('{"rawId": "AAEC", "response": {}}') == {"rawId": "AAEC", "response": {}}
    assert credential_of({"rawId": "AAEC"}) == b"\x00\x01\x02"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "7", "null", "{}", '{"response": 7}', '{"response": null}', "[" * 100_000, "\ud800", "\0"]
)
def test_what_is_none_is_refused_as_a_wrong_one_is(text: str) -> None:
    answer = parsed(text)
    site, challenge = Site("http://localhost", "localhost"), new_challenge()
    for refuse in (
        lambda: credential_of(answer),
        lambda: answered(site, challenge, answer, None),
        lambda: registered(site, challenge, answer, "a label"),
    ):
        with pytest.raises(PasskeyRefused):
            refuse()


@pytest.mark.parametrize("answer", [{}, {"rawId": None}, {"rawId": 7}, {"rawId": "A"}, {"rawId": ["AAEC"]}])
def test_a_passkey_without_a_name_is_refused(answer: object) -> None:
    with pytest.raises(PasskeyRefused):
        credential_of(answer)
