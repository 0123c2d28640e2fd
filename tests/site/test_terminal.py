"""The program's standard output: full, closed, or read by somebody who has gone."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import command, environment

FULL = Path("/dev/full")
PRINTING = [("doctor",), ("--help",), ("database-sql",)]
BUFFERING = [{}, {"PYTHONUNBUFFERED": "1"}]


def run(arguments: list[str], stdout: int, variables: dict[str, str]) -> tuple[int, str]:
    """The status and what is complained of."""
    done = subprocess.run(
        arguments,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(Path("/nonexistent/home")) | {"PYTHONUNBUFFERED": ""} | variables,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", PRINTING)
@pytest.mark.parametrize("buffering", BUFFERING)
def test_a_full_disk_is_one_line(arguments: tuple[str, ...], buffering: dict[str, str]) -> None:
    with FULL.open("w") as full:
        status, err = run(command(*arguments), full.fileno(), buffering)
    assert status == 1
    assert err.startswith("concord: What is printed cannot be written (No space left")
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", PRINTING)
@pytest.mark.parametrize("buffering", BUFFERING)
def test_a_reader_who_has_gone_is_met_with_silence(arguments: tuple[str, ...], buffering: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        assert run(command(*arguments), writer, buffering) == (1, "")
    finally:
        os.close(writer)


def test_a_closed_output_is_one_line() -> None:
    status, err = run(["sh", "-c", '"$@" >&-', "sh", *command("doctor")], subprocess.DEVNULL, {})
    assert status == 1
    assert err.startswith("concord: What is printed cannot be written (it is closed)")
    assert err.count("\n") == 1
