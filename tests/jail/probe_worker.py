"""A worker with another table: attempts to escape, and jobs that misbehave. Run as `probe_worker.py WALLS SOCKET LIMITS`.

WALLS is `all` for those of a real worker, `none`, or the name of the one that stands alone.
"""

# The calls themselves are what is tried:
# ruff: noqa: PTH101, PTH102, PTH104, PTH108, PTH115, PTH116, PTH208, PTH211

import ctypes
import errno
import fcntl
import mmap
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from concord.config import Limits
from concord.errors import UnreadableFile
from concord.jail.kernel import PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, Kernel
from concord.jail.landlock import forbid_paths
from concord.jail.seccomp import forbid_system_calls
from concord.jail.syscalls import DEADLY
from concord.jail.walls import Standing, raise_walls
from concord.jail.worker import main

LIBRARY = ctypes.CDLL(None, use_errno=True)
KERNEL = Kernel()
INPUT = 4  # the number of the input's descriptor
NUMBERS = {call.name: call.number(KERNEL.machine) for call in DEADLY} if KERNEL.machine in ("x86_64", "aarch64") else {}
KEPT: list[bytes] = []


def raw(name: str, *arguments: int | bytes | None) -> int:
    number = NUMBERS[name]
    assert number is not None
    return KERNEL.syscall(number, *arguments)


def called(name: str, *arguments: Any) -> int:
    """A function of the C library. Raises OSError."""
    result: int = getattr(LIBRARY, name)(*arguments)
    if result == -1:
        raise OSError(ctypes.get_errno(), name)
    return result


# ---- attempts: each raises OSError where it is refused ------------------------------------------------------------

Around = dict[str, Any]  # place: a folder to write in; parent: its process; port: where it listens


def _opened(path: str, flags: int) -> None:
    os.close(os.open(path, flags, 0o600))


def _with_socket(family: int, kind: int, use: Callable[[socket.socket], Any]) -> None:
    with socket.socket(family, kind) as made:
        use(made)


def _child_by(start: Callable[[], int]) -> None:
    child = start()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _run() -> None:
    subprocess.run(["/bin/true"], close_fds=False, check=True)


def _by_clone3() -> int:
    arguments = (ctypes.c_uint64 * 8)(0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0)
    return KERNEL.syscall(435, bytes(arguments), 64)


def _thread() -> None:
    thread = threading.Thread(target=lambda: None)
    try:
        thread.start()
    except RuntimeError:
        raise PermissionError(errno.EPERM, "thread") from None
    thread.join()


def _map(protection: int) -> None:
    mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, protection).close()


def _protect() -> None:
    memory = mmap.mmap(-1, 4096)
    called("mprotect", ctypes.byref(ctypes.c_char.from_buffer(memory)), 4096, mmap.PROT_READ | mmap.PROT_EXEC)


def _queue(name: bytes) -> None:
    os.close(called("mq_open", name, os.O_CREAT | os.O_RDWR, 0o600, None))
    called("mq_unlink", name)


def _raise_limit() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def _peek_at_parent(around: Around) -> None:
    raw("process_vm_readv", around["parent"], None, 0, None, 0, 0)


ATTEMPTS: dict[str, Callable[[Around], Any]] = {
    # files
    "open to read": lambda _: _opened("/etc/passwd", os.O_RDONLY),
    "open to write": lambda at: _opened(f"{at['place']}/new", os.O_WRONLY | os.O_CREAT),
    "open as a path": lambda _: _opened("/etc", os.O_PATH),
    "open a descriptor again": lambda _: _opened("/proc/self/fd/0", os.O_RDONLY),
    "open the own memory": lambda _: _opened("/proc/self/mem", os.O_RDWR),
    "open the own environment": lambda _: _opened("/proc/self/environ", os.O_RDONLY),
    "open a device": lambda _: _opened("/dev/zero", os.O_RDONLY),
    "list a folder": lambda _: os.listdir("/"),
    "look at a path": lambda _: os.stat("/etc/passwd"),
    "read a link": lambda _: os.readlink("/proc/self/exe"),
    "make a folder": lambda at: os.mkdir(f"{at['place']}/folder"),
    "make a link": lambda at: os.symlink("/etc", f"{at['place']}/link"),
    "remove a file": lambda at: os.unlink(f"{at['place']}/file"),
    "rename a file": lambda at: os.rename(f"{at['place']}/other", f"{at['place']}/another"),
    "change a mode": lambda at: os.chmod(at["place"], 0o700),
    "change a time": lambda at: os.utime(at["place"]),
    "truncate a file": lambda at: os.truncate(f"{at['place']}/another", 0),
    "change the folder": lambda _: os.chdir("/"),
    # what is open already
    "change the input's mode": lambda _: os.fchmod(INPUT, 0o600),
    "move the shared position": lambda _: os.lseek(INPUT, 1, os.SEEK_SET),
    "lock the input": lambda _: fcntl.flock(INPUT, fcntl.LOCK_SH),
    "ask for signals of the input": lambda _: fcntl.fcntl(INPUT, fcntl.F_SETFL, os.O_NONBLOCK),
    "copy a descriptor": lambda _: os.dup(0),
    "make a pipe": lambda _: os.pipe(),
    "make a file in memory": lambda _: os.close(os.memfd_create("x")),
    # networks
    "a TCP socket": lambda at: _with_socket(socket.AF_INET, socket.SOCK_STREAM, lambda _: None),
    "connect by TCP": lambda at: _with_socket(
        socket.AF_INET, socket.SOCK_STREAM, lambda made: made.connect(("127.0.0.1", at["port"]))
    ),
    "bind by TCP": lambda at: _with_socket(
        socket.AF_INET, socket.SOCK_STREAM, lambda made: made.bind(("127.0.0.1", 0))
    ),
    "send by UDP": lambda at: _with_socket(
        socket.AF_INET, socket.SOCK_DGRAM, lambda made: made.sendto(b"x", ("127.0.0.1", 9))
    ),
    "connect to a path": lambda at: _with_socket(
        socket.AF_UNIX, socket.SOCK_STREAM, lambda made: made.connect(f"{at['place']}/listening")
    ),
    "connect to an abstract name": lambda at: _with_socket(
        socket.AF_UNIX, socket.SOCK_STREAM, lambda made: made.connect(f"\0{at['abstract']}")
    ),
    "netlink": lambda _: _with_socket(socket.AF_NETLINK, socket.SOCK_RAW, lambda _: None),
    "vsock": lambda _: _with_socket(socket.AF_VSOCK, socket.SOCK_STREAM, lambda _: None),
    "a pair of sockets": lambda _: socket.socketpair()[0].close(),
    # processes
    "fork": lambda _: _child_by(os.fork),
    "vfork and exec": lambda _: _run(),
    "clone3": lambda _: _child_by(_by_clone3),
    "a thread": lambda _: _thread(),
    "look for the parent": lambda at: os.kill(at["parent"], 0),
    "signal the parent": lambda at: os.kill(at["parent"], signal.SIGURG),
    "signal a thread of the parent": lambda at: called("tgkill", at["parent"], at["parent"], 0),
    "signal the group": lambda _: os.killpg(0, 0),
    "the parent's priority": lambda at: os.setpriority(
        os.PRIO_PROCESS, at["parent"], os.getpriority(os.PRIO_PROCESS, at["parent"])
    ),
    "the parent's limits": lambda at: resource.prlimit(at["parent"], resource.RLIMIT_CORE),
    "the parent's processors": lambda at: os.sched_getaffinity(at["parent"]),
    # memory
    "map memory to run": lambda _: _map(mmap.PROT_READ | mmap.PROT_EXEC),
    "map memory to write and run": lambda _: _map(mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC),
    "make memory run": lambda _: _protect(),
    "shared memory": lambda _: called("shmctl", called("shmget", 0, 4096, 0o1600), 0, None),
    "a semaphore": lambda _: called("semctl", called("semget", 0, 1, 0o1600), 0, 0),
    "a message queue": lambda _: called("msgctl", called("msgget", 0, 0o1600), 0, None),
    "a POSIX message queue": lambda at: _queue(at["queue"].encode()),
    # taking the walls down
    "set a limit": lambda _: _raise_limit(),
    "be dumpable again": lambda _: KERNEL.prctl(PR_SET_DUMPABLE, 1),
    "another personality": lambda _: called("personality", 0x0400000),
    "another user": lambda _: os.setuid(os.getuid()),
    "more rights": lambda _: KERNEL.drop_capabilities(),
    "another session": lambda _: os.getsid(0),
    "a timer": lambda _: signal.setitimer(signal.ITIMER_REAL, 0),
    # what no decoder tries
    "exec": lambda _: os.execv("/bin/true", ["true"]),
    "ptrace": lambda _: raw("ptrace", 0, 0, 0, 0),
    "the parent's memory": _peek_at_parent,
    "the parent as a descriptor": lambda at: os.close(raw("pidfd_open", at["parent"], 0)),
    "io_uring": lambda _: os.close(raw("io_uring_setup", 1, bytes(120))),
    "userfaultfd": lambda _: os.close(raw("userfaultfd", 1)),
    "bpf": lambda _: os.close(raw("bpf", 0, struct.pack("=4I", 2, 4, 4, 1), 16)),  # an array
    "perf": lambda _: raw("perf_event_open", bytes(128), 0, -1, -1, 0),
    "keys": lambda _: raw("keyctl", 0, -3, 0),
    "a new namespace": lambda _: raw("unshare", 0),
    "mount": lambda _: raw("mount", None, b"/", None, 1 << 18, None),
    "chroot": lambda _: raw("chroot", b"/"),
    "a call of x32": lambda _: KERNEL.syscall(0x40000000 | 39),
}


def attempt(_stream: BinaryIO, _limits: Limits, name: str, around: Around) -> str:
    """`done`, or the name of the error."""
    try:
        ATTEMPTS[name](around)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "done"


# ---- what there is inside -----------------------------------------------------------------------------------------


def descriptors(_stream: BinaryIO, _limits: Limits) -> list[int]:
    def is_open(number: int) -> bool:
        try:
            os.pread(number, 0, 0)
        except OSError as error:
            return error.errno != errno.EBADF
        return True

    return [number for number in range(1024) if is_open(number)]


def environment(_stream: BinaryIO, _limits: Limits) -> list[str]:
    return sorted(os.environ)


# ---- jobs that read and misbehave ---------------------------------------------------------------------------------


def read_back(stream: BinaryIO, _limits: Limits, at: int, size: int) -> bytes:
    try:
        stream.seek(at)
        return stream.read(size)
    except OSError as error:
        raise UnreadableFile(item="", cause=error.strerror) from None


def count(_stream: BinaryIO, _limits: Limits, to: int) -> Iterator[int]:
    yield from range(to)


def count_and_fail(_stream: BinaryIO, _limits: Limits, to: int) -> Iterator[int]:
    yield from range(to)
    raise UnreadableFile(item="", cause="that was all")


def count_and_spin(_stream: BinaryIO, _limits: Limits, to: int) -> Iterator[int]:
    yield from range(to)
    while True:
        pass


def spin_deaf(_stream: BinaryIO, _limits: Limits) -> None:
    """Ignores the kernel's sign that its time is up."""
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    while True:
        pass


def keep(_stream: BinaryIO, _limits: Limits, size: int) -> None:
    KEPT.append(bytes(size))


def give_up(_stream: BinaryIO, _limits: Limits) -> None:
    os.abort()


def import_late(_stream: BinaryIO, _limits: Limits) -> None:
    import antigravity  # noqa: F401 - anything that nothing has loaded


def as_written(stream: BinaryIO, limits: Limits) -> bytes:
    """What stands in the input is done; returns it."""
    words = stream.read()
    if words == b"spin":
        spin_deaf(stream, limits)
    if words == b"use up":
        while True:
            pass
    if words == b"give up":
        give_up(stream, limits)
    if words == b"import":
        import_late(stream, limits)
    if words == b"refuse":
        raise UnreadableFile(item="", cause="refused")
    return words


JOBS = {
    made.__name__: made
    for made in (
        *(attempt, descriptors, environment, read_back, count, count_and_fail, count_and_spin, spin_deaf, keep),
        *(give_up, import_late, as_written),
    )
}


def _none(_: Limits) -> Standing:
    return Standing((), ("none was wanted",))


def _landlock(_: Limits) -> Standing:
    KERNEL.prctl(PR_SET_NO_NEW_PRIVS, 1)
    forbid_paths(KERNEL)
    return Standing(("landlock",), ())


def _seccomp(_: Limits) -> Standing:
    KERNEL.prctl(PR_SET_NO_NEW_PRIVS, 1)
    forbid_system_calls(KERNEL)
    return Standing(("seccomp",), ())


def _liar(_: Limits) -> Standing:
    return Standing(("rlimits", "landlock", "seccomp"), ())


WALLS: dict[str, Callable[[Limits], Standing]] = {
    "all": raise_walls,
    "none": _none,
    "landlock": _landlock,
    "seccomp": _seccomp,
    "lies": _liar,
}

if __name__ == "__main__":
    main(JOBS, WALLS[sys.argv.pop(1)])
