"""Every row of the table from errors to exit statuses."""

import pytest

from concord import errors
from concord.cli.exits import ANSWERED, COULD_NOT_RUN, SOME_FAILED, STATUS, WRONG_USAGE, status_of
from tests.mistakes import example, kinds

ROWS = {
    errors.Misuse: 2,
    errors.ItemError: 3,
    errors.NotAllowed: 1,
    errors.UnknownRecord: 1,
    errors.AlreadyThere: 1,
    errors.TooManyTries: 1,
    errors.CannotRun: 1,
}


def test_the_statuses_are_the_published_numbers() -> None:
    assert (ANSWERED, COULD_NOT_RUN, WRONG_USAGE, SOME_FAILED) == (0, 1, 2, 3)


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_every_row_gives_its_status(kind: type[errors.ConcordError]) -> None:
    assert status_of(example(kind)) == ROWS[kind]


def test_no_row_is_untested() -> None:
    assert STATUS == ROWS


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_class_has_the_status_of_its_nearest_ancestor_and_no_error_is_a_success(
    kind: type[errors.ConcordError],
) -> None:
    nearest = next((ROWS[one] for one in kind.__mro__ if one in ROWS), COULD_NOT_RUN)
    assert status_of(example(kind)) == nearest != ANSWERED
