"""Runs each mutant against the tests that reach its line, in a process of its own that is a copy of this one.

A pytest plugin. First all tests run once as they are: which lines each reaches, and how long it takes. Then, for each mutant,
a forked copy takes the changed code over and runs the tests of its statement, the quickest first, until one fails. Noticed is
a mutant only where a test says so: a copy that hangs or dies proves nothing.
"""

import ast
import inspect
import os
import random
import select
import signal
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any, Self

import pytest
from _pytest.runner import runtestprotocol
from django.db import connections
from hypothesis import Phase, settings

from tests.mutants.mutate import Mutant, mutants_of
from tests.mutants.shelf import Shelf

ACCESS = Path(__file__).parents[2] / "src" / "concord" / "access"
LEFT_OUT = frozenset({"__init__.py", "apps.py", "models.py"})
ALLOWED_SECONDS = 60.0  # of tests for one mutant, as they took unchanged
BEGUN, FAILED, PASSED = "begun", "failed", "passed"  # and STOPPED or IMPOSSIBLE: how a copy ended
KILLED, SURVIVED, UNREACHED = "killed", "survived", "unreached"
STOPPED, EQUIVALENT, IMPOSSIBLE = "stopped", "the same", "impossible"
UNCOUNTED = (EQUIVALENT, IMPOSSIBLE)


@dataclass
class Reached:
    """`lines`: the tests of each, by file and line; `seconds`: how long each takes."""

    lines: dict[tuple[str, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    seconds: dict[int, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def leave_out(self, number: int) -> None:
        del self.seconds[number]
        for tests in self.lines.values():
            tests.discard(number)


class Campaign:
    """`sample`: so many mutants, drawn by `seed`; 0 for all. `only`: names of modules; none for all.

    `equivalent`: names of mutants that do the same as the code. They are not tried, and count neither for nor against.
    """

    def __init__(
        self, sample: int = 0, seed: int = 1, only: Sequence[str] = (), equivalent: Collection[str] = ()
    ) -> None:
        self._sample, self._seed, self._only, self._equivalent = sample, seed, only, equivalent
        self.outcomes: list[tuple[str, Mutant]] = []
        self._items: Sequence[pytest.Item] = ()
        self._reached = Reached()
        self._sound = set[int]()  # tests that were seen to pass once more

    def pytest_configure(self) -> None:
        """The first example that fails is enough; the smallest is nobody's concern here."""
        steady = settings.get_profile("steady")
        settings.register_profile("mutants", steady, phases=[Phase.explicit, Phase.generate])
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        files = [one for one in sorted(ACCESS.glob("*.py")) if one.name not in LEFT_OUT]
        self._items, self._reached = session.items, _first_run(session.items, {str(one) for one in files})
        reached = self._reached
        print(f"\n{len(session.items)} tests, {sum(reached.seconds.values()):.0f} s", end="", flush=True)
        if reached.failed:
            raise pytest.UsageError("the unchanged code fails: " + ", ".join(reached.failed))
        self._shelf = Shelf()
        chosen = [one for one in files if not self._only or one.stem in self._only]
        mutants = [one for path in chosen for one in mutants_of(str(path), path.read_text())]
        count = min(self._sample or len(mutants), len(mutants))
        mutants = random.Random(self._seed).sample(mutants, count)  # in any order: what is broken off is a sample too
        for mutant in mutants:
            outcome = EQUIVALENT if mutant.name in self._equivalent else self._tried(mutant)
            self.outcomes.append((outcome, mutant))
            print(f"\n{outcome:9} {mutant}", end="", flush=True)
        return True

    def _tried(self, mutant: Mutant) -> str:
        """Whoever notices is asked about the unchanged code, too: what fails there as well (not every test passes twice in
        one installation) is left out from then on, and the mutant is tried again.
        """
        while numbers := _tests_of(mutant, self._items, self._reached):
            for some in filter(None, self._parted(numbers)):
                word, noticed = self._in_copy(some, mutant)
                if word == IMPOSSIBLE:
                    return IMPOSSIBLE
                if word != PASSED:
                    break
            else:
                return SURVIVED
            if noticed in self._sound or self._in_copy([noticed])[0] == PASSED:
                self._sound.add(noticed)
                return KILLED if word == FAILED else STOPPED
            self._reached.leave_out(noticed)
            print(f"\nleft out, as it fails unchanged: {self._items[noticed].nodeid}", end="", flush=True)
        return UNREACHED

    def _parted(self, numbers: Sequence[int]) -> tuple[list[int], list[int]]:
        """Those without an installation, for which nothing has to be put back, and the others."""
        return [one for one in numbers if not self._needs(one)], [one for one in numbers if self._needs(one)]

    def _needs(self, number: int) -> bool:
        return "installation" in getattr(self._items[number], "fixturenames", ())

    def _in_copy(self, numbers: Sequence[int], mutant: Mutant | None = None) -> tuple[str, int]:
        """In a copy of this process, until one fails: PASSED, FAILED or STOPPED, and the last test that was run."""
        connections.close_all()
        if any(map(self._needs, numbers)):
            self._shelf.put_back()
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _run_in_copy(mutant, numbers, self._items, writing)
        os.close(writing)
        told = _read(reading, 30 + 10 * sum(self._reached.seconds[number] for number in numbers)).split()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if told == [IMPOSSIBLE]:
            return IMPOSSIBLE, numbers[0]
        if BEGUN not in told:
            raise RuntimeError(f"nothing was tried: {mutant}")
        if told[-1] in (FAILED, PASSED):
            return told[-1], int(told[-2])
        return STOPPED, int(told[-1])


def _first_run(items: Sequence[pytest.Item], files: set[str]) -> Reached:
    reached = Reached()
    for number, item in enumerate(items):
        began = time.monotonic()
        with _Tracing(files) as tracing:
            reports = runtestprotocol(item, nextitem=_another(items, item), log=False)
        reached.seconds[number] = time.monotonic() - began
        if any(one.failed for one in reports):
            reached.failed.append(item.nodeid)
            continue
        for place in tracing.seen:
            reached.lines[place].add(number)
    return reached


def _another(items: Sequence[pytest.Item], item: pytest.Item) -> pytest.Item:
    """There is always a next test, in another folder: what the session shares stays, and nothing else."""
    return next((one for one in items if one.path.parent != item.path.parent), item)


class _Tracing:
    """Which lines of some files are run, in all threads."""

    def __init__(self, files: set[str]) -> None:
        self._files, self.seen = files, set[tuple[str, int]]()

    def __enter__(self) -> Self:
        threading.settrace(self._called)
        sys.settrace(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)
        threading.settrace(None)

    def _called(self, frame: FrameType, event: str, arg: object) -> Any:
        return self._ran if frame.f_code.co_filename in self._files else None

    def _ran(self, frame: FrameType, event: str, arg: object) -> Any:
        self.seen.add((frame.f_code.co_filename, frame.f_lineno))
        return self._ran


def _read(reading: int, seconds: float) -> str:
    """Until the other side is closed, or for so long."""
    told, until = b"", time.monotonic() + seconds
    while select.select([reading], [], [], max(0, until - time.monotonic()))[0]:
        if not (part := os.read(reading, 1 << 16)):
            break
        told += part
    os.close(reading)
    return told.decode()


def _tests_of(mutant: Mutant, items: Sequence[pytest.Item], reached: Reached) -> list[int]:
    """The quickest first, and not for too long. A constant may be read anywhere in its module."""
    if mutant.is_constant:
        found = {number for (path, _), tests in reached.lines.items() if path == mutant.path for number in tests}
        name = f"test_{Path(mutant.path).stem}.py"
        found |= {number for number in reached.seconds if items[number].path.name == name}
    else:
        found = set[int]().union(*(reached.lines.get((mutant.path, line), ()) for line in mutant.lines))
    chosen = list[int]()
    spent = 0.0
    for number in sorted(found, key=lambda one: reached.seconds[one]):
        spent += reached.seconds[number]
        if chosen and spent > ALLOWED_SECONDS:
            break
        chosen.append(number)
    return chosen


def _run_in_copy(mutant: Mutant | None, numbers: Sequence[int], items: Sequence[pytest.Item], writing: int) -> None:
    """Says which test is next, and how it ended. Never returns."""
    try:
        _say_nothing()
        if mutant and not take_over(mutant):
            os.write(writing, IMPOSSIBLE.encode())
            os._exit(0)
        os.write(writing, f"{BEGUN} ".encode())
        for number in numbers:
            os.write(writing, f"{number} ".encode())
            item = items[number]
            if any(one.failed for one in runtestprotocol(item, nextitem=_another(items, item), log=False)):
                os.write(writing, FAILED.encode())
                os._exit(0)
        os.write(writing, PASSED.encode())
    finally:
        os._exit(0)


def _say_nothing() -> None:
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)


def take_over(mutant: Mutant) -> bool:
    """This process runs the changed code from now on. False: no process ever could, its module does not even load."""
    module = next(one for one in list(sys.modules.values()) if getattr(one, "__file__", None) == mutant.path)
    if mutant.is_constant:
        return _set_constant(module, mutant)
    holder: Any = module
    *classes, name = mutant.place.split(".")
    for one in classes:
        holder = vars(holder)[one]
    changed = _code_called(mutant.code(), mutant.place)
    assert changed
    _function(vars(holder)[name]).__code__ = changed
    return True


def _set_constant(module: ModuleType, mutant: Mutant) -> bool:
    """And what is made of it; here, and wherever they were imported to by their names."""
    scope, changed = dict(vars(module)), {mutant.place}
    for statement in mutant.tree.body:
        names = {one.id for one in _targets(statement) if isinstance(one, ast.Name)}
        read = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
        if names and read & changed:
            try:
                exec(compile(ast.Module([statement], []), mutant.path, "exec"), scope)
            except Exception:  # whatever it is, it would be raised when the module is imported
                return False
            changed |= names
    for name in changed:
        old = vars(module)[name]
        for one in list(sys.modules.values()):
            if getattr(one, "__dict__", {}).get(name) is old and (one is module or _imports(one, module, name)):
                setattr(one, name, scope[name])
    return True


def _imports(other: ModuleType, module: ModuleType, name: str) -> bool:
    """Another's constant may be called the same and be the same number by chance."""
    path = getattr(other, "__file__", None)
    if not path or not other.__name__.startswith(("concord.", "tests.")):
        return False
    said = (node for node in ast.walk(ast.parse(Path(path).read_text())) if isinstance(node, ast.ImportFrom))
    return any(one.module == module.__name__ and any(alias.name == name for alias in one.names) for one in said)


def _targets(statement: ast.stmt) -> Sequence[ast.expr]:
    match statement:
        case ast.Assign(targets):
            return targets
        case ast.AnnAssign(target):
            return [target]
    return []


def _function(found: Any) -> FunctionType:
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, staticmethod | classmethod):
        found = found.__func__
    unwrapped: FunctionType = inspect.unwrap(found)
    return unwrapped


def _code_called(code: CodeType, name: str) -> CodeType | None:
    if code.co_qualname == name:
        return code
    for one in code.co_consts:
        if isinstance(one, CodeType) and (found := _code_called(one, name)):
            return found
    return None
