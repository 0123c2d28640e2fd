"""The filter is run here by a small machine of our own: so both processors are tested on either."""

import errno
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.jail.kernel import Kernel
from concord.jail.seccomp import (
    ALLOW,
    ANY_BIT,
    ARCHITECTURES,
    AT_LEAST,
    EQUAL,
    KILL,
    LOAD,
    REFUSE,
    RETURN,
    X32_BIT,
    filter_for,
    forbid_system_calls,
)
from concord.jail.syscalls import ALLOWED, DEADLY, IN_PART, Call

MACHINES = tuple(ARCHITECTURES)
OWN = 4711
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
CALLS = (*ALLOWED, *IN_PART, *DEADLY)

arguments_of_calls = st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6)


def verdict(machine: str, number: int, arguments: list[int] | None = None, architecture: int | None = None) -> int:
    """What the kernel would do with the filter for this machine and the process OWN."""
    data = struct.pack("<iIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *(arguments or [0] * 6))
    program, at, word = filter_for(machine, OWN), 0, 0
    while True:
        one = program[at]
        at += 1
        if one.code == LOAD:
            (word,) = struct.unpack_from("<I", data, one.value)
        elif one.code == RETURN:
            return one.value
        else:
            holds = {EQUAL: word == one.value, AT_LEAST: word >= one.value, ANY_BIT: bool(word & one.value)}[one.code]
            at += one.when if holds else one.otherwise


def number_of(name: str, machine: str) -> int:
    number = next(call for call in CALLS if call.name == name).number(machine)
    assert number is not None
    return number


@pytest.mark.parametrize("machine", MACHINES)
@given(arguments=arguments_of_calls)
def test_each_call_has_the_verdict_of_its_table_whatever_its_arguments(machine: str, arguments: list[int]) -> None:
    for calls, expected in ((ALLOWED, ALLOW), (DEADLY, KILL)):
        for call in calls:
            number = call.number(machine)
            assert number is None or verdict(machine, number, arguments) == expected, call.name


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, X32_BIT - 1), arguments=arguments_of_calls)
def test_what_stands_in_no_table_is_refused(machine: str, number: int, arguments: list[int]) -> None:
    known = {call.number(machine) for call in CALLS}
    if number not in known:
        assert verdict(machine, number, arguments) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
@given(number=st.integers(0, 1023), architecture=st.integers(1, 2**32 - 1), arguments=arguments_of_calls)
def test_the_numbers_of_another_processor_end_the_process(
    machine: str, number: int, architecture: int, arguments: list[int]
) -> None:
    if architecture != ARCHITECTURES[machine]:
        assert verdict(machine, number, arguments, architecture) == KILL


@given(number=st.integers(X32_BIT, 2**31 - 1), arguments=arguments_of_calls)
def test_x32_ends_the_process(number: int, arguments: list[int]) -> None:
    assert verdict("x86_64", number, arguments) == KILL


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", ["mmap", "mprotect"])
@given(arguments=arguments_of_calls)
def test_memory_is_given_unless_it_is_to_run(machine: str, name: str, arguments: list[int]) -> None:
    runs = bool(arguments[2] & 4)
    assert verdict(machine, number_of(name, machine), arguments) == (REFUSE if runs else ALLOW)


@pytest.mark.parametrize("machine", MACHINES)
@given(descriptor=st.integers(0, 2**32 - 1))
def test_only_the_standard_streams_are_written_to(machine: str, descriptor: int) -> None:
    written = verdict(machine, number_of("write", machine), [descriptor, 0, 0, 0, 0, 0])
    assert written == (ALLOW if descriptor <= 2 else REFUSE)


@pytest.mark.parametrize("machine", MACHINES)
@given(process=st.integers(0, 2**32 - 1))
def test_only_the_worker_itself_is_signalled(machine: str, process: int) -> None:
    number = number_of("tgkill", machine)
    assert verdict(machine, number, [OWN, 1, 6, 0, 0, 0]) == ALLOW
    if process != OWN:
        assert verdict(machine, number, [process, 1, 6, 0, 0, 0]) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
def test_no_number_stands_twice_and_the_kernel_takes_the_length(machine: str) -> None:
    numbers = [number for call in CALLS if (number := call.number(machine)) is not None]
    assert len(set(numbers)) == len(numbers)
    assert len(filter_for(machine, OWN)) < 4096


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_the_numbers_are_those_of_the_system(call: Call, machine: str) -> None:
    if not HEADERS[machine].is_file():
        pytest.skip("the kernel's headers are not on this machine")
    names = (f"__NR_{call.name}", f"__NR3264_{call.name}")
    words = [line.split() for line in HEADERS[machine].read_text().splitlines() if line.startswith("#define __NR")]
    numbers = [int(word[2]) for word in words if len(word) > 2 and word[1] in names and word[2].isdecimal()]
    if not numbers and call.number(machine) is not None:
        pytest.skip("the headers of this machine are older than the call")
    assert numbers[:1] == ([] if call.number(machine) is None else [call.number(machine)])


@pytest.mark.parametrize("machine", ["riscv64", "ppc64le"])
def test_a_processor_without_a_table_gets_no_filter_and_says_so(machine: str) -> None:
    kernel = Kernel()
    kernel.machine = machine
    with pytest.raises(NotImplementedError, match=machine):
        forbid_system_calls(kernel)


def test_refusal_is_eperm() -> None:
    assert REFUSE & 0xFFFF == errno.EPERM
    assert os.strerror(REFUSE & 0xFFFF) == "Operation not permitted"
