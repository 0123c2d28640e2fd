import hashlib
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore

from concord.config import read_config
from concord.errors import (
    DamagedObject,
    FileChanged,
    MalformedDigest,
    MalformedRequest,
    UnknownCode,
    UnknownRecord,
    UnreadableFile,
)
from concord.values import CountryCode
from concord.vault.frames import HEADER_BYTES
from concord.vault.keys import Keys, make_keys
from concord.vault.objects import Stored, Vault
from concord.vault.shelf import Shelf

FR, DE, JP = CountryCode("FR"), CountryCode("DE"), CountryCode("JP")
FRAME_BYTES = 64
WITHIN_BYTES = 4 * FRAME_BYTES  # above this, frames lie beside the object
SMALL = b"benign test content, short"
LARGE = bytes(range(256)) * 3 + b"end"


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def put(vault: Vault, content: bytes, owner: CountryCode = FR) -> Stored:
    return vault.put(io.BytesIO(content), sha256(content), owner)


def read(vault: Vault, content: bytes, owner: CountryCode = FR) -> bytes:
    return b"".join(vault.read(sha256(content), owner))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def only(folder: Path, kind: str) -> Path:
    (path,) = (path for path in (folder / kind).rglob("*") if path.is_file())
    return path


# ---- in and out ----


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, WITHIN_BYTES - 1, WITHIN_BYTES, WITHIN_BYTES + 1, 5000])
def test_what_was_put_is_read(any_vault: Vault, size: int) -> None:
    content = (bytes(range(251)) * 20)[:size]
    assert put(any_vault, content) == Stored(size_bytes=size, created=True)
    assert read(any_vault, content) == content
    assert any_vault.holds(sha256(content), FR)


@pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 4 << 20, (4 << 20) + 1, 9_000_001])
def test_real_frames_of_a_mebibyte(tmp_path: Path, keys: Keys, size: int) -> None:
    vault = Vault.open(read_config({"CONCORD_HOME": str(tmp_path)}), keys)
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    put(vault, content)
    assert read(vault, content) == content
    assert vault.read_range(sha256(content), FR, size - 3, 10) == content[-3:]
    assert vault.read_range(sha256(content), FR, (1 << 20) - 2, 4) == content[(1 << 20) - 2 : (1 << 20) + 2]


@pytest.fixture(scope="module")
def ranges() -> Vault:
    with tempfile.TemporaryDirectory() as place:
        vault = Vault(Shelf(MemoryStore()), make_keys(Path(place)), frame_bytes=FRAME_BYTES)
    for content in (b"", SMALL, LARGE):
        put(vault, content)
    return vault


@given(st.sampled_from([b"", SMALL, LARGE]), st.integers(0, 900), st.integers(0, 900) | st.just(1 << 60))
def test_a_range_is_the_slice(ranges: Vault, content: bytes, start: int, length: int) -> None:
    assert ranges.read_range(sha256(content), FR, start, length) == content[start : start + length]


@pytest.mark.parametrize(("start", "length"), [(-1, 5), (0, -1)])
def test_a_range_backwards_is_refused(ranges: Vault, start: int, length: int) -> None:
    with pytest.raises(MalformedRequest):
        ranges.read_range(sha256(SMALL), FR, start, length)


def test_a_digest_or_country_that_is_none_is_refused(vault: Vault, folder: Path) -> None:
    with pytest.raises(MalformedDigest):
        vault.put(io.BytesIO(SMALL), b"short", FR)
    for code in ("", "fr", "../..", "FR\n"):
        for ask in (vault.holds, vault.read):
            with pytest.raises(UnknownCode):
                put(vault, SMALL, CountryCode(code))
            put(vault, SMALL)
            with pytest.raises(UnknownCode):
                ask(sha256(SMALL), CountryCode(code))


# ---- owners ----


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_every_owner_reads_by_a_wrap_of_its_own(any_vault: Vault, content: bytes) -> None:
    assert put(any_vault, content, FR).created
    assert put(any_vault, content, DE) == Stored(size_bytes=len(content), created=False)
    assert read(any_vault, content, FR) == read(any_vault, content, DE) == content


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_the_content_is_stored_once_and_repeating_changes_nothing(vault: Vault, folder: Path, content: bytes) -> None:
    put(vault, content, FR)
    before = files(folder)
    assert put(vault, content, FR) == Stored(size_bytes=len(content), created=False)
    assert files(folder) == before
    put(vault, content, DE)
    (added,) = files(folder).keys() - before.keys()
    assert added.startswith("wraps/")
    assert added.endswith("/DE")


def test_without_a_wrap_an_object_is_the_same_as_none(any_vault: Vault) -> None:
    put(any_vault, SMALL, FR)
    messages = set()
    for asked in (SMALL, b"nobody's"):
        assert not any_vault.holds(sha256(asked), DE)
        for ask in (any_vault.read, lambda digest, owner: any_vault.read_range(digest, owner, 0, 1)):
            with pytest.raises(UnknownRecord) as refusal:
                ask(sha256(asked), DE)
            messages.add(str(refusal.value).replace(sha256(asked).hex(), ""))
    assert len(messages) == 1


def test_naming_a_digest_does_not_get_a_wrap(vault: Vault, folder: Path) -> None:
    put(vault, SMALL, FR)
    before = files(folder)
    with pytest.raises(FileChanged):
        vault.put(io.BytesIO(b"I do not have it"), sha256(SMALL), DE)
    assert not vault.holds(sha256(SMALL), DE)
    assert files(folder) == before


def test_what_others_wrote_is_synced_before_an_owner_is_told_that_it_is_there(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(vault, LARGE, FR)
    settled: list[str] = []
    monkeypatch.setattr(Shelf, "settle", lambda shelf, path: settled.append(path))
    put(vault, LARGE, FR)
    assert {path.partition("/")[0] for path in settled} == {"wraps", "objects"}


# ---- what fails ----


@pytest.mark.parametrize("size", [0, 1, WITHIN_BYTES, WITHIN_BYTES + 1, 20 << 20])
def test_content_that_is_not_what_was_promised_leaves_nothing(vault: Vault, folder: Path, size: int) -> None:
    with pytest.raises(FileChanged, match=r"room\.jpg"):
        vault.put(io.BytesIO(bytes(size)), sha256(b"promised"), FR, item="room.jpg")
    assert files(folder) == {}


def test_a_stream_that_fails_midway_leaves_nothing(vault: Vault, folder: Path) -> None:
    class Failing(io.RawIOBase):
        left = 30

        def read(self, size: int = -1) -> bytes:
            self.left -= 1
            if self.left == 0:
                raise OSError(5, "Input/output error")
            return bytes(size)

    with pytest.raises(UnreadableFile):
        vault.put(Failing(), sha256(b"promised"), FR)
    assert files(folder) == {}


def test_a_creation_that_the_store_reports_as_failed_and_repeats_is_ours(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As happens when a bucket's answer is lost on the line and the client sends the request again."""
    create = Shelf.create
    monkeypatch.setattr(Shelf, "create", lambda *call: create(*call) and not call[1].startswith("objects/"))
    assert put(vault, LARGE).created
    assert read(vault, LARGE) == LARGE


# ---- what lies in the folder ----


def test_names_and_contents_reveal_neither_digest_nor_content(vault: Vault, folder: Path) -> None:
    marker = b"CONCORD-PLAINTEXT-MARKER"
    contents = [marker, marker * 40]
    for content in contents:
        put(vault, content)
    lying = files(folder)
    everything = b"".join(path.encode() + content for path, content in lying.items())
    assert len(lying) == 5
    for content in contents:
        for told in (marker, sha256(content), sha256(content).hex().encode()):
            assert told not in everything
            assert told[:8] not in everything


def test_the_same_content_has_another_name_in_another_installation(keys: Keys, tmp_path: Path) -> None:
    names = set()
    for number, theirs in enumerate((keys, make_keys(tmp_path / "other"))):
        (tmp_path / str(number)).mkdir()
        put(Vault(Shelf(LocalStore(tmp_path / str(number))), theirs), SMALL)
        names.add(only(tmp_path / str(number), "objects").name)
    assert len(names) == 2


def test_the_random_bytes_are_the_callers(keys: Keys, tmp_path: Path) -> None:
    def counted() -> Callable[[int], bytes]:
        state = iter(range(1, 100))
        return lambda size: bytes([next(state)]) * size

    sealed = []
    for place in (tmp_path / "1", tmp_path / "2"):
        place.mkdir()
        put(Vault(Shelf(LocalStore(place)), keys, random_bytes=counted()), SMALL)
        sealed.append(only(place, "objects").read_bytes())
    assert sealed[0] == sealed[1]


# ---- damage ----


@pytest.mark.parametrize("content", [SMALL, LARGE])
def test_no_cut_of_any_file_goes_unseen(vault: Vault, folder: Path, content: bytes) -> None:
    put(vault, content)
    for path in (folder / name for name in files(folder)):
        whole = path.read_bytes()
        for kept_bytes in range(len(whole)):
            path.write_bytes(whole[:kept_bytes])
            with pytest.raises(DamagedObject):
                read(vault, content)
            with pytest.raises(DamagedObject):
                vault.read_range(sha256(content), FR, len(content) - 1, 2)
        path.write_bytes(whole)
    assert read(vault, content) == content


def test_a_cut_object_is_not_acknowledged_to_a_second_owner(vault: Vault, folder: Path) -> None:
    put(vault, LARGE)
    frames = only(folder, "frames")
    frames.write_bytes(frames.read_bytes()[: 4 * (FRAME_BYTES + 16)])
    with pytest.raises(DamagedObject):
        put(vault, LARGE, DE)
    assert not vault.holds(sha256(LARGE), DE)
    frames.unlink()
    with pytest.raises(DamagedObject):
        put(vault, LARGE, DE)


def test_objects_exchanged_with_their_wraps_are_found_out(vault: Vault, folder: Path) -> None:
    contents = [b"one", b"two"]
    for content in contents:
        put(vault, content)
    pairs = [sorted((folder / kind).glob("*/*")) for kind in ("objects", "wraps")]
    for one, other in pairs:
        spare = folder / "spare"
        one.rename(spare)
        other.rename(one)
        spare.rename(other)
    for content in contents:
        with pytest.raises(DamagedObject):
            read(vault, content)


def test_frames_of_one_object_moved_into_another_are_found_out(vault: Vault, folder: Path) -> None:
    contents = [b"a" * FRAME_BYTES * 3, b"b" * FRAME_BYTES * 3]
    for content in contents:
        put(vault, content)
    one, other = (path for path in (folder / "objects").rglob("*") if path.is_file())
    middle = slice(HEADER_BYTES + FRAME_BYTES + 16, HEADER_BYTES + 2 * (FRAME_BYTES + 16))
    mixed = bytearray(one.read_bytes())
    mixed[middle] = other.read_bytes()[middle]
    one.write_bytes(mixed)
    outcomes = []
    for content in contents:
        try:
            outcomes.append(read(vault, content) == content)
        except DamagedObject:
            outcomes.append(None)
    assert sorted(outcomes, key=str) == [None, True]


def test_a_damaged_wrap_of_one_owner_does_not_keep_out_the_next(vault: Vault, folder: Path) -> None:
    put(vault, SMALL, DE)
    put(vault, SMALL, FR)
    damaged = next((folder / "wraps").rglob("DE"))
    damaged.write_bytes(b"damaged")
    assert not put(vault, SMALL, JP).created
    assert read(vault, SMALL, JP) == SMALL
    with pytest.raises(DamagedObject, match="DE"):
        read(vault, SMALL, DE)
    with pytest.raises(DamagedObject, match="DE"):
        put(vault, SMALL, DE)


def test_an_object_whose_wraps_are_gone_is_not_acknowledged(vault: Vault, folder: Path) -> None:
    put(vault, SMALL)
    only(folder, "wraps").unlink()
    with pytest.raises(DamagedObject, match="no wrap"):
        put(vault, SMALL)


def test_under_another_root_key_nothing_opens(vault: Vault, folder: Path, keys: Keys, tmp_path: Path) -> None:
    put(vault, SMALL)
    other = make_keys(tmp_path / "other")
    mixed = Keys(identity=keys.identity, root=other.root, object_names=keys.object_names, web=keys.web)
    with pytest.raises(DamagedObject, match="another installation"):
        read(Vault(Shelf(LocalStore(folder)), mixed), SMALL)


def test_a_range_opens_no_frames_but_its_own_and_the_last_where_it_passes_the_end(vault: Vault, folder: Path) -> None:
    put(vault, LARGE)
    frames = only(folder, "frames")
    step = FRAME_BYTES + 16
    sealed = frames.read_bytes()
    frames.write_bytes(bytes(5 * step) + sealed[5 * step : 6 * step] + bytes(len(sealed) - 6 * step))
    start, end = 5 * FRAME_BYTES, 6 * FRAME_BYTES
    assert vault.read_range(sha256(LARGE), FR, start, FRAME_BYTES) == LARGE[start:end]
    for outside in (start - 1, start + 1, len(LARGE) + 1000):
        with pytest.raises(DamagedObject):
            vault.read_range(sha256(LARGE), FR, outside, FRAME_BYTES)


# ---- away ----


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["in one file", "frames beside"])
def test_with_the_last_owner_goes_the_object(vault: Vault, folder: Path, content: bytes) -> None:
    put(vault, content, FR)
    put(vault, content, DE)
    name = vault.object_name(sha256(content))
    assert vault.forget(name, FR)
    assert not vault.holds(sha256(content), FR)
    assert read(vault, content, DE) == content
    assert not vault.forget(name, FR)
    assert not vault.forget(name, JP)
    assert vault.forget(name, DE)
    assert files(folder) == {}
    assert not vault.forget(name, DE)


def test_what_was_forgotten_can_be_put_anew(any_vault: Vault) -> None:
    put(any_vault, SMALL)
    any_vault.forget(any_vault.object_name(sha256(SMALL)), FR)
    with pytest.raises(UnknownRecord):
        read(any_vault, SMALL)
    assert put(any_vault, SMALL).created
    assert read(any_vault, SMALL) == SMALL


def test_a_crash_between_wrap_and_object_is_made_good_by_trying_again(vault: Vault, folder: Path) -> None:
    put(vault, SMALL)
    only(folder, "wraps").unlink()
    assert not vault.forget(vault.object_name(sha256(SMALL)), FR)
    assert files(folder) == {}
