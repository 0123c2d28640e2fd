"""Digests looked up over HTTP on a real server of one process, each under its asker's rights and with its audit entry.

Two peers in the same run. The floor of the web stack: a view of the same server that answers a constant. The floor of
the question: a bare `select` of the same digests through psycopg, by the database's owner, who passes no policy, prepared
and without a transaction of its own, from one process over one connection. Load and server share the machine.
"""

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from statistics import median, quantiles

import msgspec
import psutil
import psycopg
from tests.serving import serving

from benchmarks.figure import Figure, faster
from benchmarks.home import CASE, Home, home, tree_seconds
from benchmarks.load import Load, request, run
from concord.actions.enrol import issue_token
from concord.actions.enter import Terms, enter_digests
from concord.values import Category, utc_now

SELECT = "select material_id, owner_unit_id from instance where sha256 = any(%s)"
CHUNK = 10_000
ENTERED = 20_000  # as an officer enters them; of a million that takes a quarter of an hour
COPIED = 100_000
BATCH = 1000
MOST_DIGESTS = 500_000  # of one measurement: the audit log grows with them
MOST_REQUESTS = 100_000  # different ones
MANY = 16  # connections
UNHURRIED = {"CONCORD_REQUESTS_PER_SECOND": "1000000"}  # what is measured is the look-up, not the bound on it


@dataclass(frozen=True)
class Size:
    materials: int
    seconds: float  # a measurement
    rounds: int


@dataclass
class Measured:
    """A value a round."""

    rate: list[float] = field(default_factory=list)  # digests, or answers, a second
    server: list[float] = field(default_factory=list)  # ms of processor time a digest
    database: list[float] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)  # ms, of every request


@dataclass(frozen=True)
class Bench:
    """What is measured, and with what."""

    here: Home
    port: int
    server: psutil.Process
    client: ProcessPoolExecutor
    size: Size

    def requests(self, requests: list[bytes], connections: int, digests: int = 1) -> tuple[Load, int]:
        at_most = MOST_DIGESTS // digests
        load = self.client.submit(run, self.port, connections, requests, self.size.seconds, at_most).result()
        return load, load.responses * digests

    def selects(self, digests: list[bytes], at_once: int) -> tuple[Load, int]:
        load = self.client.submit(select, self.here.conninfo, digests, at_once, self.size.seconds).result()
        return load, load.responses * at_once


def measure(small: bool, entries: int = 20_000) -> Iterator[Figure]:
    """Digests a second, and what one costs. Ends with a check that every look-up has left its audit entry."""
    size = Size(200, 0.1, 1) if small else Size(entries, 2.0, 5)
    with ExitStack() as stack:
        here = stack.enter_context(home())
        known = known_digests(size.materials)
        yield load(here, known)
        bench = served(stack, here, size)
        yield from _figures(rounds(bench, contenders(bench, known)))


def served(stack: ExitStack, here: Home, size: Size) -> Bench:
    """A server on this home, and a process that asks it."""
    port = stack.enter_context(serving(here.installation.config.home, UNHURRIED))
    server = next(one for one in psutil.Process().children() if _serves(one))
    client = stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
    return Bench(here, port, server, client, size)


def known_digests(count: int) -> list[bytes]:
    return [_digest(f"known {number}") for number in range(count)]


def _serves(process: psutil.Process) -> bool:
    try:
        return "serve" in process.cmdline()
    except psutil.NoSuchProcess:  # another child of this process, which has just ended
        return False


def contenders(bench: Bench, known: list[bytes]) -> dict[str, Callable[[], tuple[Load, int]]]:
    token = issue_token(bench.here.actor.profile, "bench", utc_now)
    shuffled = random.Random(1).sample(known, len(known))
    new = [_digest(f"new {number}") for number in range(len(known))]
    asked = {"known": shuffled[:MOST_REQUESTS], "unknown": new[:MOST_REQUESTS]}
    singles = {name: _single(token, digests) for name, digests in asked.items()}
    batches = {name: _batches(token, digests) for name, digests in asked.items()}
    health = [request("GET", "/healthz", token)]
    found: dict[str, Callable[[], tuple[Load, int]]] = {}
    for connections in (1, MANY):
        for name, requests in singles.items():
            found[f"{name}, {connections}"] = partial(bench.requests, requests, connections)
        found[f"constant, {connections}"] = partial(bench.requests, health, connections)
    for name, requests in batches.items():
        found[f"{name}, batch"] = partial(bench.requests, requests, 1, BATCH)
    found["select, 1"] = partial(bench.selects, shuffled, 1)
    found["select, batch"] = partial(bench.selects, shuffled, min(BATCH, len(shuffled)))
    return found


def rounds(
    bench: Bench, contenders: dict[str, Callable[[], tuple[Load, int]]], *, audited: bool = True
) -> dict[str, Measured]:
    """Processor times and rates of each; that each look-up has left its audit entry is checked, or that none has."""
    measured = {name: Measured() for name in contenders}
    for turn in range(1 + bench.size.rounds):
        for name, contender in contenders.items():
            server, database = tree_seconds(bench.server), bench.here.database_seconds()
            entries = _entries(bench.here)
            load, done = contender()
            if turn:  # the first warms up
                one = measured[name]
                one.rate.append(done / load.wall)
                one.server.append(1000 * (tree_seconds(bench.server) - server) / done)
                one.database.append(1000 * (bench.here.database_seconds() - database) / done)
                one.latencies += [1000 * latency for latency in load.latencies]
            asked = audited and name.startswith(("known", "unknown"))
            written = tuple(after - before for after, before in zip(_entries(bench.here), entries, strict=True))
            assert written == ((load.responses, done) if asked else (0, 0)), f"{name}: {written} audit entries"
            _check(name, load.last)
    return measured


def _figures(measured: dict[str, Measured]) -> Iterator[Figure]:
    for connections in (1, MANY):
        words = "1 connection" if connections == 1 else f"{connections} connections"
        for name in ("known", "unknown"):
            ours, floor = measured[f"{name}, {connections}"], measured[f"constant, {connections}"]
            title = f"{name} digests, one a request, {words}"
            yield faster(title, ours.rate, "digests/s", f"a constant answer, {words}", floor.rate)
            if connections == 1:
                yield faster(title, ours.rate, "digests/s", "bare select, 1 connection", measured["select, 1"].rate)
            hundredths = quantiles(ours.latencies, n=100)
            yield Figure(f"{title}: half are answered within", hundredths[49], "ms")
            yield Figure(f"{title}: 99 of 100 are answered within", hundredths[98], "ms")
            yield from _costs(title, ours)
    for name in ("known", "unknown"):
        ours, title = measured[f"{name}, batch"], f"{name} digests, {BATCH} a request, 1 connection"
        yield faster(title, ours.rate, "digests/s", f"bare select of {BATCH}", measured["select, batch"].rate)
        yield from _costs(title, ours)
    for name in ("constant, 1", f"constant, {MANY}", "select, 1", "select, batch"):
        yield Figure(f"peer: {name}", median(measured[name].rate), "a second")


def _costs(title: str, ours: Measured) -> Iterator[Figure]:
    yield Figure(f"{title}: processor time of the server", median(ours.server), "ms/digest")
    yield Figure(f"{title}: processor time of PostgreSQL", median(ours.database), "ms/digest")


# ---- ours -------------------------------------------------------------------------------------------------------------


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _single(token: str, digests: Sequence[bytes]) -> list[bytes]:
    return [request("POST", "/api/v1/ask", token, msgspec.json.encode({"item": one.hex()})) for one in digests]


def _batches(token: str, digests: Sequence[bytes]) -> list[bytes]:
    """Each of exactly BATCH digests, however few there are."""
    enough = list(digests) * -(-BATCH // len(digests))
    parts = [enough[start : start + BATCH] for start in range(0, len(enough), BATCH)]
    bodies = [msgspec.json.encode({"items": [one.hex() for one in part]}) for part in parts if len(part) == BATCH]
    return [request("POST", "/api/v1/ask/batch", token, body) for body in bodies]


def load(here: Home, digests: Sequence[bytes]) -> Figure:
    """Enters the first of them; what is beyond is written beside these by the database's owner, in the same shape."""
    entered, began = digests[:ENTERED], time.perf_counter()
    for start in range(0, len(entered), CHUNK):
        texts = [one.hex() for one in entered[start : start + CHUNK]]
        enter_digests(here.installation, here.actor, texts, Terms(CASE, Category.CATEGORY_1))
    rate = len(entered) / (time.perf_counter() - began)
    with psycopg.connect(here.conninfo, autocommit=True) as connection:
        for start in range(ENTERED, len(digests), COPIED):
            _copy(connection, digests[start : start + COPIED])
        connection.execute("vacuum analyze")
    return Figure(f"digests entered, {CHUNK} a transaction, {len(entered)} in all", rate, "digests/s")


def _copy(connection: psycopg.Connection, digests: Sequence[bytes]) -> None:
    columns = [column.name for column in connection.execute("select * from instance limit 0").description or ()]
    own = {"id": "gen_random_uuid()", "material_id": "m.id", "sha256": "m.sha256"}
    chosen = ", ".join(own.get(name, f"i.{name}") for name in columns)
    connection.execute(
        f"""with m as (insert into material (id, sha256) select gen_random_uuid(), one from unnest(%s::bytea[]) one
                       returning id, sha256)
            insert into instance ({", ".join(columns)}) select {chosen} from m cross join (select * from instance limit 1) i""",
        [list(digests)],
    )


def _entries(here: Home) -> tuple[int, int]:
    """Audit entries of questions, and the items they name."""
    with psycopg.connect(here.conninfo) as connection:
        counted = connection.execute(
            "select count(*), coalesce(sum(item_count), 0) from audit_entry where verb = 'ASK'"
        )
        row = counted.fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def _check(name: str, response: bytes) -> None:
    """That what was measured was the right answer."""
    if name.startswith(("known", "unknown")):
        assert (b'"KNOWN"' if name.startswith("known") else b'"NEW"') in response, response[:1000]


# ---- the peer ---------------------------------------------------------------------------------------------------------


def select(conninfo: str, digests: Sequence[bytes], at_once: int, seconds: float) -> Load:
    """In the client's process."""
    parts = [list(digests[start : start + at_once]) for start in range(0, len(digests) - at_once + 1, at_once)]
    latencies: list[float] = []
    with psycopg.connect(conninfo, autocommit=True) as connection:
        began = now = time.perf_counter()
        while now - began < seconds:
            sent_at = now
            rows = connection.execute(
                SELECT, [parts[len(latencies) % len(parts)]], prepare=True, binary=True
            ).fetchall()
            assert len(rows) == at_once
            now = time.perf_counter()
            latencies.append(now - sent_at)
    return Load(len(latencies), now - began, latencies, b"")
