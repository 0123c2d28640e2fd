"""`./run python -m tests.mutants [--sample N] [--seed N] [MODULE ...]`: which changes of `concord.access` no test notices.

A quarter of an hour on two cores; what is broken off by Ctrl-C is a sample too. Ends with 1 where fewer than 90 % are noticed.
"""

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.database.servers import wheel_programs
from tests.mutants.campaign import KILLED, UNCOUNTED, Campaign
from tests.mutants.mutate import Mutant

LEAST = 0.9
TESTS = (
    "tests/access",
    *(f"tests/actions/test_{name}.py" for name in ("administer", "approve", "ask", "erase", "export", "glass")),
    *(f"tests/actions/test_{name}.py" for name in ("propose", "restrict", "say", "widen")),
    *(f"tests/api/test_{name}.py" for name in ("endpoint", "ownership", "rights", "table")),
    *(f"tests/web/test_{name}.py" for name in ("account", "passkeys", "session", "signing_in", "surface", "through")),
    "tests/records/test_evidence.py",
)
SLOW = "any_order or two_countries or secret_stands_in_the_servers_log or header_makes or ten_thousand"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="of concord.access; all if none is named")
    parser.add_argument("--sample", type=int, default=0, help="so many, drawn at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--tests", nargs="+", default=TESTS, metavar="PATH", help="only these, to look for one that is missing"
    )
    given = parser.parse_args()
    campaign = Campaign(given.sample, given.seed, given.modules, reasons())
    said = ["-q", "-s", "-n", "0", "-p", "no:cacheprovider", "-k", f"not ({SLOW})", *given.tests]
    with tempfile.TemporaryDirectory() as folder:
        programs = wheel_programs(Path(folder))
        ended = pytest.main([*said, "--postgresql", str(programs)], [campaign])
    tried = [(outcome, mutant) for outcome, mutant in campaign.outcomes if outcome not in UNCOUNTED]
    if ended not in (pytest.ExitCode.OK, pytest.ExitCode.INTERRUPTED) or not tried:
        return int(ended) or 2
    share = sum(outcome == KILLED for outcome, _ in tried) / len(tried)
    print(
        f"\n{share:.1%} of {len(tried)} noticed, seed {given.seed}; {len(campaign.outcomes) - len(tried)} do not count"
    )
    _report(tried)
    return 0 if share >= LEAST else 1


def _report(tried: Sequence[tuple[str, Mutant]]) -> None:
    by_module = defaultdict[str, Counter[str]](Counter)
    for outcome, mutant in tried:
        by_module[Path(mutant.path).stem][outcome] += 1
    for module, counts in sorted(by_module.items()):
        print(f"{module:12} {counts[KILLED]} of {counts.total()}")
    for outcome, mutant in tried:
        if outcome != KILLED:
            print(f"{outcome:9} {mutant}")


def reasons() -> dict[str, str]:
    """Mutants that do the same as the code, and why: in equivalent.txt each is a line, and its reason the one below."""
    lines = Path(__file__).with_name("equivalent.txt").read_text().splitlines()
    return dict(zip(lines[::2], lines[1::2], strict=True))


if __name__ == "__main__":
    sys.exit(main())
