"""Many items through one worker, which always has the next one at hand: it need not wait while the outside opens a file,
reads an answer or is kept from running by other threads."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from concord.errors import ItemError
from concord.jail.cell import Cell, Patience, UntimelyEndError
from concord.jail.errand import Answered, Errand
from concord.jail.messages import Done, Part

AT_HAND = 2  # items that a worker has: the one it works on, and one behind it

Result = TypeVar("Result")


class Relay(Generic[Result]):
    """Used by one thread, and closed at the end. An error among the items keeps its place.

    Where the worker dies or overruns, the item it worked on has failed. It had not begun those behind: a new one gets them.
    """

    def __init__(
        self,
        errands: Iterable[Errand[Result] | ItemError],
        begin: Callable[[Errand[Result]], tuple[Cell, Patience]],
        give_back: Callable[[Cell], None],
    ) -> None:
        """`begin` hands an item to a worker that has nothing else to do."""
        self._errands = iter(errands)
        self._begin, self._give_back = begin, give_back
        self._pulled: deque[Errand[Result] | ItemError] = deque()
        self._worker: tuple[Cell, Patience] | None = None  # None: none has anything of ours
        self._handed = 0  # of the errands among those pulled, how many it has: the first ones
        self._is_full = False  # it gets no more

    def outcomes(self) -> Iterator[Answered[Result] | ItemError]:
        """Of each, in order. Raises what is no ItemError, which ends it."""
        while self._fill():
            first = self._pulled[0]
            outcome = first if isinstance(first, ItemError) else self._outcome(first)
            if outcome is None:  # it is asked again
                continue
            self._pulled.popleft()
            if isinstance(first, Errand):
                first.given.close()
            yield outcome

    def close(self) -> None:
        """A worker that is still at something is ended: the next would take its answer for one to his own question."""
        if self._worker:
            self._worker[0].end()
            self._leave()
        for one in self._pulled:
            if isinstance(one, Errand):
                one.given.close()

    def _fill(self) -> bool:
        """Whether anything is left."""
        self._hand_over()
        while len(self._pulled) < AT_HAND and (one := next(self._errands, None)) is not None:
            self._pulled.append(one)
            self._hand_over()
        return bool(self._pulled)

    def _hand_over(self) -> None:
        waiting = [one for one in self._pulled if isinstance(one, Errand)][self._handed :]
        for errand in waiting:
            if self._worker is None:
                self._worker = self._begin(errand)
            elif not self._is_behind(errand, self._worker[0]):
                return
            self._handed += 1

    def _is_behind(self, errand: Errand[Result], cell: Cell) -> bool:
        """False: it waits until the worker has done what it has."""
        # Nobody could tell how much of a line for ranges was read by a worker that ended before its time.
        self._is_full = self._is_full or cell.worn or errand.given.ranged
        self._is_full = self._is_full or not cell.queue(errand.request, errand.given.descriptor)
        return not self._is_full

    def _outcome(self, first: Errand[Result]) -> Answered[Result] | ItemError | None:
        """None: its worker ended, and not by it."""
        assert self._worker  # noqa: S101  it has this item
        try:
            return self._answer(first, *self._worker)
        except UntimelyEndError:
            return None
        except ItemError as error:
            return first.cause_of(error)

    def _answer(self, first: Errand[Result], cell: Cell, patience: Patience) -> Answered[Result]:
        try:
            reply = cell.next(patience, first.item)
        except BaseException:
            self._leave()
            raise
        if isinstance(reply, Part):  # it has more to say than was asked for
            cell.end()
        self._handed -= 1
        if cell.lost or not self._handed:
            self._leave()
        else:  # whatever becomes of this answer, the worker is at the next item already
            self._turn(cell)
        return Answered(first.result(reply, Done), cell.walls)

    def _turn(self, cell: Cell) -> None:
        _, following = [one for one in self._pulled if isinstance(one, Errand)][:2]
        self._worker = cell, cell.turn(following.request.cpu_seconds, following.deadline_seconds)

    def _leave(self) -> None:
        """Nothing of ours is with the worker any more, or it is lost."""
        if self._worker:
            self._give_back(self._worker[0])
        self._worker, self._handed, self._is_full = None, 0, False
