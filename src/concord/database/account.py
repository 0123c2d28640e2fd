"""Whose processes and directories these are: the operating-system account of the server and of its users.

The server refuses to run as root. For root it runs under an unprivileged account, which must then be able to reach its
programs and its data; directories made for that are opened, directories that stand already are left as they are.
"""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from concord.errors import DatabaseUnavailable

MINIMAL_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}  # nothing of the caller's reaches a server


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the operating system that runs a server."""

    name: str
    uid: int
    gid: int

    @classmethod
    def named(cls, name: str) -> Self:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            raise DatabaseUnavailable(cause=f"there is no account {name} on this machine to run it") from None
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def numbered(cls, uid: int) -> Self:
        """PostgreSQL asks for the names of both ends of a local connection, so an account without one cannot do."""
        try:
            entry = pwd.getpwuid(uid)
        except KeyError:
            cause = f"user id {uid} has no name on this machine (it is not in the password database)"
            raise DatabaseUnavailable(cause=cause) from None
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @classmethod
    def mine(cls) -> Self:
        return cls.numbered(os.geteuid())

    @property
    def foreign(self) -> bool:
        """Whether it is another account than this process's."""
        return self.uid != os.geteuid()

    def as_child(self) -> dict[str, Any]:
        """What makes subprocess run a child under this account, without any other group."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.foreign else {}

    def give(self, path: Path) -> None:
        if self.foreign:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def reachable_by_all(path: Path) -> bool:
    """Whether any account may go through every directory down to this path, itself included when it is one."""
    path = path.resolve()
    directories = [*path.parents, path] if path.is_dir() else path.parents
    return all(directory.stat().st_mode & stat.S_IXOTH for directory in directories if directory.exists())


def make_directories(path: Path, mode: int) -> None:
    """Makes what is missing of this path with exactly this mode, whatever the umask; what stands is not touched."""
    for directory in (*reversed(path.parents), path):
        try:
            directory.mkdir(mode=mode)
        except OSError:  # not only FileExistsError: a read-only file system says so before it looks
            if not directory.is_dir():
                raise
        else:
            directory.chmod(mode)
