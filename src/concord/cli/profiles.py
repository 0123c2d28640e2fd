"""Profiles as they stand in the home: a name for `--as`, and the profile it means. The home is the credential: guard it."""

import json
import re
import uuid
from pathlib import Path

from concord.errors import BadSetting, UnknownProfile

DEFAULT = "default"


def write_profile(folder: Path, name: str, profile: uuid.UUID) -> None:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise BadSetting(name="profile", value=name, cause="letters, digits, dot, dash and underscore only")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"profile": str(profile)}) + "\n")


def read_profile(folder: Path, name: str) -> uuid.UUID:
    """Raises UnknownProfile, naming those there are."""
    known = {path.stem: path for path in sorted(folder.glob("*.json"))} if folder.is_dir() else {}
    if name not in known:
        raise UnknownProfile(name=name, known=", ".join(known) or "none")
    return uuid.UUID(json.loads(known[name].read_text())["profile"])
