"""Who the tokens of late belonged to: a guess, which the database confirms to the letter in the very statement of an act.

It saves a look-up the question who is asking, one of its two ways to the database. It is no cache that could be stale: what
was revoked, granted or changed since makes the act raise StandingChanged before anything is read, and whoever is not
confirmed can do nothing else (Actor.acting).
"""

import hashlib
import threading
from dataclasses import replace

from concord.access.actor import Actor

MOST = 10_000  # tokens


class Standings:
    """Safe to share between threads. It keeps no secret: a token is known by its digest."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._actors: dict[bytes, Actor] = {}
        self._lock = threading.Lock()

    def guess(self, secret: str) -> Actor | None:
        """Unconfirmed. None: this token was not seen of late, or turned out to have changed."""
        return self._actors.get(_key(secret))

    def remember(self, secret: str, actor: Actor) -> None:
        """Only where the database can confirm it: a token that opens once is nobody's after that."""
        if not actor.standing:
            return
        with self._lock:
            if len(self._actors) >= self._most:
                del self._actors[next(iter(self._actors))]
            self._actors[_key(secret)] = replace(actor, is_confirmed=False)

    def forget(self, secret: str) -> None:
        with self._lock:
            self._actors.pop(_key(secret), None)


def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
