"""Profiles as they stand in the home: a name for `--as`, and the profile it means. The home is the credential: guard it."""

import json
import os
import re
import tempfile
import uuid
from pathlib import Path

from concord.errors import DamagedProfile, UnfitProfileName, UnknownProfile

DEFAULT = "default"


def check_profile_name(name: str) -> None:
    """Raises UnfitProfileName: it becomes the name of a file."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise UnfitProfileName(name=name)


def has_profile(folder: Path, name: str) -> bool:
    return (folder / f"{name}.json").exists()


def write_profile(folder: Path, name: str, profile: uuid.UUID) -> None:
    """All or nothing, on the disk when it returns. Raises UnfitProfileName."""
    check_profile_name(name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=".", suffix=".draft", dir=folder)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(json.dumps({"profile": str(profile)}) + "\n")
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(folder / f"{name}.json")
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _sync(folder)


def read_profile(folder: Path, name: str) -> uuid.UUID:
    """Raises UnknownProfile, naming those there are, and DamagedProfile, naming the file."""
    known = {path.stem: path for path in sorted(folder.glob("*.json"))} if folder.is_dir() else {}
    if name not in known:
        raise UnknownProfile(name=name, known=", ".join(known) or "none")
    try:
        return uuid.UUID(json.loads(known[name].read_text(encoding="utf-8"))["profile"])
    except OSError as error:
        raise DamagedProfile(path=known[name], cause=error.strerror) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:  # no JSON, no key, no id
        raise DamagedProfile(path=known[name], cause="it holds no id of a profile") from error


def _sync(folder: Path) -> None:
    """The new name itself, not only the bytes, outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
