"""`./run python -m tests.mutants [--sample N] [--seed N] [MODULE ...]`: which changes of `concord.access` no test notices.

Takes an hour or two for all. Ends with 1 where fewer than 90 % are noticed.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.campaign import KILLED, Campaign

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
    given = parser.parse_args()
    campaign = Campaign(given.sample, given.seed, given.modules)
    ended = pytest.main(["-q", "-s", "-n", "0", "-p", "no:cacheprovider", "-k", f"not ({SLOW})", *TESTS], [campaign])
    counts = Counter(outcome for outcome, _ in campaign.outcomes)
    total = counts.total()
    if not total:
        return int(ended)
    print(f"\n{counts[KILLED]} of {total} noticed ({counts[KILLED] / total:.1%})")
    for module, of_module in sorted(_by_module(campaign).items()):
        print(f"{module:12} {of_module[KILLED]} of {of_module.total()}")
    for outcome, mutant in campaign.outcomes:
        if outcome != KILLED:
            print(f"{outcome:9} {mutant}")
    return 0 if counts[KILLED] >= LEAST * total else 1


def _by_module(campaign: Campaign) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for outcome, mutant in campaign.outcomes:
        found.setdefault(Path(mutant.path).stem, Counter())[outcome] += 1
    return found


if __name__ == "__main__":
    sys.exit(main())
