# The compiled part (native/small.cpp). It raises ValueError, naming the shape it wants, for all that does not fit, and for
# brightness outside of 0 to 255.

import numpy as np
from numpy.typing import NDArray

# 0 to 100, as small.quality_plain.
def quality(small: NDArray[np.float32]) -> int: ...  # [64, 64]

# The eight values of small.WAYS, one after the other, of coefficients that are pdq_reference's to the last bit; and whether
# a second of these is nearer to their median than `rounding`.
def values(
    small: NDArray[np.float32],  # [64, 64]
    cosines: NDArray[np.float32],  # [64, 16]
    rounding: float,
) -> tuple[bytes, bool]: ...

# Fills `evened` with what tone.evened_plain gives, to the last bit.
def even(
    small: NDArray[np.float32],  # [64, 64]
    steepest: int,  # 1 to 256
    evened: NDArray[np.float32],  # [64, 64]
) -> None: ...
