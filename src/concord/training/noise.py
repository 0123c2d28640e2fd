"""Repeatable irregularity: the same place and seed always give the same number, without any state."""

import numpy as np
import numpy.typing as npt

F32 = npt.NDArray[np.float32]
Int = npt.NDArray[np.int32]


def cell_noise(x: F32, y: F32, seed: int) -> F32:
    """One number in [0, 1) for each whole-numbered cell; shapes as given. An integer mixer in the manner of Murmur3."""
    mixed = _whole(x) * np.uint32(0x9E3779B1) ^ _whole(y) * np.uint32(0x85EBCA77) ^ np.uint32(seed * 0xC2B2AE3D % 2**32)
    mixed = (mixed ^ (mixed >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    mixed = (mixed ^ (mixed >> np.uint32(12))) * np.uint32(0x297A2D39)
    return ((mixed ^ (mixed >> np.uint32(15))) >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)


def smooth_noise(x: F32, y: F32, seed: int) -> F32:
    """Cell noise joined smoothly: one hill or hollow about every unit; values in [0, 1)."""
    column, row = np.floor(x), np.floor(y)
    across, along = _eased(x - column), _eased(y - row)
    low = _between(cell_noise(column, row, seed), cell_noise(column + 1, row, seed), across)
    high = _between(cell_noise(column, row + 1, seed), cell_noise(column + 1, row + 1, seed), across)
    return _between(low, high, along)


def _whole(x: F32) -> npt.NDArray[np.uint32]:
    return np.floor(x).astype(np.int32).view(np.uint32)


def _eased(share: F32) -> F32:
    return share * share * (3 - 2 * share)


def _between(low: F32, high: F32, share: F32) -> F32:
    return low + (high - low) * share
