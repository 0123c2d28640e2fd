"""The terms on which an embedded server is kept: how long, how patiently, and where root's puts its data."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Terms:
    """Those of the process that finds no server running and starts one count until that server stops."""

    linger_seconds: float = 10.0  # how long the server stays up when its last user has gone
    patience_seconds: float = 600.0  # how long a user waits for a server that lives but is not ready (long recovery)
    state: Path = Path("/var/lib/concord")  # root only: data and programs that the server's account can reach
    account: str = "nobody"  # root only: who runs the server, which refuses to run as root
    dies_with_keeper: bool = sys.platform == "linux"  # by a signal of the kernel; elsewhere the next keeper adopts it
    durable: bool = True  # False, for throw-away servers only: a power cut may cost the whole database

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"state": str(self.state)})

    @classmethod
    def from_json(cls, text: str) -> Self:
        facts = json.loads(text)
        return cls(**(facts | {"state": Path(facts["state"])}))


DEFAULT = Terms()
THROWAWAY = Terms(durable=False)
