"""Every error: a code of its own, a sentence that its facts fill, and a way through pickling."""

import pickle
import re

import pytest

from concord import errors
from concord.errors import ConcordError


def _all(kind: type[ConcordError] = ConcordError) -> list[type[ConcordError]]:
    return [kind, *(below for child in kind.__subclasses__() for below in _all(child))]


KINDS = [kind for kind in _all() if kind.__module__ == errors.__name__]


def _facts(kind: type[ConcordError]) -> dict[str, object]:
    return {name: f"<{name}>" for name in re.findall(r"{(\w+)}", kind.__doc__ or "")}


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_a_sentence_with_its_facts(kind: type[ConcordError]) -> None:
    facts = _facts(kind)
    message = str(kind(**facts))
    assert all(str(value) in message for value in facts.values())
    assert not re.search(r"[{}\n]", message)


def test_codes_are_unique_and_read_like_words() -> None:
    codes = [kind.code for kind in KINDS]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", code) for code in codes)
    assert errors.NotAPicture.code == "not_a_picture"
    assert errors.NeedsSha256.code == "needs_sha256"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_survives_being_sent_to_another_process(kind: type[ConcordError]) -> None:
    error = kind(**_facts(kind))
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)


def test_what_comes_from_outside_is_printed_on_one_short_line() -> None:
    message = str(errors.NoSuchFile(item="a\nb\x1b[31m" + "x" * 1000))
    assert "\n" not in message
    assert "\x1b" not in message
    assert len(message) < 400


def test_braces_from_outside_are_not_a_template() -> None:
    assert "{cause.__class__}" in str(errors.NoSuchFile(item="{cause.__class__}"))
