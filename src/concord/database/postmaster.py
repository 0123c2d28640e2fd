"""What a PostgreSQL server says of itself in `postmaster.pid` (source: PostgreSQL, src/include/utils/pidfile.h)."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PidFile:
    """A claim, not a fact: the file outlives a killed server, and its number may be a stranger's by now."""

    pid: int
    socket_directory: Path | None  # None: not written yet, or no socket
    status: str | None  # starting, stopping, ready or standby; None: not written yet

    @property
    def ready(self) -> bool:
        return self.status == "ready"


def read(data: Path) -> PidFile | None:
    try:
        return parse((data / "postmaster.pid").read_text(errors="replace"))
    except FileNotFoundError:
        return None


def parse(text: str) -> PidFile | None:
    """None for a file that a crash left empty or unreadable."""
    lines = [line.strip() for line in text.split("\n")]
    lines += [""] * (8 - len(lines))
    if not (lines[0].isascii() and lines[0].isdecimal()):
        return None
    return PidFile(int(lines[0]), Path(lines[4]) if lines[4] else None, lines[7] or None)
