"""The configuration, read once from the environment into a frozen value. No other module reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs

from concord.errors import BadSetting


@dataclass(frozen=True, slots=True)
class Limits:
    """What one seized file or one request may cost."""

    pixels: int = 200_000_000  # per picture, known before unpacking
    unpacked_bytes: int = 480 << 20  # memory for unpacking one picture, known before; within decode_memory_bytes
    picture_bytes: int = 128 << 20  # of one picture file, held while it is unpacked; beyond it, digests only
    decode_seconds: int = 4  # CPU of one item in a jailed worker; the kernel's own clock ends it within one more
    decode_memory_bytes: int = 768 << 20  # address space of a jailed worker, programs and libraries included
    worker_items: int = 10_000  # after so many a jailed worker is replaced
    worker_growth_bytes: int = 128 << 20  # address space that a worker may keep between items, or be replaced
    archive_depth: int = 8  # archives in archives, the outermost counted
    archive_members: int = 1_000_000  # of one archive, those of archives in it counted
    archive_member_bytes: int = 64 << 30  # of one member, unpacked
    archive_bytes: int = 1 << 40  # of one archive, unpacked, those of archives in it counted as well
    archive_ratio: int = 250  # bytes unpacked for each packed; looked at from so many unpacked bytes on:
    archive_ratio_from_bytes: int = 64 << 20
    archive_held_bytes: int = 128 << 20  # of packed archives in an archive, held while their members are read
    archive_dictionary_bytes: int = 256 << 20  # memory that a packing method may want for what it has unpacked
    intake_days: int = 90  # an intake is erased so long after it was opened, unless said otherwise
    intake_most_days: int = 365  # and never later than this
    response_hours: int = 72  # in which the owner of something silently restricted answers who asked about it
    views_per_day: int = 100  # of other units' records, outside one's own case, by one user
    hashes_per_day: int = 50  # questions by a bare perceptual hash, by one user
    proposal_days: int = 14  # in which the owners concerned answer; then the hub decides
    request_bytes: int = 64 << 20  # body of one HTTP request
    items_per_call: int = 10_000
    upload_bytes: int = 128 << 20  # of one file that comes in parts to be asked about
    upload_unit_bytes: int = 1 << 30  # of all that one unit has under way
    upload_part_bytes: int = 256 << 10  # of one part, unpacked
    upload_seconds: int = 24 * 3600  # after its last part an upload is erased


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
    token: str | None = field(default=None, repr=False)  # with which another server is asked
    server_ca: str | None = None  # PEM file of the only authority that is believed there; None: the system's
    takes_pictures: bool = True  # whether files that are to be asked about may be sent here
    requests_per_second: int = 100  # by one token or session over HTTP; short bursts may be more
    hosts: tuple[str, ...] = ()  # names under which the pages are served, besides localhost
    origin: str | None = None  # https://NAME, where people open the pages; None: on this machine alone, as localhost
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
    def uploads(self) -> Path:
        return self.home / "uploads"

    @property
    def rates(self) -> Path:
        return self.home / "rates"

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
        origin=_origin(environment),
        token=environment.get("CONCORD_TOKEN") or None,
        server_ca=environment.get("CONCORD_SERVER_CA") or None,
        takes_pictures=_yes_or_no(environment, "CONCORD_TAKES_PICTURES"),
        requests_per_second=_whole_number(environment, "CONCORD_REQUESTS_PER_SECOND", 100),
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
        "CONCORD_ORIGIN": config.origin or "",
        "CONCORD_WORKERS": str(config.workers),
        "CONCORD_TOKEN": config.token or "",
        "CONCORD_SERVER_CA": config.server_ca or "",
        "CONCORD_REQUESTS_PER_SECOND": str(config.requests_per_second),
        "CONCORD_TAKES_PICTURES": "yes" if config.takes_pictures else "no",
    }


def _origin(environment: Mapping[str, str]) -> str | None:
    """Scheme, name and port, as a browser says where a page came from."""
    text = environment.get("CONCORD_ORIGIN") or None
    if text is None:
        return None
    there = urlsplit(text)
    if there.scheme not in ("https", "http") or not there.hostname or text != f"{there.scheme}://{there.netloc}":
        raise BadSetting(name="CONCORD_ORIGIN", value=text, cause="an address like https://concord.example is needed")
    if there.scheme == "http" and there.hostname != "localhost":
        raise BadSetting(name="CONCORD_ORIGIN", value=text, cause="only localhost does without https")
    return text


def _whole_number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise BadSetting(name=name, value=text, cause="a whole number of at least 1 is needed")
    return int(text)


def _yes_or_no(environment: Mapping[str, str], name: str) -> bool:
    text = environment.get(name) or "yes"
    if text not in ("yes", "no"):
        raise BadSetting(name=name, value=text, cause="yes or no is needed")
    return text == "yes"
