"""Archives as a worker reads them: every member a result or a typed error, and never without an end."""

import bz2
import hashlib
import io
import lzma
import stat
import struct
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.config import Limits
from concord.jail.archive import read_archive
from concord.jail.archive_findings import EVERYTHING, PICTURES, MemberFailed, MemberFound, Piece, Progress
from tests.archives import gzipped, overlapping, patched, tar_of, tarred, zipped
from tests.pictures import jpeg

from .hostile_archives import zip_of_64_bits

PICTURE = jpeg(1)
MEMBERS = {"a.jpg": PICTURE, "inner/b.txt": b"words"}
LIMITS = Limits()
TAR_MODES = ("w:", "w:gz", "w:bz2", "w:xz")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def told(archive: bytes, limits: Limits = LIMITS, **wanted: object) -> dict[str, str]:
    """Of each name the SHA-256 of its content, or the code of its error."""
    said = [
        one
        for one in read_archive(io.BytesIO(archive), limits, **wanted)
        if isinstance(one, MemberFound | MemberFailed)
    ]  # type: ignore[arg-type]
    assert len({one.name for one in said}) == len(said)
    return {one.name: one.digests.sha256.hex() if isinstance(one, MemberFound) else one.fault.code for one in said}


def causes(archive: bytes, limits: Limits = LIMITS) -> dict[str, str]:
    failed = [one for one in read_archive(io.BytesIO(archive), limits) if isinstance(one, MemberFailed)]
    return {one.name: str(one.fault.revived("item")) for one in failed}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


WHOLE = {"!/a.jpg": sha(PICTURE), "!/inner/b.txt": sha(b"words")}

# ---- what is read -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
def test_a_zip_is_read_by_every_method(method: int) -> None:
    assert told(zipped(MEMBERS, method)) == WHOLE


@pytest.mark.parametrize("mode", TAR_MODES)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_is_read_plain_and_packed(mode: str, form: int) -> None:
    assert told(tarred(MEMBERS, mode, form)) == WHOLE


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_and_signs_of_every_script_are_kept(form: int) -> None:
    names = {"f/" * 200 + "x": b"1", "Ünïcode/图片.jpg": b"2", "صورة": b"3"}
    assert told(tarred(names, form=form)) == {f"!/{name}": sha(data) for name, data in names.items()}
    assert told(zipped(names)) == {f"!/{name}": sha(data) for name, data in names.items()}


@pytest.mark.parametrize("packed", [bz2.compress(b"words"), lzma.compress(b"words"), gzipped(b"words")])
def test_a_lone_packed_file_is_one_member(packed: bytes) -> None:
    assert told(packed) == {"!/unpacked": sha(b"words")}


def test_gzip_tells_the_name_that_it_recorded() -> None:
    assert told(gzipped(b"words", "letter.txt")) == {"!/letter.txt": sha(b"words")}


def test_packed_streams_one_after_another_are_one_file() -> None:
    for pack in (bz2.compress, lzma.compress, gzipped):
        assert told(pack(b"wo") + pack(b"rds")) == {"!/unpacked": sha(b"words")}


def test_archives_in_archives_are_read_and_are_members_themselves() -> None:
    inner_zip, inner_tar = zipped({"c.jpg": PICTURE}), tarred({"d.txt": b"d"}, "w:gz")
    packed = bz2.compress(b"e")
    members = {"b.zip": inner_zip, "t.tgz": inner_tar, "e.bmp.bz2": packed}
    expected = {
        "!/b.zip": sha(inner_zip),
        "!/b.zip!/c.jpg": sha(PICTURE),
        "!/t.tgz": sha(inner_tar),
        "!/t.tgz!/d.txt": sha(b"d"),
        "!/e.bmp.bz2": sha(packed),
        "!/e.bmp.bz2!/e.bmp": sha(b"e"),
    }
    for outer in (*(zipped(members, method) for method in METHODS), *(tarred(members, mode) for mode in TAR_MODES)):
        assert told(outer) == expected


def test_something_before_a_zip_shifts_it() -> None:
    members = list(read_archive(io.BytesIO(b"PK\3\4" + bytes(96) + zipped(MEMBERS)), LIMITS))
    assert [one.name for one in members if isinstance(one, MemberFound)] == list(WHOLE)


def test_a_zip_of_64_bits_is_read() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("big", "w", force_zip64=True) as member:
        member.write(b"words")
    assert told(file.getvalue()) == {"!/big": sha(b"words")}


def test_more_than_65535_members_are_read() -> None:
    archive = zipped(((str(number), b"x") for number in range(66_000)), zipfile.ZIP_STORED)
    assert len(told(archive)) == 66_000


def test_sizes_that_follow_upon_a_member_are_no_disagreement() -> None:
    class Unseekable(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise OSError

        def tell(self) -> int:
            raise OSError

    file = Unseekable()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in MEMBERS.items():
            archive.writestr(name, data)
    assert told(file.getvalue()) == WHOLE
    cut = file.getvalue()[: file.getvalue().index(b"PK\1\2")]
    assert told(cut) == WHOLE | {"!/": "damaged_archive"}


# ---- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["/etc/passwd", "../../up", "C:\\x", "a/../../b", "."])
def test_a_name_that_leads_elsewhere_is_only_a_name(name: str) -> None:
    assert told(tarred({name: b"x"})) == {f"!/{name}": sha(b"x")}
    assert told(zipped({name: b"x"})) == {f"!/{name}": sha(b"x")}


def test_names_that_come_twice_are_told_apart() -> None:
    twice = [("a", b"1"), ("a", b"2"), ("a", b"3")]
    expected = {"!/a": sha(b"1"), "!2/a": sha(b"2"), "!3/a": sha(b"3")}
    assert told(zipped(twice)) == told(tarred(twice)) == expected


def test_a_name_in_no_known_encoding_is_printed_byte_by_byte() -> None:
    archive = zipped({"aXb": b"x"}, zipfile.ZIP_STORED)
    assert list(told(archive.replace(b"aXb", b"a\x84b"))) == ["!/aäb"]  # of the old IBM PC
    assert list(told(tarred({"a" * 9: b"x"}, form=tarfile.USTAR_FORMAT))) == ["!/" + "a" * 9]
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:", format=tarfile.GNU_FORMAT, encoding="latin-1") as made:
        made.addfile(tarfile.TarInfo("\xff\xe9"), io.BytesIO())
        described = tarfile.TarInfo("caf\xe9")
        described.size = 1
        made.addfile(described, io.BytesIO(b"x"))
    assert told(file.getvalue()) == {"!/\\xff\\xe9": "empty_file", "!/caf\\xe9": sha(b"x")}


# ---- single members that are refused ------------------------------------------------------------------------------


def test_an_empty_member_is_an_empty_file() -> None:
    assert told(zipped({"a": b"", "b": b"x"})) == {"!/a": "empty_file", "!/b": sha(b"x")}


def test_folders_are_not_mentioned() -> None:
    assert told(zipped({"folder/": b"", "folder/a": b"x"})) == {"!/folder/a": sha(b"x")}
    assert told(tar_of(tarfile.DIRTYPE)) == {"!/text": sha(b"words")}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_left_alone(kind: bytes) -> None:
    assert told(tar_of(kind)) == {"!/odd": "left_alone", "!/text": sha(b"words")}


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_in_a_zip_are_left_alone(mode: int) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        described = zipfile.ZipInfo("odd")
        described.create_system, described.external_attr = 3, mode << 16
        archive.writestr(described, "/etc/passwd")
    assert told(file.getvalue()) == {"!/odd": "left_alone"}


def test_a_tar_member_with_holes_or_of_several_volumes_is_refused_and_the_next_is_read() -> None:
    for kind in (tarfile.GNUTYPE_SPARSE, b"M"):
        assert told(tar_of(kind, size=700)) == {"!/odd": "unread_member", "!/text": sha(b"words")}
    notes = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "real", "GNU.sparse.realsize": "9"}
    assert told(tar_of(tarfile.REGTYPE, size=700, pax_headers=notes)) == {
        "!/real": "unread_member",
        "!/text": sha(b"words"),
    }


def test_an_encrypted_member_is_told_and_the_others_are_read() -> None:
    archive = zipped(MEMBERS)
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        archive = patched(archive, signature, offset, b"\1\0")
    assert told(archive) == WHOLE | {"!/a.jpg": "encrypted_member"}


@pytest.mark.parametrize(("method", "name"), [(9, "deflate64"), (93, "zstandard"), (77, "method 77")])
def test_a_method_that_is_not_read_is_named(method: int, name: str) -> None:
    archive = zipped(MEMBERS)
    for signature, offset in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        archive = patched(archive, signature, offset, struct.pack("<H", method))
    assert told(archive) == WHOLE | {"!/a.jpg": "unread_member"}
    assert name in causes(archive)["!/a.jpg"]


@pytest.mark.parametrize(
    ("offset", "new"),
    [(8, b"\0\0"), (14, b"abcd"), (18, b"\1\0\0\0"), (22, b"\1\0\0\0"), (30, b"X")],
    ids=["method", "checksum", "packed size", "size", "name"],
)
def test_a_header_that_contradicts_the_directory_is_damage(offset: int, new: bytes) -> None:
    archive = patched(zipped(MEMBERS), b"PK\3\4", offset, new)
    assert told(archive) == WHOLE | {"!/a.jpg": "damaged_member"}
    assert "own header" in causes(archive)["!/a.jpg"]


def test_a_wrong_checksum_is_damage() -> None:
    archive = zipped({"a": b"words", "b": b"x"}, zipfile.ZIP_STORED).replace(b"words", b"swords"[:5])
    assert told(archive) == {"!/a": "damaged_member", "!/b": sha(b"x")}


def test_a_size_that_is_too_small_or_too_large_is_damage() -> None:
    for size in (4, 6):
        archive = zipped({"a": b"words"})
        for signature, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
            archive = patched(archive, signature, offset, struct.pack("<I", size))
        assert told(archive) == {"!/a": "damaged_member"}


def test_members_that_share_bytes_are_read_once() -> None:
    said = told(overlapping(500, bytes(100_000)))
    assert [code for code in said.values() if code != "damaged_member"] == [sha(bytes(100_000))]
    assert all("overlaps" in cause for cause in causes(overlapping(5, b"x" * 99)).values())


def test_a_member_that_is_said_to_stand_beyond_any_file_is_damage() -> None:
    for place in (1 << 62, (1 << 63) - 1, (1 << 64) - 1):
        assert told(zip_of_64_bits(2, place)) == {"!/a": "damaged_member"}


def test_lzma_that_wants_too_much_memory_is_refused() -> None:
    archive = zipped({"a": b"words"}, zipfile.ZIP_LZMA)
    at = archive.index(b"PK\3\4") + 31 + 4
    huge = archive[: at + 1] + b"\xff\xff\xff\x7f" + archive[at + 5 :]
    assert told(huge) == {"!/a": "unread_member"}


# ---- whole archives that are refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", TAR_MODES)
def test_of_a_tar_that_was_cut_off_the_beginning_is_answered(mode: str) -> None:
    noise = [hashlib.shake_256(str(number).encode()).digest(50_000) for number in range(40)]
    archive = tarred([(str(number), data) for number, data in enumerate(noise)], mode)
    said = told(archive[: len(archive) // 2])
    assert said.pop("!/") == "damaged_archive"
    read = {name: code for name, code in said.items() if code != "damaged_member"}
    # bzip2 gives nothing of a block of 900,000 bytes before it has it whole
    assert len(read) >= (15 if mode != "w:bz2" else 0)
    assert all(code == sha(noise[int(name[2:])]) for name, code in read.items())
    assert len(said) <= len(read) + 1


def test_of_a_zip_that_was_cut_off_the_beginning_is_answered() -> None:
    archive = zipped([("a", b"first"), ("b", hashlib.shake_256(b"").digest(5_000)), ("c", b"third")])
    assert told(archive[:2_000]) == {"!/a": sha(b"first"), "!/b": "damaged_member", "!/": "damaged_archive"}


@pytest.mark.parametrize("mode", TAR_MODES)
def test_data_behind_the_end_is_told(mode: str) -> None:
    assert told(tarred(MEMBERS, mode) + b"more of it") == WHOLE | {"!/": "damaged_archive"}


def test_data_behind_the_end_of_a_zip_hides_nothing() -> None:
    assert told(zipped(MEMBERS) + b"more of it") == WHOLE
    assert told(zipped(MEMBERS) + bytes(500_000)) == WHOLE


def test_a_directory_that_lies_about_its_count_is_told() -> None:
    archive = zipped(MEMBERS)
    archive = patched(archive, b"PK\5\6", 8, b"\7\0\7\0")
    assert told(archive) == WHOLE | {"!/": "damaged_archive"}


def test_one_of_several_volumes_is_refused() -> None:
    assert told(patched(zipped(MEMBERS), b"PK\5\6", 4, b"\2\0")) == {"!/": "unread_archive"}


def test_a_damaged_tar_header_ends_it() -> None:
    archive = bytearray(tarred({"a": b"1", "b": b"2"}, form=tarfile.USTAR_FORMAT))
    archive[1024] ^= 1
    assert told(bytes(archive)) == {"!/a": sha(b"1"), "!/": "damaged_archive"}


def test_a_tar_note_of_gigabytes_is_not_held() -> None:
    archive = tar_of(tarfile.XHDTYPE, size=2 << 20)
    assert told(archive) == {"!/": "damaged_archive"}


def test_a_damaged_archive_in_an_archive_stops_only_itself() -> None:
    outer = zipped({"bad.tar": tarred(MEMBERS)[:1000], "good": b"x"})
    said = told(outer)
    assert (said["!/bad.tar!/"], said["!/good"]) == ("damaged_archive", sha(b"x"))


# ---- limits -------------------------------------------------------------------------------------------------------


def beyond(archive: bytes, limits: Limits, name: str = "!/") -> str:
    failed = [one for one in read_archive(io.BytesIO(archive), limits) if isinstance(one, MemberFailed)]
    assert [one.name for one in failed] == [name]
    return str(failed[0].fault.facts["limit"])


def test_each_limit_stops_the_archive_by_name_and_what_came_before_is_answered() -> None:
    archive = zipped([("first", b"x"), ("second", b"y" * 3000), ("third", b"z" * 3000)])
    assert beyond(archive, replace(LIMITS, archive_members=2)) == "archive_members"
    assert beyond(archive, replace(LIMITS, archive_member_bytes=2_999)) == "archive_member_bytes"
    assert beyond(archive, replace(LIMITS, archive_bytes=5_999)) == "archive_bytes"
    assert beyond(archive, replace(LIMITS, archive_ratio=2, archive_ratio_from_bytes=5_000)) == "archive_ratio"
    for tight in (replace(LIMITS, archive_members=1), replace(LIMITS, archive_member_bytes=2)):
        assert told(archive, tight) == {"!/first": sha(b"x"), "!/": "archive_limit"}


def test_a_bomb_is_stopped_before_it_is_unpacked() -> None:
    assert beyond(zipped({"a": bytes(80 << 20)}), LIMITS) == "archive_ratio"


def test_archives_in_archives_are_followed_to_a_depth() -> None:
    archive = b"words"
    for _ in range(4):
        archive = zipped({"x": archive})
    deep = told(archive, replace(LIMITS, archive_depth=3))
    assert deep["!/x!/x!/x!/"] == "archive_limit"
    assert "!/x!/x!/x" in deep
    assert told(archive)["!/x!/x!/x!/x"] == sha(b"words")


def test_a_packed_archive_too_large_to_be_held_is_told_and_the_rest_goes_on() -> None:
    noise = hashlib.shake_256(b"").digest(5_000)
    inner = zipped({"noise": noise}, zipfile.ZIP_STORED)
    limits = replace(LIMITS, archive_held_bytes=4_000)
    packed, stored = zipped({"in.zip": inner, "b": b"x"}), zipped({"in.zip": inner, "b": b"x"}, zipfile.ZIP_STORED)
    expected = {"!/in.zip": sha(inner), "!/b": sha(b"x")}
    assert told(packed, limits) == expected | {"!/in.zip!/": "archive_limit"}
    assert told(stored, limits) == expected | {"!/in.zip!/noise": sha(noise)}  # needs no holding


# ---- what is sent -------------------------------------------------------------------------------------------------


def sent(archive: bytes, **wanted: object) -> dict[str, bytes]:
    made, pieces = {}, b""
    for one in read_archive(io.BytesIO(archive), LIMITS, **wanted):  # type: ignore[arg-type]
        if isinstance(one, Piece):
            pieces += one.data
        elif isinstance(one, MemberFound):
            assert one.sent == bool(pieces)
            made[one.name], pieces = pieces, b""
    return made


def test_bytes_come_as_far_as_they_are_wanted() -> None:
    archive = tarred(MEMBERS, "w:gz")
    assert sent(archive) == {"!/a.jpg": b"", "!/inner/b.txt": b""}
    assert sent(archive, send=PICTURES) == {"!/a.jpg": PICTURE, "!/inner/b.txt": b""}
    assert sent(archive, send=EVERYTHING) == {"!/a.jpg": PICTURE, "!/inner/b.txt": b"words"}


def test_only_what_is_named_is_read_also_deep_inside() -> None:
    inner = zipped({"a": b"1", "b": b"2"})
    archive = zipped({"x.zip": inner, "y.tgz": tarred({"x.zip": inner}, "w:gz"), "z": b"z"})
    for name in ("!/x.zip!/b", "!/y.tgz!/x.zip!/b"):
        assert sent(archive, send=EVERYTHING, only=[name]) == {name: b"2"}
    assert sent(archive, send=EVERYTHING, only=["!/nothing"]) == {}


def test_of_much_that_nobody_wants_there_is_a_sign_of_life() -> None:
    for archive in (tarred((str(number), b"x") for number in range(300)), tarred({"a": bytes(1 << 20), "b": b"x"})):
        said = list(read_archive(io.BytesIO(archive), LIMITS, EVERYTHING, ["!/nothing"]))
        assert said
        assert all(isinstance(one, Progress) for one in said)


def test_an_archive_that_is_wanted_without_its_members_is_sent_whole() -> None:
    inner = tarred({"a": b"1"}, "w:xz")
    archive = tarred({"in.txz": inner, "b": b"2"})
    assert sent(archive, send=EVERYTHING, only=["!/in.txz"]) == {"!/in.txz": inner}
    assert sent(archive, send=EVERYTHING, only=["!/in.txz", "!/in.txz!/a"]) == {"!/in.txz": b"", "!/in.txz!/a": b"1"}


# ---- anything -----------------------------------------------------------------------------------------------------


def mutations() -> Iterator[bytes]:
    for method in METHODS:
        yield zipped(MEMBERS, method)
    for mode in TAR_MODES:
        yield tarred(MEMBERS, mode)
    yield zipped({"b.zip": zipped(MEMBERS), "t.tgz": tarred(MEMBERS, "w:gz")})


GOOD = list(mutations())


@given(st.sampled_from(GOOD), st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), max_size=8), st.data())
def test_whatever_is_damaged_is_answered(archive: bytes, changes: list[tuple[int, int]], data: st.DataObject) -> None:
    damaged = bytearray(archive)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    del damaged[data.draw(st.integers(0, len(damaged))) :]
    for code in told(bytes(archive[:4] + damaged[4:])).values():
        assert len(code) == 64 or code in (
            *("damaged_archive", "damaged_member", "empty_file", "encrypted_member", "left_alone", "unread_archive"),
            *("unread_member", "archive_limit", "not_a_picture"),
        )
