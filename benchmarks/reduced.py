"""What a small grey copy finds in the place of the picture itself (`concord ask --server --send reduced`), and its bytes.

The same photographs and edited copies as in `edits`: each copy asks once as the file that it is and once reduced.
"""

from collections import defaultdict
from collections.abc import Iterator
from statistics import mean

import simplejpeg

from benchmarks.changes import CHANGES, copy_of
from benchmarks.edits import KIND, asked_values, fingerprints_of, hold, nearest_bits
from benchmarks.figure import Figure
from benchmarks.photographs import photographs
from concord.jail.reduced import reduced_jpeg

FILE = "the file itself"


def measure(small: bool) -> Iterator[Figure]:
    """Recall within the radius, in all and for every change in which the two differ."""
    found: defaultdict[str, list[tuple[bool, bool]]] = defaultdict(list)
    sizes: list[tuple[int, int]] = []
    for one in hold(photographs(small)):
        for change in CHANGES:
            file = copy_of(one.photograph.image, change, one.number)
            copy = reduced_jpeg(simplejpeg.decode_jpeg(file, "GRAY")[:, :, 0])
            hits = [nearest_bits(asked_values(fingerprints_of(each)), one.stored) for each in (file, copy)]
            found[change.name].append((hits[0] <= KIND.radius_bits, hits[1] <= KIND.radius_bits))
            sizes.append((len(file), len(copy)))
    whole, reduced = (mean(pair[side] for pair in sizes) for side in (0, 1))
    yield Figure("a reduced copy", reduced, "bytes", FILE, whole / reduced)
    yield _share("found by a reduced copy", [pair for pairs in found.values() for pair in pairs])
    for name, pairs in found.items():
        if any(by_file != by_copy for by_file, by_copy in pairs):
            yield _share(name, pairs)


def _share(name: str, pairs: list[tuple[bool, bool]]) -> Figure:
    by_file, by_copy = (mean(pair[side] for pair in pairs) for side in (0, 1))
    against = (FILE, by_copy / by_file) if by_file else (None, None)
    return Figure(name, by_copy, f"found, {by_file:.3f} by the file", *against)
