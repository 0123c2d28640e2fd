"""Near search over everything committed. Knows no case and no rights: it yields candidates, the database re-checks them."""

import threading
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import psycopg

from concord.errors import DatabaseUnavailable
from concord.matching import open_index
from concord.matching.catch_up import BEGINNING, read_news
from concord.matching.index import RADIUS, Index

Connect = Callable[[], psycopg.Connection]  # as the matcher: it reads the feed and nothing else


class Search:
    """An index that catches up with the database at every question. One a process, shared by its threads."""

    def __init__(self, connect: Connect, kind: str = "pdq", index: Index | None = None) -> None:
        self._connect, self._kind = connect, kind
        self._index = open_index() if index is None else index
        self._connection: psycopg.Connection | None = None
        self._snapshot = BEGINNING
        self._lock = threading.Lock()

    def near(self, values: Sequence[bytes], radius: int = RADIUS) -> list[dict[int, int]]:
        """For each 32-byte value the stored fingerprints within `radius` bits: number -> distance.

        Whatever was committed before the call is found. Raises DatabaseUnavailable.
        """
        if not values:
            return []
        self.catch_up()
        questions = np.frombuffer(b"".join(values), np.uint8).reshape(len(values), 32)
        hits = self._index.search(questions, radius)
        ends = hits.offsets.tolist()
        numbers, distances = hits.ids.tolist(), hits.distances.tolist()
        return [dict(zip(numbers[a:b], distances[a:b], strict=True)) for a, b in pairwise(ends)]

    def catch_up(self) -> int:
        """Returns how many rows were new."""
        with self._lock:
            try:
                news = read_news(self._open(), self._snapshot, self._kind)
            except psycopg.OperationalError:
                self._close()  # the server was restarted, perhaps: transaction ids go on, so does the cursor
                try:
                    news = read_news(self._open(), self._snapshot, self._kind)
                except psycopg.OperationalError as error:
                    raise DatabaseUnavailable(cause=str(error)) from error
            self._index.add(news.numbers, news.values)
            if len(news.removed):
                self._index.remove(news.removed)
            self._snapshot = news.snapshot  # last: a failure above leaves the old cursor
            return len(news)

    def close(self) -> None:
        with self._lock:
            self._close()

    def __len__(self) -> int:
        return len(self._index)

    def _open(self) -> psycopg.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
