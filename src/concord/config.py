"""The configuration, read once from the environment into a frozen value. No other module reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from concord.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Limits:
    """What one seized file or one request may cost."""

    pixels: int = 200_000_000  # per picture, known before unpacking
    picture_bytes: int = 512 << 20  # of one picture file; a larger one is digested but not unpacked
    decode_seconds: int = 20  # CPU of one item in a jailed worker
    decode_memory_bytes: int = 2 << 30  # address space of a jailed worker
    request_bytes: int = 64 << 20  # body of one HTTP request
    items_per_call: int = 10_000


@dataclass(frozen=True, slots=True)
class Config:
    """Where an installation lives and what it may use."""

    home: Path
    # URLs may hold passwords, so no repr shows them.
    database_url: str | None = field(repr=False)  # None: the embedded PostgreSQL; the three belong together
    database_owner_url: str | None = field(repr=False)
    database_matcher_url: str | None = field(repr=False)
    objects_url: str | None = field(repr=False)  # None: a folder in the home
    workers: int  # jailed processes
    hosts: tuple[str, ...] = ()  # names under which the pages are served, besides localhost
    limits: Limits = Limits()

    @property
    def embedded(self) -> bool:
        return self.database_url is None

    @property
    def profiles(self) -> Path:
        return self.home / "profiles"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def index(self) -> Path:
        return self.home / "index"

    @property
    def objects(self) -> Path:
        return self.home / "objects"


def read_config(environment: Mapping[str, str] = os.environ) -> Config:
    """Raises BadSetting, naming the variable."""
    home = environment.get("CONCORD_HOME") or platformdirs.user_data_dir("concord")
    urls = {name: environment.get(f"CONCORD_DATABASE{name}URL") or None for name in ("_", "_OWNER_", "_MATCHER_")}
    given = [name for name, url in urls.items() if url]
    if given and len(given) < len(urls):
        missing = next(name for name, url in urls.items() if not url)
        raise BadSetting(
            name=f"CONCORD_DATABASE{missing}URL", value="", cause="the three database URLs belong together"
        )
    return Config(
        home=Path(home).expanduser().absolute(),
        database_url=urls["_"],
        database_owner_url=urls["_OWNER_"],
        database_matcher_url=urls["_MATCHER_"],
        objects_url=environment.get("CONCORD_OBJECTS_URL") or None,
        hosts=tuple(environment.get("CONCORD_HOSTS", "").replace(",", " ").split()),
        workers=_whole_number(environment, "CONCORD_WORKERS", os.cpu_count() or 1),
    )


def environment_of(config: Config) -> dict[str, str]:
    """What a child process must be given to read the same configuration. An empty value is as none."""
    return {
        "CONCORD_HOME": str(config.home),
        "CONCORD_DATABASE_URL": config.database_url or "",
        "CONCORD_DATABASE_OWNER_URL": config.database_owner_url or "",
        "CONCORD_DATABASE_MATCHER_URL": config.database_matcher_url or "",
        "CONCORD_OBJECTS_URL": config.objects_url or "",
        "CONCORD_HOSTS": " ".join(config.hosts),
        "CONCORD_WORKERS": str(config.workers),
    }


def _whole_number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise BadSetting(name=name, value=text, cause="a whole number of at least 1 is needed")
    return int(text)
