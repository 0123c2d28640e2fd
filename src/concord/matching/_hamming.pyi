# The compiled scan (native/module.cpp). It raises ValueError, naming the shape it wants, for all that does not fit.

import numpy as np
from numpy.typing import NDArray

# Names of the processor levels that can run here, best first; the last is always "portable".
def levels() -> tuple[str, ...]: ...

# All pairs of a question and one of the first `count` entries that differ by `radius` bits or fewer (0 to 64).
# `words` is uint64[4, capacity]: row w holds word w of every entry. `questions` is uint8[m, 32]. Gives three packed
# columns of equal length in no promised order: questions (int64), positions (int64), distances (uint8). Other threads
# run meanwhile; nobody may write to the arrays meanwhile, except to `words` from `count` on.
def scan(
    words: NDArray[np.uint64], count: int, questions: NDArray[np.uint8], radius: int, level: str, /
) -> tuple[bytes, bytes, bytes]: ...
