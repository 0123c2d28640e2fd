# The compiled engine (native/module.cpp). It raises ValueError, naming the shape it wants, for all that does not fit.
# Other threads run meanwhile; nobody may write to the arrays meanwhile, except to `words` from `count` on.

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

# Three packed columns of equal length, one item a hit: question (int64), entry (64 bits), distance (uint8).
_Columns: TypeAlias = tuple[bytes, bytes, bytes]

# Names of the processor levels that can run here, best first; the last is always "portable".
def levels() -> tuple[str, ...]: ...

# All pairs of a question and one of the first `count` entries that differ by `radius` bits or fewer (0 to 64), in no
# promised order. `words` is uint64[4, capacity]: row w holds word w of every entry. `questions` is uint8[m, 32]. The
# entries of the answer are positions (int64).
def scan(
    words: NDArray[np.uint64], count: int, questions: NDArray[np.uint8], radius: int, level: str, /
) -> _Columns: ...

# How many chunks a segment of `count` entries has (-1: what serves it best; 0: no tables, 11 to 16) and how many bytes.
def shape(count: int, chunks: int = -1, /) -> tuple[int, int]: ...

# Fills `memory`, uint8[at least the bytes of the shape], at an address that is a multiple of 8, with a segment of
# uint8[n, 32] hashes and their uint64[n] ids. Both are read twice, in order; then `release` is called, so that the
# caller can let go of what lies behind them; then the tables are made in place. Padding is left as it is.
def build(
    memory: NDArray[np.uint8],
    chunks: int,
    hashes: NDArray[np.uint8],
    ids: NDArray[np.uint64],
    release: Callable[[], object] | None = None,
    /,
) -> None: ...

# All pairs of a question and an entry of a segment that differ by `radius` bits or fewer (0 to 64), sorted by question,
# distance and id. The entries of the answer are ids (uint64). "automatic" takes for each question what is expected to
# cost less; "tables" scans only what no table can answer; "scan" reads no table. Up to `threads` threads share the
# questions. Raises RuntimeError when the memory is seen to be damaged; whatever it holds, nothing outside is read.
def search(
    memory: NDArray[np.uint8],
    count: int,
    chunks: int,
    questions: NDArray[np.uint8],
    radius: int,
    level: str,
    method: Literal["automatic", "tables", "scan"] = "automatic",
    threads: int = 1,
    /,
) -> _Columns: ...

# uint8[n, 32] hashes in the order of bits that segments keep, or back from it: bit p of a stored hash is bit
# p * 159 % 256 of the given one, bits counted from the lowest of each byte.
def permute(hashes: NDArray[np.uint8], inverse: bool = False, /) -> bytes: ...
