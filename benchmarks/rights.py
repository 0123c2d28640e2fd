"""What rights and audit cost a look-up: the same server and records with them, and without.

Without: a throw-away database in which no table has policies, nothing is looked for among what is restricted, and no audit entry
is written; who asks is found out all the same. A second country holds a hundredth of it in silence.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median

import psycopg

from benchmarks.figure import Figure, faster
from benchmarks.home import Home, home
from benchmarks.lookups import BATCH, MANY, Measured, Size, contenders, known_digests, load, rounds, served
from concord.access.actor import sign_in
from concord.actions.enrol import UnitFacts, enrol_unit, enrol_user
from concord.actions.enter import Terms, enter_digests
from concord.actions.say import open_case
from concord.values import Basis, Category, CountryCode, Purpose

SILENT = 100  # one in so many

TAKEN_AWAY = """
do $$
declare one text;
begin
    for one in select tablename from pg_tables where schemaname = 'public'
    loop
        execute format('alter table %I disable row level security', one);
    end loop;
end $$;
create or replace function withheld(
    asked_md5 bytea[], asked_sha1 bytea[], asked_sha256 bytea[], asked_numbers bigint[], by_picture boolean)
    returns table (digest bytea, number bigint, suspended boolean, country text, unit text, channel text, hours text,
                   time_zone text)
    language sql as 'select null::bytea, null::bigint, null::boolean, null, null, null, null, null where false';
create or replace function begin_act(who text[], verb text, at timestamptz, names text[]) returns void
    language plpgsql as 'begin perform still_stands(who); end';
"""


def measure(small: bool, entries: int = 1_000_000) -> Iterator[Figure]:
    """Processor time and throughput with rights and audit, and their ratio to those without."""
    size = Size(400, 0.1, 1) if small else Size(entries, 2.0, 5)
    with ExitStack() as stack:
        here = stack.enter_context(home())
        known = known_digests(size.materials)
        load(here, known)
        _hold_in_silence(here, known[::SILENT])
        bench = served(stack, here, size)
        asked = {name: one for name, one in contenders(bench, known).items() if not name.startswith("select")}
        guarded = rounds(bench, asked)
        with psycopg.connect(here.conninfo, autocommit=True) as connection:
            connection.execute(TAKEN_AWAY)
        bare = rounds(bench, {name: one for name, one in asked.items() if _is_lookup(name)}, audited=False)
        for name in filter(_is_lookup, guarded):
            yield from _compared(name, guarded[name], bare[name])
        for connections in (1, MANY):
            constant = guarded[f"constant, {connections}"]
            yield Figure(f"peer: a constant answer, {connections}: processor time", _cost(constant), "ms")


def _is_lookup(name: str) -> bool:
    return name.startswith(("known", "unknown"))


def _cost(measured: Measured) -> float:
    """Of application and database."""
    return median(sum(both) for both in zip(measured.server, measured.database, strict=True))


def _compared(name: str, guarded: Measured, bare: Measured) -> Iterator[Figure]:
    title = f"{name} of {BATCH}" if name.endswith("batch") else name
    yield Figure(f"{title}: processor time of the server", median(guarded.server), "ms/digest")
    yield Figure(f"{title}: processor time of PostgreSQL", median(guarded.database), "ms/digest")
    yield Figure(f"{title}: both", _cost(guarded), "ms/digest")
    yield Figure(f"{title}: both, without rights and audit", _cost(bare), "ms/digest")
    if _cost(bare):  # the system counts in hundredths of a second, of which a small run may take none
        yield Figure(f"{title}: processor time, with to without", _cost(guarded) / _cost(bare), "times")
    yield faster(title, guarded.rate, "digests/s", "without rights and audit", bare.rate)


def _hold_in_silence(here: Home, digests: list[bytes]) -> None:
    """By another country, and one file of it, which stands in where nothing is hidden."""
    facts = UnitFacts(CountryCode("XB"), "Belmora", "Silent", "4102", "09-17", "UTC")
    other = sign_in(enrol_user(enrol_unit(facts), "Silent", "officer", Purpose.TRAINING, Basis.TRAINING))
    open_case(here.installation, other, "SILENT-1")
    terms = Terms("SILENT-1", Category.CATEGORY_1, own_country_only="a benchmark")
    enter_digests(here.installation, other, [bytes(32).hex()], terms)
    with psycopg.connect(here.conninfo, autocommit=True) as connection:
        columns = [column.name for column in connection.execute("select * from instance limit 0").description or ()]
        own_values = {"id": "gen_random_uuid()", "material_id": "m.id", "sha256": "m.sha256"}
        chosen = ", ".join(own_values.get(name, f"i.{name}") for name in columns)
        connection.execute(
            f"""insert into instance ({", ".join(columns)}) select {chosen} from material m
                cross join (select * from instance where guarded limit 1) i where m.sha256 = any(%s)""",
            [digests],
        )
        connection.execute("update instance set has_bytes = true where sha256 = %s", [bytes(32)])
        connection.execute("vacuum analyze")
