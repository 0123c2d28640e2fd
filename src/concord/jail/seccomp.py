"""The wall of system calls: a filter program that the kernel runs before each of them.

It looks at the processor's architecture first, as the same number means another call on another one; then at the
number, and for some calls at an argument. What is allowed goes on, what no decoder tries ends the process, everything
else is refused with EPERM. Source of the formats: `linux/filter.h`, `linux/seccomp.h`, `linux/audit.h`.
"""

import ctypes
import errno
import os
import struct
from dataclasses import dataclass

from concord.jail.kernel import Kernel
from concord.jail.syscalls import ABSENT, ALLOWED, DEADLY, IN_PART, OWN_PROCESS, Call, Condition

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # little-endian and 64 bits wide, both
SECCOMP = {"x86_64": 317, "aarch64": 277}
SET_MODE_FILTER = 1
ALL_THREADS = 1  # SECCOMP_FILTER_FLAG_TSYNC

ALLOW = 0x7FFF0000
KILL = 0x80000000  # the whole process, with SIGSYS
REFUSE = 0x00050000 | errno.EPERM
DENY_KNOWLEDGE = 0x00050000 | errno.ENOSYS

X32_BIT = 0x40000000  # of the number of a call in x86's mode of 32-bit pointers, which has other meanings

# Of the data that a filter sees: int nr; u32 arch; u64 instruction_pointer; u64 args[6].
NUMBER_AT, ARCHITECTURE_AT, ARGUMENTS_AT = 0, 4, 16

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # 32-bit words, constants


@dataclass(frozen=True, slots=True)
class Instruction:
    """One of classic BPF: `when` and `otherwise` say how many of the next to skip."""

    code: int
    value: int
    when: int = 0
    otherwise: int = 0

    def packed(self) -> bytes:
        return struct.pack("<HBBI", self.code, self.when, self.otherwise, self.value)


def filter_for(machine: str, process_id: int) -> tuple[Instruction, ...]:
    """The whole program for a worker with this id. Raises KeyError for a machine without a table."""
    program = [
        Instruction(LOAD, ARCHITECTURE_AT),
        Instruction(EQUAL, ARCHITECTURES[machine], when=1),
        Instruction(RETURN, KILL),
        Instruction(LOAD, NUMBER_AT),
    ]
    if machine == "x86_64":
        program += [Instruction(AT_LEAST, X32_BIT, otherwise=1), Instruction(RETURN, KILL)]
    for call in ALLOWED:
        program += _ruled(call, machine, [Instruction(RETURN, ALLOW)])
    for call, condition in IN_PART.items():
        program += _ruled(call, machine, _tested(condition, process_id))
    for call in ABSENT:
        program += _ruled(call, machine, [Instruction(RETURN, DENY_KNOWLEDGE)])
    for call in DEADLY:
        program += _ruled(call, machine, [Instruction(RETURN, KILL)])
    return (*program, Instruction(RETURN, REFUSE))


def _ruled(call: Call, machine: str, verdict: list[Instruction]) -> list[Instruction]:
    """`verdict` must end in a return: the number is not loaded any more behind it."""
    number = call.number(machine)
    return [] if number is None else [Instruction(EQUAL, number, otherwise=len(verdict)), *verdict]


def _tested(condition: Condition, process_id: int) -> list[Instruction]:
    # The kernel itself takes no more than the low half of these arguments.
    load = Instruction(LOAD, ARGUMENTS_AT + 8 * condition.argument)
    if condition.without:
        return [
            load,
            Instruction(ANY_BIT, condition.without, when=1),
            Instruction(RETURN, ALLOW),
            Instruction(RETURN, REFUSE),
        ]
    values = [process_id if value == OWN_PROCESS else value for value in condition.values]
    to_allow = reversed(range(1, len(values) + 1))  # over the other comparisons and the refusal
    compared = [Instruction(EQUAL, value, when=skip) for value, skip in zip(values, to_allow, strict=True)]
    return [load, *compared, Instruction(RETURN, REFUSE), Instruction(RETURN, ALLOW)]


def forbid_system_calls(kernel: Kernel) -> None:
    """For good, of all threads. Needs `no_new_privs`. Raises OSError; NotImplementedError where there is no table."""
    if not kernel.is_linux or kernel.machine not in ARCHITECTURES:
        raise NotImplementedError(f"no table of system calls for {kernel.machine}")
    program = filter_for(kernel.machine, os.getpid())
    code = ctypes.create_string_buffer(b"".join(one.packed() for one in program))
    head = struct.pack("@HP", len(program), ctypes.addressof(code))  # struct sock_fprog
    kernel.syscall(SECCOMP[kernel.machine], SET_MODE_FILTER, ALL_THREADS, head)
