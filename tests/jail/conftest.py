import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Descriptor = Callable[[bytes], int]


@pytest.fixture
def descriptor_of(tmp_path: Path) -> Iterator[Descriptor]:
    """Puts bytes into a file and opens it read-only."""
    opened: list[int] = []

    def open_bytes(data: bytes) -> int:
        path = tmp_path / str(len(opened))
        path.write_bytes(data)
        opened.append(os.open(path, os.O_RDONLY))
        return opened[-1]

    yield open_bytes
    for descriptor in opened:
        os.close(descriptor)
