"""The wall of paths and networks: a Landlock domain that handles everything its kernel knows and allows nothing.

Each version of the kernel's interface (ABI) knows more rights, and refuses a domain that names one it does not know: so
the bits are masked. Source: `linux/landlock.h` and the kernel's userspace documentation of Landlock.
"""

import os
import struct
from dataclasses import dataclass

from concord.jail.kernel import Kernel

CREATE_RULESET, RESTRICT_SELF = 444, 446  # the same number on every processor
ASK_VERSION = 1

# Rights over files, by the ABI that brought them: execute, write, read, list, remove, make ... (13 of them) / link or
# rename across folders / truncate / device control.
_FILE_BITS = {1: 0x1FFF, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
_NETWORK_BITS = {4: 0b11}  # bind and connect by TCP
_SCOPE_BITS = {6: 0b11}  # abstract UNIX sockets and signals to processes outside the domain


@dataclass(frozen=True, slots=True)
class Handled:
    """What a domain of this ABI handles, and so refuses."""

    files: int
    network: int
    scopes: int

    @classmethod
    def by(cls, abi: int) -> "Handled":
        return cls(*(_known(bits, abi) for bits in (_FILE_BITS, _NETWORK_BITS, _SCOPE_BITS)))

    def packed(self) -> bytes:
        """struct landlock_ruleset_attr, which an older kernel takes as long as what it does not know is zero."""
        return struct.pack("=QQQ", self.files, self.network, self.scopes)


def _known(bits: dict[int, int], abi: int) -> int:
    return sum(rights for since, rights in bits.items() if since <= abi)


def forbid_paths(kernel: Kernel) -> int:
    """For good, of this thread and what it starts; returns the ABI. Needs `no_new_privs`. Raises OSError."""
    abi = kernel.syscall(CREATE_RULESET, None, 0, ASK_VERSION)
    attributes = Handled.by(abi).packed()
    ruleset = kernel.syscall(CREATE_RULESET, attributes, len(attributes), 0)
    try:
        kernel.syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return abi
