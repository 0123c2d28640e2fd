import errno
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from concord.jail.kernel import Kernel
from concord.jail.landlock import ASK_VERSION, CREATE_RULESET, RESTRICT_SELF, Handled, forbid_paths


class Recording(Kernel):
    """A kernel of a given ABI that does nothing; None: one without Landlock."""

    def __init__(self, abi: int | None, descriptor: int) -> None:
        super().__init__()
        self.abi = abi
        self.descriptor = descriptor
        self.calls: list[tuple[int, tuple[Any, ...]]] = []

    def syscall(self, number: int, *arguments: int | bytes | None) -> int:
        if self.abi is None:
            raise OSError(errno.ENOSYS, "Function not implemented")
        if arguments == (None, 0, ASK_VERSION):
            return self.abi
        self.calls.append((number, arguments))
        return self.descriptor if number == CREATE_RULESET else 0


@pytest.fixture
def spare(tmp_path: Path) -> int:
    """A descriptor that whoever restricts itself closes."""
    return os.open(tmp_path, os.O_RDONLY)


@pytest.mark.parametrize(
    ("abi", "files", "network", "scopes"),
    [
        (1, 0x1FFF, 0, 0),
        (2, 0x3FFF, 0, 0),
        (3, 0x7FFF, 0, 0),
        (4, 0x7FFF, 3, 0),
        (5, 0xFFFF, 3, 0),
        (6, 0xFFFF, 3, 3),
        (7, 0xFFFF, 3, 3),
        (99, 0xFFFF, 3, 3),  # what is newer than this program is not named by it
    ],
)
def test_only_rights_that_the_kernel_knows_are_named(abi: int, files: int, network: int, scopes: int) -> None:
    assert Handled.by(abi) == Handled(files, network, scopes)


def test_everything_known_is_handled_and_nothing_is_allowed(spare: int) -> None:
    kernel = Recording(4, spare)
    assert forbid_paths(kernel) == 4
    (made, (attributes, size_bytes, flags)), restricted = kernel.calls
    assert made == CREATE_RULESET
    assert struct.unpack("=QQQ", attributes) == (0x7FFF, 3, 0)
    assert (size_bytes, flags) == (24, 0)
    assert restricted == (RESTRICT_SELF, (spare, 0))


def test_a_kernel_without_it_says_so() -> None:
    with pytest.raises(OSError, match="not implemented"):
        forbid_paths(Recording(None, -1))
