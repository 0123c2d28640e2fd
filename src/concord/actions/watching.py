"""What a server does by the clock, though nobody comes by."""

from collections.abc import Callable

from django.db import connection

from concord.matching.watch import PAUSE_SECONDS, Watch


def watching(look: Callable[[], object], failed: str, pause_seconds: float = PAUSE_SECONDS) -> Watch:
    """Looks at once and after every pause. `failed` says in the log what a look that failed means.

    No connection is kept between two looks: a server has a thread for each, and connections are few.
    """

    def looked() -> None:
        try:
            look()
        finally:
            connection.close()

    return Watch(looked, failed, pause_seconds)
