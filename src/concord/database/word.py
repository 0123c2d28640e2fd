"""The keeper's word: what it says, in the file it holds locked, of the server it keeps. Without the lock it is void."""

import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path

PORT = 5432  # there is no port: only part of the socket's name


@dataclass(frozen=True, slots=True)
class Word:
    """`socket_directory` is None unless the server is ready and meant to stay."""

    keeper_pid: int
    socket_directory: Path | None


def say(descriptor: int, word: Word) -> None:
    directory = None if word.socket_directory is None else str(word.socket_directory)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps({"keeper_pid": word.keeper_pid, "socket_directory": directory}).encode(), 0)


def heard(path: Path) -> Word | None:
    """None while nothing whole is written there."""
    try:
        facts = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    directory = facts["socket_directory"]
    return Word(facts["keeper_pid"], None if directory is None else Path(directory))


def answers(socket_directory: Path) -> bool:
    """Whether a server listens there. Connecting and leaving is enough: dead servers refuse."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as end:
        try:
            end.connect(os.fsencode(socket_directory / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
    return True
