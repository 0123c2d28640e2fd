"""What is new by digest is looked at closer: only pictures, only as allowed, only under their digest."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.jail.pool import Jail
from concord.pocket.medium import Entry, Medium
from concord.pocket.refusal import RefusedThere, UnfitAnswer
from concord.pocket.shape import failed
from concord.remote.picture import REDUCED_COPY, Closer, Send
from tests.archives import zipped
from tests.pictures import jpeg

SESSION = {"part_bytes": 1 << 18, "upload_bytes": 100_000}


class FakeLine:
    """Answers KNOWN to every picture."""

    server = "https://hub.invalid"
    failures = 0

    def __init__(self, refusal: int | None = None, other: bool = False) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.refusal, self.other = refusal, other

    def send(self, method: str, address: str, body: bytes, kind: str) -> Any:
        self.sent.append((address, body))
        if self.refusal:
            raise RefusedThere(server=self.server, message="It is so.", code="damaged_upload", status=self.refusal)
        return answered("other" if self.other else address.partition("item=")[2], "KNOWN")


def answered(item: str, state: str) -> dict[str, Any]:
    return {**failed(item, "x", "x"), "answer": state, "reasons": ["By digest.", "Only a digest."], "error": None}


@pytest.fixture(scope="module")
def jail() -> Iterator[Jail]:
    with Jail(1) as jail:
        yield jail


def look(
    jail: Jail, line: FakeLine, path: Path, send: Send = Send.REDUCED, digest: str | None = None
) -> dict[str, Any]:
    (entry,) = Medium().entries([str(path)])
    digest = digest or hashlib.sha256(path.read_bytes()).hexdigest()
    return Closer(line, jail, send, SESSION)(entry, digest, answered(entry.item, "NEW"))  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "a-telling-name.jpg"
    made.write_bytes(jpeg(5, quality=60))  # small enough to go alone
    return made


@pytest.mark.parametrize("send", [Send.REDUCED, Send.ORIGINAL])
def test_a_picture_is_sent_under_its_digest_and_answered_under_its_name(jail: Jail, path: Path, send: Send) -> None:
    line = FakeLine()
    answer = look(jail, line, path, send)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (answer["item"], answer["sha256"], answer["answer"]) == (str(path), digest, "KNOWN")
    ((address, body),) = line.sent
    assert address == f"ask?item={digest}"
    assert (body == path.read_bytes()) is (send is Send.ORIGINAL)
    assert (REDUCED_COPY in answer["reasons"]) is (send is Send.REDUCED)
    assert b"telling" not in body


def test_what_is_no_picture_is_never_sent(jail: Jail, tmp_path: Path) -> None:
    path = tmp_path / "diary.jpg"
    path.write_bytes(b"a diary, whatever it is called")
    for send in (Send.REDUCED, Send.ORIGINAL):
        line = FakeLine()
        answer = look(jail, line, path, send)
        assert line.sent == []
        assert (answer["answer"], answer["error"]["code"]) == ("NEW", "not_a_picture")
        assert answer["not_compared"] == [{"what": "near", "reason": "undecodable"}]
        assert answer["reasons"] == ["By digest.", "Not compared by picture: it could not be decoded."]


def test_of_an_archive_it_is_said_that_nobody_looked_into_it(jail: Jail, tmp_path: Path) -> None:
    path = tmp_path / "pictures.zip"
    path.write_bytes(zipped({"a.jpg": b"a picture"}))
    line = FakeLine()
    answer = look(jail, line, path)
    assert line.sent == []
    assert answer["error"] is None
    assert answer["not_compared"] == [{"what": "near", "reason": "archive_unopened"}]
    assert "was not looked into" in answer["reasons"][-1]


def test_a_file_that_changed_since_it_was_digested_is_not_sent(jail: Jail, path: Path) -> None:
    line = FakeLine()
    assert look(jail, line, path, digest="ab" * 32)["error"]["code"] == "file_changed"
    assert line.sent == []


def test_an_original_that_is_too_large_for_the_server_is_not_sent(jail: Jail, path: Path) -> None:
    path.write_bytes(path.read_bytes() + bytes(100_000))
    line = FakeLine()
    assert look(jail, line, path, Send.ORIGINAL)["error"]["code"] == "too_many_bytes"
    assert line.sent == []


def test_a_file_that_is_gone_costs_only_itself(jail: Jail) -> None:
    closer = Closer(FakeLine(), jail, Send.REDUCED, SESSION)  # type: ignore[arg-type]
    answer = closer(Entry("x", "/nowhere/x"), "ab" * 32, answered("x", "NEW"))
    assert (answer["answer"], answer["error"]["code"]) == (None, "no_such_file")


def test_a_refusal_of_this_item_costs_only_itself_and_any_other_ends_the_run(jail: Jail, path: Path) -> None:
    assert look(jail, FakeLine(refusal=422), path)["error"] == {"code": "damaged_upload", "message": "It is so."}
    with pytest.raises(RefusedThere):
        look(jail, FakeLine(refusal=403), path)


def test_an_answer_about_another_item_is_refused(jail: Jail, path: Path) -> None:
    with pytest.raises(UnfitAnswer):
        look(jail, FakeLine(other=True), path)


def test_an_answer_can_be_printed_as_json(jail: Jail, path: Path) -> None:
    assert json.loads(json.dumps(look(jail, FakeLine(), path)))["answer"] == "KNOWN"
