"""What every action works with: the parts of one installation, opened once and handed down by the wiring."""

from collections.abc import Callable
from dataclasses import dataclass

from concord.access.rate import Rates
from concord.config import Config
from concord.jail.pool import Jail
from concord.matching.search import Search
from concord.media import Examiner
from concord.values import Clock, utc_now
from concord.vault.keys import Keys
from concord.vault.objects import Vault


@dataclass(frozen=True, slots=True)
class Installation:
    """An open installation. Cheap to hand around, safe to share between threads."""

    config: Config
    keys: Keys
    vault: Vault
    jail: Jail
    examiner: Examiner
    search: Search
    clock: Clock = utc_now
    rates: Rates | None = None  # of requests over HTTP; None: nobody counts
    demo: bool = False  # a throw-away home with personas in place of people
    release: Callable[[], None] = lambda: None  # lets go of the database server

    def close(self) -> None:
        self.jail.close()
        self.search.close()
        self.release()
