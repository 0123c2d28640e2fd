"""`python -m benchmarks NAME [--json] [--small] [--n ENTRIES]`."""

import argparse
import sys
from collections.abc import Callable, Iterable

from benchmarks import ask, hamming, lookups
from benchmarks.figure import Figure, as_json, as_table

BENCHMARKS: dict[str, Callable[..., Iterable[Figure]]] = {
    "ask": ask.measure,
    "hamming": hamming.measure,
    "lookups": lookups.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description="Measures against a named peer in the same run.")
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--small", action="store_true", help="a few seconds, to see that it runs: no figure to quote")
    parser.add_argument("--n", type=float, metavar="ENTRIES", help="of hamming: how many, such as 1e7")
    given = parser.parse_args()
    if given.n and given.name != "hamming":
        parser.error("--n is of hamming")
    sized = {"entries": int(given.n)} if given.n else {}
    figures = list(BENCHMARKS[given.name](given.small, **sized))
    sys.stdout.write((as_json if given.json else as_table)(given.name, figures) + "\n")


if __name__ == "__main__":
    main()
