"""A folder of pictures asked end to end, against Pillow decoding the same files to RGB: what cannot be done without.

Ours is the action of `concord ask FOLDER` on an open installation: jailed workers read, digest, decode and fingerprint,
one transaction a batch looks digests and fingerprints up and writes the audit entry. The database is small: what is
measured is examining. Rounds of ours and of each peer alternate; every process is warm.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.contest import OURS, PROCESSES, Contenders, contest, decode, figures, pool
from benchmarks.figure import Figure
from benchmarks.home import Home, home
from benchmarks.views import write_views
from concord.actions.ask import ask

WIDTH_PIXELS, HEIGHT_PIXELS = 1280, 960


def measure(small: bool) -> Iterator[Figure]:
    """Figures of pictures a second (wall time) and of processor time a picture, all processes together."""
    count, rounds = (8, 1) if small else (300, 5)
    with ExitStack() as stack:
        here = stack.enter_context(home())
        folder = here.folder / "pictures"
        paths = write_views(folder, count, (WIDTH_PIXELS, HEIGHT_PIXELS))
        pools = {name: stack.enter_context(pool(processes)) for name, processes in PROCESSES.items()}
        contenders: Contenders = {OURS: lambda: _asked(here, folder)} | {
            f"Pillow decoding to RGB, {name}": lambda peer=peer: sum(peer.map(decode, paths, chunksize=8))
            for name, peer in pools.items()
        }
        measured = contest(here, contenders, rounds)
        size_bytes = sum(path.stat().st_size for path in paths) / len(paths)
    yield Figure(f"a picture of {WIDTH_PIXELS} x {HEIGHT_PIXELS}, mean size", size_bytes, "bytes")
    yield from figures("ask a folder", "pictures", measured)


def _asked(here: Home, folder: Path) -> int:
    answers = list(ask(here.installation, here.actor, [folder]))
    wrong = [answer for answer in answers if answer.answer is None or answer.error or len(answer.compared) < 2]
    assert not wrong, wrong[:1]  # every picture was decoded, fingerprinted and looked up
    return len(answers)
