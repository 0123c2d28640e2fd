"""Looking at the database though nobody asks: what was erased there goes from the files within the hour all the same."""

import logging
import threading
from collections.abc import Callable

from concord.errors import ConcordError

log = logging.getLogger(__name__)

PAUSE_SECONDS = 300.0  # twice this and upkeep.ERASE_AFTER leave a third of the promised hour for the erasing itself


class Watch:
    """Looks at once and then every five minutes, in a thread that ends with the process."""

    def __init__(self, look: Callable[[], object]) -> None:
        self._ended = threading.Event()
        threading.Thread(target=keep_looking, args=(look, self._paused), daemon=True).start()

    def end(self) -> None:
        self._ended.set()

    def _paused(self) -> bool:
        return not self._ended.wait(PAUSE_SECONDS)


def keep_looking(look: Callable[[], object], paused: Callable[[], bool]) -> None:
    """For as long as `paused` says so after a pause. A look that fails is one that sees nothing: the next may again."""
    while True:
        try:
            look()
        except ConcordError as error:
            log.warning("the search index could not follow the database: %s", error)
        if not paused():
            return
