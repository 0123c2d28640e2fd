"""The calls to the system that Python has no names for."""

import ctypes
import os
import platform
import struct
import sys

PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION = 0x20080522  # sets of 64 bits, in two halves


class Kernel:
    """Of this machine. Tests of what a system has not give the walls another one."""

    def __init__(self) -> None:
        self.is_linux = sys.platform == "linux"
        self.machine = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
        self._library = ctypes.CDLL(None, use_errno=True)

    def prctl(self, option: int, value: int) -> int:
        """Raises OSError."""
        return self._checked(self._library.prctl(option, *map(ctypes.c_ulong, (value, 0, 0, 0))))

    def drop_capabilities(self) -> None:
        """All of the superuser's rights, of this thread. Raises OSError."""
        header = struct.pack("=Ii", CAPABILITY_VERSION, 0)
        self._checked(self._library.capset(header, bytes(24)))  # effective, permitted and inheritable: none

    def syscall(self, number: int, *arguments: int | bytes | None) -> int:
        """Raises OSError. Bytes are handed over by their address."""
        given = (ctypes.c_long(one) if isinstance(one, int) else one for one in arguments)
        return self._checked(self._library.syscall(ctypes.c_long(number), *given))

    def _checked(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return result
