"""`python -m benchmarks NAME [--json] [--small]`."""

import argparse
import sys
from collections.abc import Callable, Iterable

from benchmarks import ask, lookups
from benchmarks.figure import Figure, as_json, as_table

BENCHMARKS: dict[str, Callable[[bool], Iterable[Figure]]] = {"ask": ask.measure, "lookups": lookups.measure}


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench", description="Measures against a named peer in the same run.")
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--small", action="store_true", help="a few seconds, to see that it runs: no figure to quote")
    given = parser.parse_args()
    figures = list(BENCHMARKS[given.name](given.small))
    sys.stdout.write((as_json if given.json else as_table)(given.name, figures) + "\n")


if __name__ == "__main__":
    main()
