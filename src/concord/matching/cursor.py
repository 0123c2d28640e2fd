"""How far a database has been read, and whether one may go on from there. Pure: catch_up.py does the reading.

A snapshot is the text of pg_current_snapshot(), `xmin:xmax:xip,...`. Going on from it is right only in the database it
was taken in, while its transaction ids go forward. So a cursor also says which database that was.
"""

from datetime import datetime

import msgspec

BEGINNING = "1:1:"  # everything is later than this

# A crash loses what was not yet written ahead: for 0.6 s, roll-backs and commits that did not wait. Their transaction
# ids are then given out again, below the snapshot's xmax. Nobody gets through so many transactions in that time.
LOST_BY_A_CRASH = 10_000


class Origin(msgspec.Struct, frozen=True):
    """Which database it is. Even a restored copy is another one."""

    system: str = ""  # the cluster's identifier
    timeline: int = 0  # a new one after every promotion and point-in-time recovery
    feed: str = ""  # database and table: a restored table is another one


class Server(msgspec.Struct, frozen=True):
    """What a database says of itself when it is connected to."""

    origin: Origin
    started: str  # when its server was; other than noted: there may have been a crash
    standby: bool
    newest: int  # transaction ids from here on have not been given out
    adopted: bool  # no row of its feed has such an id, as restored rows do


class Cursor(msgspec.Struct, frozen=True):
    snapshot: str = BEGINNING
    origin: Origin = Origin()
    started: str = ""
    read_at: datetime | None = None
    repeats: bool = False  # what is read next may hold rows that were read before

    @property
    def newest(self) -> int:
        return int(self.snapshot.split(":")[1])

    @property
    def open_then(self) -> str:
        return self.snapshot.split(":")[2]

    def resumed(self, server: Server) -> "Cursor":
        """Where to go on in this database: here, somewhat earlier, or at the beginning."""
        anew = Cursor(origin=server.origin, started=server.started)
        if self.origin != server.origin or self.newest > server.newest + LOST_BY_A_CRASH:
            return anew
        if self.started == server.started or self.snapshot == BEGINNING:
            return msgspec.structs.replace(self, started=server.started)
        earlier = max(1, self.newest - LOST_BY_A_CRASH)
        snapshot = f"{earlier}:{earlier}:{self.open_then}"
        return msgspec.structs.replace(self, snapshot=snapshot, started=server.started, repeats=True)

    def moved(self, snapshot: str, server: Server, now: datetime) -> "Cursor":
        """After a reading that took this snapshot. A standby lists no open transactions: from its xmin on, any may be."""
        if server.standby:
            xmin = snapshot.split(":")[0]
            snapshot = f"{xmin}:{xmin}:"
        return Cursor(snapshot, server.origin, server.started, now, repeats=server.standby)
