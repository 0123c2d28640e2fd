"""Every row of the table from errors to HTTP statuses."""

import pytest

from concord import errors
from concord.api.statuses import SENTENCES, STATUS, status_of, told_of
from tests.mistakes import example, kinds

ROWS = {
    errors.Misuse: 400,
    errors.WrongMethod: 405,
    errors.UnknownAddress: 404,
    errors.TooManyItems: 413,
    errors.TooLarge: 413,
    errors.TooManyUploads: 413,
    errors.ItemError: 422,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NoActor: 500,
    errors.UnknownRecord: 404,
    errors.AlreadyThere: 409,
    errors.TooManyTries: 429,
    errors.CannotRun: 503,
}


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_every_row_gives_its_status(kind: type[errors.ConcordError]) -> None:
    assert status_of(example(kind)) == ROWS[kind]


def test_no_row_is_untested() -> None:
    assert STATUS == ROWS


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_a_class_has_the_status_of_its_nearest_ancestor_in_the_table(kind: type[errors.ConcordError]) -> None:
    nearest = next((ROWS[one] for one in kind.__mro__ if one in ROWS), 500)
    assert status_of(example(kind)) == nearest


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_trouble_of_the_machine_is_told_without_its_cause(kind: type[errors.ConcordError]) -> None:
    error = example(kind, "/home/inside")
    if status_of(error) >= 500:
        assert told_of(error) == SENTENCES[status_of(error)]
        assert "inside" not in told_of(error)
    else:
        assert told_of(error) == str(error)
