"""Lists of ordinary files: read in every form they come in, refused whole where a part cannot be understood."""

import json
from collections.abc import Iterator
from hashlib import md5, sha1, sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.errors import EmptyFile, NoSuchFile, UnfitList
from concord.media import digest_list
from concord.media.digest_list import digests_in

DIGESTS = st.sampled_from([16, 20, 32]).flatmap(lambda size: st.binary(min_size=size, max_size=size))
NSRL = """"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"
"{sha1}","{md5}","00000000","a ""quoted"", name.txt",5,1,"362",""
"""
CONTENT = b"content"


def read(path: Path, text: str | bytes) -> list[bytes]:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return list(digests_in(path))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "list"


@given(st.lists(DIGESTS, min_size=1))
def test_a_digest_a_line_is_read_in_any_case(tmp_path_factory: pytest.TempPathFactory, digests: list[bytes]) -> None:
    file = tmp_path_factory.mktemp("lists") / "list"
    assert read(file, "\n".join(digest.hex() for digest in digests)) == digests
    assert read(file, "\r\n".join(digest.hex().upper() for digest in digests)) == digests


def test_remarks_empty_lines_and_names_after_a_digest_are_left_aside(file: Path) -> None:
    text = f"# of a system\n\n{md5(CONTENT).hexdigest()}  name of a file\n{sha1(CONTENT).hexdigest()} *other\n"
    assert read(file, text) == [md5(CONTENT).digest(), sha1(CONTENT).digest()]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_marks_of_windows_programs_are_understood(file: Path, encoding: str) -> None:
    assert read(file, f"{md5(CONTENT).hexdigest()}\r\n".encode(encoding)) == [md5(CONTENT).digest()]


def test_the_nsrls_csv_is_read_by_its_columns_and_the_strongest_digest_stands(file: Path) -> None:
    text = NSRL.format(sha1=sha1(CONTENT).hexdigest().upper(), md5=md5(CONTENT).hexdigest().upper())
    assert read(file, text) == [sha1(CONTENT).digest()]
    assert read(file, f"name;sha256;md5\nx;{sha256(CONTENT).hexdigest()};\n") == [sha256(CONTENT).digest()]
    assert read(file, f"md5,sha256\n{md5(CONTENT).hexdigest()},\n") == [md5(CONTENT).digest()]


def test_a_csv_of_ordinary_files_may_say_so_in_each_line(file: Path) -> None:
    digest = md5(CONTENT).digest()
    assert read(file, f"category;md5\n8;{digest.hex()}\n;{digest.hex()}\n") == [digest, digest]


def test_the_nsrls_vics_lists_are_read_to_the_last_record(shared_data: Path) -> None:
    for path in sorted((shared_data / "vics").glob("nsrl-*.json")):
        records = json.loads(path.read_text())["value"]
        assert records
        assert list(digests_in(path)) == [bytes.fromhex(record["SHA1"]) for record in records]


@pytest.mark.parametrize("chunk", [64, 100, 1000])
def test_a_vics_list_is_read_the_same_in_pieces_of_any_size(
    file: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_list, "CHUNK_CHARACTERS", chunk)
    digests = [md5(bytes([number])).digest() for number in range(50)]
    assert read(file, _vics(*(f'{{"MD5": "{digest.hex()}", "Category": 8}}' for digest in digests))) == digests


@pytest.mark.parametrize("chunk", range(80, 88))
def test_a_second_list_is_found_wherever_the_pieces_part(
    file: Path, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_list, "CHUNK_CHARACTERS", chunk)
    assert read(file, _vics() + " " * chunk) == []
    with pytest.raises(UnfitList, match="another"):
        read(file, _vics()[:-1] + ', "value": [' + " " * chunk)


def test_no_more_of_a_vics_list_is_held_than_a_record_and_a_piece(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest_list, "CHUNK_CHARACTERS", 100)
    monkeypatch.setattr(digest_list, "RECORD_CHARACTERS", 1000)
    with pytest.raises(UnfitList, match="one record is too large"):
        read(file, _vics('{"MD5": "' + "x" * 5000 + '"}'))


def _vics(*records: str) -> str:
    return '{"odata.metadata": "http://example.invalid#Media", "value": [' + ",".join(records) + "]}"


def _bad() -> Iterator[tuple[str, str | bytes]]:
    digest = md5(CONTENT).hexdigest()
    yield "line 2: 'zz' is no digest", f"{digest}\nzz\n"
    yield "line 1", f"{digest[:-1]}\n"
    yield "line 3: '' is no digest", f"md5,name\n{digest},a\n,b\n"
    yield "too long", digest + "x" * (1 << 17)
    yield "record 1 is of category 1", _vics(f'{{"MD5": "{digest}", "Category": 1}}')
    yield "record 2 is of category 2", _vics(f'{{"MD5": "{digest}"}}', f'{{"MD5": "{digest}", "Category": "2"}}')
    yield "record 1 is of category 1", _vics(f'{{"MD5": "{digest}", "category": 1}}')
    yield "record 1 is of category 2", _vics(f'{{"MD5": "{digest}", "Category": 8, "CATEGORY": 2}}')
    yield "line 3 is of category 1", f"md5,Category\n{digest},8\n{digest},1\n"
    yield "a number in a record is too long", _vics(f'{{"MD5": "{digest}", "Size": {"1" * 5_000}}}')
    yield "record 1 is of category 0", _vics(f'{{"MD5": "{digest}", "Category": 0}}')
    yield "record 1: '' is no digest", _vics("{}")
    yield "record 1 is no object", _vics("1")
    yield "nested too deep", _vics('{"a": ' + "[" * 200_000 + "]" * 200_000 + "}")
    yield "ends in the middle", _vics(f'{{"MD5": "{digest}"}}')[:-2]
    yield "ends in the middle", _vics(f'{{"MD5": "{digest}"}}')[:-8]
    yield "there is no value", '{"a": 1}'
    yield 'after its list there is another "value"', _vics()[:-1] + ', "a": 1, "value": []}'
    yield "is no text", "\ufeff".encode("utf-16-le") + b"a"


@pytest.mark.parametrize(("cause", "text"), [pytest.param(*one, id=str(at)) for at, one in enumerate(_bad())])
def test_a_list_that_cannot_be_understood_wholly_is_refused(file: Path, cause: str, text: str | bytes) -> None:
    with pytest.raises(UnfitList, match=cause):
        read(file, text)


def test_what_is_not_there_or_empty_is_named(file: Path) -> None:
    with pytest.raises(NoSuchFile):
        list(digests_in(file))
    with pytest.raises(EmptyFile):
        read(file, "")
