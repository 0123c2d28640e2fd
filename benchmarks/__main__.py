"""`python -m benchmarks NAME [--json] [--small] [--n ENTRIES] [--pages huge|small]`."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence

from benchmarks import ask, bulk, edits, hamming, jail, lookups, pictures, reduced, rights
from benchmarks.figure import Figure, as_json, as_table
from benchmarks.hashes import WrongAnswer
from benchmarks.memory import POSSIBLE, Pages

BENCHMARKS: dict[str, Callable[..., Iterable[Figure]]] = {
    "ask": ask.measure,
    "bulk": bulk.measure,
    "edits": edits.measure,
    "hamming": hamming.measure,
    "jail": jail.measure,
    "lookups": lookups.measure,
    "pictures": pictures.measure,
    "reduced": reduced.measure,
    "rights": rights.measure,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description="Measures against a named peer in the same run.")
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--small", action="store_true", help="a few seconds, to see that it runs: no figure to quote")
    parser.add_argument(
        "--n",
        type=float,
        metavar="ENTRIES",
        help="how many, of hamming (1e7), bulk (1e4), lookups (2e4) or rights (1e6)",
    )
    parser.add_argument(
        "--pages", type=Pages, choices=POSSIBLE, help="of hamming: on such alone, not on one after the other"
    )
    given = parser.parse_args(arguments)
    if given.n and given.name not in ("hamming", "bulk", "lookups", "rights"):
        parser.error("--n is of hamming, bulk, lookups and rights")
    if given.pages and given.name != "hamming":
        parser.error("--pages is of hamming")
    options: dict[str, object] = {"entries": int(given.n)} if given.n else {}
    options |= {"pages": (given.pages,)} if given.pages else {}
    try:
        figures = list(BENCHMARKS[given.name](given.small, **options))
    except WrongAnswer as error:
        raise SystemExit(f"no figure: {error}") from error
    sys.stdout.write((as_json if given.json else as_table)(given.name, figures) + "\n")


if __name__ == "__main__":
    main()
