# The compiled part (native/weigh.cpp). It raises ValueError, naming the shape it wants, for all that does not fit.

import numpy as np
from numpy.typing import NDArray

# Names of the levels that this processor can run, best first. All give the same sums to the last bit.
def levels() -> list[str]: ...

# Fills sums[band] with the weighted sum of picture[starts[band]:starts[band] + counts[band]]; `weights` holds those of all
# bands one after the other.
def rows(
    picture: NDArray[np.uint8],  # [height, width]
    starts: NDArray[np.int64],  # [bands]
    counts: NDArray[np.int64],  # [bands]
    weights: NDArray[np.float32],  # [all counts]
    sums: NDArray[np.float32],  # [bands, width]
    level: str,
) -> None: ...
