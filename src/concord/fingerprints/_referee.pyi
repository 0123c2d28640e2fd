# The compiled part (native/referee.cpp). It raises ValueError, naming the shape it wants, for all that does not fit.

import numpy as np
from numpy.typing import NDArray

# Fills `small` with what pdq_reference.reduce_to_64 gives, to the last bit.
def reduce(
    picture: NDArray[np.uint8],  # [height, width], neither 0
    small: NDArray[np.float32],  # [side, side]
) -> None: ...
