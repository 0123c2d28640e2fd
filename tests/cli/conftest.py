import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from concord.actions.installation import Installation
from concord.database import embedded
from tests.cli.terminal import BEGIN, Clerk, Terminal, run_process

numbers = itertools.count(1)


@pytest.fixture(scope="session")
def terminal(installation: Installation) -> Terminal:
    return Terminal(installation)


@pytest.fixture
def clerk_of(terminal: Terminal) -> Callable[[str], Clerk]:
    """A new officer of this country."""
    return lambda country: Clerk.enrolled(terminal, f"clerk-{next(numbers)}", country)


@pytest.fixture
def clerk(clerk_of: Callable[[str], Clerk]) -> Clerk:
    return clerk_of("XA")


@pytest.fixture(scope="session")
def made_home() -> Iterator[Path]:
    """A home that the program itself made, as a process of its own."""
    folder = Path(tempfile.mkdtemp(prefix="concord-test-"))
    home = folder / "home"
    try:
        made = run_process(home, *BEGIN)
        assert (made.status, made.err) == (0, "")
        assert str(home) in made.out
        yield home
    finally:
        embedded.remove(home)
        shutil.rmtree(folder)
