"""The system calls of a worker behind its walls: what it may, what it may in part, and what ends it.

Numbers as in the kernel's `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h` (aarch64).
Whatever stands in no table is refused with EPERM: a library that tries it in good faith goes on without.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

PROT_EXEC = 0x4
OWN_PROCESS = -1  # stands for the worker's own id, which is known when the filter is made
A_THREAD = (0x3D0F00, 0x7D0F00)  # the flags of clone that make a thread of this process, never another process
STANDARD_STREAMS = (0, 1, 2)  # lead nowhere: the worker's channel has another number


@dataclass(frozen=True, slots=True)
class Call:
    """A system call by its number; None: this processor has none."""

    name: str
    x86_64: int | None
    aarch64: int | None

    def number(self, machine: str) -> int | None:
        return {"x86_64": self.x86_64, "aarch64": self.aarch64}[machine]


@dataclass(frozen=True, slots=True)
class Condition:
    """What the low 32 bits of an argument (counted from 0) must be: one of `values`, or free of `without` bits."""

    argument: int
    values: tuple[int, ...] = ()
    without: int = 0


# ---- what decoding needs ------------------------------------------------------------------------------------------

ALLOWED: Final = (
    # memory
    Call("brk", 12, 214),
    Call("munmap", 11, 215),
    Call("mremap", 25, 216),
    Call("madvise", 28, 233),
    # the input, the channel, and ranges: descriptors that are open already
    Call("pread64", 17, 67),
    Call("recvfrom", 45, 207),
    Call("recvmsg", 47, 212),
    Call("sendto", 44, 206),
    Call("close", 3, 57),
    # the process itself
    Call("futex", 202, 98),
    Call("sched_yield", 24, 124),
    Call("rt_sigaction", 13, 134),
    Call("rt_sigprocmask", 14, 135),
    Call("rt_sigreturn", 15, 139),
    Call("sigaltstack", 131, 132),
    Call("restart_syscall", 219, 128),
    Call("getpid", 39, 172),
    Call("gettid", 186, 178),
    Call("exit", 60, 93),
    Call("exit_group", 231, 94),
    # what a new thread tells of itself
    Call("rseq", 334, 293),
    Call("set_robust_list", 273, 99),
    # clocks and chance, where they are not answered without the kernel
    Call("clock_gettime", 228, 113),
    Call("gettimeofday", 96, 169),
    Call("getrusage", 98, 165),
    Call("getrandom", 318, 278),
)

IN_PART: Final = MappingProxyType(
    {
        # All code is loaded before the walls stand: no memory becomes a program any more.
        Call("mmap", 9, 222): Condition(2, without=PROT_EXEC),
        Call("mprotect", 10, 226): Condition(2, without=PROT_EXEC),
        # Libraries complain on the standard error stream.
        Call("write", 1, 64): Condition(0, values=STANDARD_STREAMS),
        # HEIF's decoder works in a thread of its own and aborts without one: exactly what glibc and musl ask for then.
        Call("clone", 56, 220): Condition(0, values=A_THREAD),
        # abort() is how libraries give up; its signal goes to the worker and to nobody else.
        Call("tgkill", 234, 131): Condition(0, values=(OWN_PROCESS,)),
    }
)

# Takes its flags from memory, which no filter can read: it is not there, and libraries take clone instead.
ABSENT: Final = (Call("clone3", 435, 435),)

# ---- what no decoder tries: whoever does is not a decoder any more ------------------------------------------------

DEADLY: Final = (
    # other programs
    Call("execve", 59, 221),
    Call("execveat", 322, 281),
    # other processes and their descriptors
    Call("ptrace", 101, 117),
    Call("process_vm_readv", 310, 270),
    Call("process_vm_writev", 311, 271),
    Call("pidfd_open", 434, 434),
    Call("pidfd_getfd", 438, 438),
    Call("kcmp", 312, 272),
    # the large, often attacked parts of the kernel
    Call("bpf", 321, 280),
    Call("perf_event_open", 298, 241),
    Call("userfaultfd", 323, 282),
    Call("io_uring_setup", 425, 425),
    Call("io_uring_enter", 426, 426),
    Call("io_uring_register", 427, 427),
    Call("add_key", 248, 217),
    Call("request_key", 249, 218),
    Call("keyctl", 250, 219),
    Call("modify_ldt", 154, None),
    # the system as a whole
    Call("mount", 165, 40),
    Call("umount2", 166, 39),
    Call("move_mount", 429, 429),
    Call("open_tree", 428, 428),
    Call("fsopen", 430, 430),
    Call("fsconfig", 431, 431),
    Call("fsmount", 432, 432),
    Call("pivot_root", 155, 41),
    Call("chroot", 161, 51),
    Call("setns", 308, 268),
    Call("unshare", 272, 97),
    Call("open_by_handle_at", 304, 265),
    Call("init_module", 175, 105),
    Call("finit_module", 313, 273),
    Call("delete_module", 176, 106),
    Call("kexec_load", 246, 104),
    Call("kexec_file_load", 320, 294),
    Call("reboot", 169, 142),
    Call("swapon", 167, 224),
    Call("swapoff", 168, 225),
    Call("iopl", 172, None),
    Call("ioperm", 173, None),
)
