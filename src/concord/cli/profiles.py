"""Profiles as they stand in the home: a name for `--as`, and the profile it means. The home is the credential: guard it."""

import json
import os
import re
import tempfile
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from concord.errors import DamagedProfile, FarProfile, UnfitProfileName, UnknownProfile

DEFAULT = "default"


def check_profile_name(name: str) -> None:
    """Raises UnfitProfileName: it becomes the name of a file."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise UnfitProfileName(name=name)


def has_profile(folder: Path, name: str) -> bool:
    return (folder / f"{name}.json").exists()


@dataclass(frozen=True, slots=True)
class Remote:
    """A server far away, and the token that signs in there."""

    server: str
    token: str = field(repr=False)


def write_profile(folder: Path, name: str, profile: uuid.UUID) -> None:
    """All or nothing, on the disk when it returns. Raises UnfitProfileName."""
    _write(folder, name, {"profile": str(profile)})


def write_remote(folder: Path, name: str, remote: Remote) -> None:
    """The same, readable for nobody else. Raises UnfitProfileName."""
    _write(folder, name, {"server": remote.server, "token": remote.token})


def _write(folder: Path, name: str, content: dict[str, str]) -> None:
    check_profile_name(name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=".", suffix=".draft", dir=folder)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(json.dumps(content) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(folder / f"{name}.json")
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _sync(folder)


def read_profile(folder: Path, name: str) -> uuid.UUID:
    """Raises UnknownProfile, naming those there are, DamagedProfile, naming the file, and FarProfile."""
    path = _path(folder, name)
    content = _read(path)
    if "server" in content:
        raise FarProfile(name=name, server=content["server"])
    try:
        return uuid.UUID(content["profile"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # no key, no id
        raise DamagedProfile(path=path, cause="it holds no id of a profile") from error


def read_remote(folder: Path, name: str) -> Remote | None:
    """None: there is no such profile, or it is one of this installation. Raises DamagedProfile, naming the file."""
    if not has_profile(folder, name):
        return None
    path = _path(folder, name)
    content = _read(path)
    server, token = content.get("server"), content.get("token")
    if server is None:
        return None
    if not isinstance(server, str) or not isinstance(token, str):
        raise DamagedProfile(path=path, cause="it holds no server and token")
    return Remote(server, token)


def _path(folder: Path, name: str) -> Path:
    known = {path.stem: path for path in sorted(folder.glob("*.json"))} if folder.is_dir() else {}
    if name not in known:
        raise UnknownProfile(name=name, known=", ".join(known) or "none")
    return known[name]


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DamagedProfile(path=path, cause=error.strerror) from error
    except (ValueError, RecursionError) as error:
        raise DamagedProfile(path=path, cause="it holds no id of a profile") from error
    if not isinstance(content, dict):
        raise DamagedProfile(path=path, cause="it holds no id of a profile")
    return content


def _sync(folder: Path) -> None:
    """The new name itself, not only the bytes, outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
