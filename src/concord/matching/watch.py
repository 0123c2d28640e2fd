"""Looking though nobody asks: what was erased in the database goes from the files within the hour all the same."""

import logging
import threading
from collections.abc import Callable

from concord.errors import ConcordError

log = logging.getLogger(__name__)

PAUSE_SECONDS = 300.0  # twice this and upkeep.ERASE_AFTER leave a third of the promised hour for the erasing itself


class Watch:
    """Looks at once and then after every pause, in a thread that ends with the process."""

    def __init__(self, look: Callable[[], object], failed: str, pause_seconds: float = PAUSE_SECONDS) -> None:
        """`failed` says in the log what a look that failed means."""
        self._ended = threading.Event()
        self._pause_seconds = pause_seconds
        threading.Thread(target=keep_looking, args=(look, self._paused, failed), daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def _paused(self) -> bool:
        return not self._ended.wait(self._pause_seconds)


def keep_looking(look: Callable[[], object], paused: Callable[[], bool], failed: str) -> None:
    """For as long as `paused` says so after a pause. A look that fails is one that sees nothing: the next may again."""
    while True:
        try:
            look()
        except (ConcordError, OSError) as error:
            log.warning("%s: %s", failed, error)
        if not paused():
            return
