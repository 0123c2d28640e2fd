import hmac
import os
import subprocess
import sys
from pathlib import Path

import pytest

from concord.errors import DamagedKey, ExposedKey, MissingPart
from concord.values import CountryCode
from concord.vault.keys import FileRootKey, derived, make_keys, read_keys

FR, DE = CountryCode("FR"), CountryCode("DE")
NAMES = {"identity", "vault-root", "web"}


def test_keys_are_files_of_32_bytes_that_only_their_owner_may_read(tmp_path: Path) -> None:
    make_keys(tmp_path / "keys")
    made = list((tmp_path / "keys").iterdir())
    assert {path.name for path in made} == NAMES
    assert all(path.stat().st_size == 32 and path.stat().st_mode & 0o777 == 0o600 for path in made)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_keys_stay_what_they_are(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert make_keys(tmp_path) == read_keys(tmp_path) == made


def test_every_key_is_another_one(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert len({made.identity, made.web, made.object_names, (tmp_path / "vault-root").read_bytes()}) == 4


def test_an_interrupted_making_is_completed(tmp_path: Path) -> None:
    asked = []

    def cut_at_the_second(size: int) -> bytes:
        asked.append(size)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return os.urandom(size)

    with pytest.raises(KeyboardInterrupt):
        make_keys(tmp_path, cut_at_the_second)
    first = (tmp_path / "identity").read_bytes()
    assert make_keys(tmp_path).identity == first
    assert {path.name for path in tmp_path.iterdir()} == NAMES


def test_processes_that_make_keys_at_once_agree(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from concord.vault.keys import make_keys;"
        "print('ready', flush=True); sys.stdin.readline(); k = make_keys(Path(sys.argv[1]));"
        "print((k.identity + k.object_names + k.web).hex())"
    )
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for maker in makers:
        maker.stdout.readline()
    for maker in makers:
        maker.stdin.write("\n")
        maker.stdin.flush()
    assert len({maker.communicate(timeout=180)[0] for maker in makers}) == 1
    assert {path.name for path in tmp_path.iterdir()} == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_lost_key_is_named_and_not_made_anew(tmp_path: Path, name: str) -> None:
    make_keys(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(MissingPart, match=name):
        read_keys(tmp_path)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    make_keys(tmp_path)
    (tmp_path / "web").write_bytes(content)
    with pytest.raises(DamagedKey, match="web"):
        read_keys(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    make_keys(tmp_path)
    (tmp_path / "identity").chmod(mode)
    with pytest.raises(ExposedKey, match=r"identity.*600"):
        read_keys(tmp_path)


def test_no_key_is_shown_or_told_in_an_error(tmp_path: Path) -> None:
    made = make_keys(tmp_path, lambda size: b"visible!" * (size // 8))
    assert "visible" not in repr(made) + repr(made.root)


def test_checks_tell_each_exchanged_key_and_give_none_away(tmp_path: Path) -> None:
    made = make_keys(tmp_path)
    assert made.checks == read_keys(tmp_path).checks
    for name in sorted(made.checks):
        kept = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(os.urandom(32))
        changed = read_keys(tmp_path).checks
        assert [other for other in made.checks if changed[other] != made.checks[other]] == [name]
        (tmp_path / name).write_bytes(kept)
    secrets = {path.read_bytes().hex() for path in tmp_path.iterdir()} | {made.object_names.hex()}
    assert not any(check in secret for check in made.checks.values() for secret in secrets)
    assert len(set(made.checks.values())) == 2


def test_derived_keys_are_the_published_function() -> None:
    """HKDF-SHA256 written out after RFC 5869, for one block of output and no salt."""
    inner = hmac.digest(bytes(32), b"s" * 32, "sha256")
    assert derived(b"s" * 32, "country FR") == hmac.digest(inner, b"concord vault 1 country FR\x01", "sha256")


def test_a_secret_opens_with_the_same_root_country_and_binding_only() -> None:
    root = FileRootKey(b"r" * 32)
    wrapped = root.wrap(b"secret", FR, b"object 1")
    assert root.unwrap(wrapped, FR, b"object 1") == b"secret"
    assert root.unwrap(wrapped, DE, b"object 1") is None
    assert root.unwrap(wrapped, FR, b"object 2") is None
    assert FileRootKey(b"R" * 32).unwrap(wrapped, FR, b"object 1") is None


def test_a_wrap_cut_or_changed_anywhere_does_not_open() -> None:
    root = FileRootKey(b"r" * 32)
    wrapped = root.wrap(b"s" * 32, FR, b"")
    for place in range(len(wrapped)):
        changed = bytes([*wrapped[:place], wrapped[place] ^ 1, *wrapped[place + 1 :]])
        assert root.unwrap(wrapped[:place], FR, b"") is None
        assert root.unwrap(changed, FR, b"") is None
