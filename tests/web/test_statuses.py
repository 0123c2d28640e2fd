import pytest

from concord import errors
from concord.errors import ConcordError
from concord.web.statuses import STATUS, status_of


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.NothingAsked, 400),
        (errors.UnknownCode, 400),
        (errors.TooManyItems, 413),
        (errors.TooLarge, 413),
        (errors.EmptyFile, 422),
        (errors.NotSignedIn, 401),
        (errors.SessionEnded, 401),
        (errors.NotAllowed, 403),
        (errors.NoActor, 500),
        (errors.UnknownRecord, 404),
        (errors.AlreadyThere, 409),
        (errors.TooManyTries, 429),
        (errors.DatabaseUnavailable, 503),
        (ConcordError, 500),
    ],
)
def test_each_error_has_its_status(kind: type[ConcordError], status: int) -> None:
    assert status_of(kind.__new__(kind)) == status


def test_every_row_is_of_a_kind_of_its_own() -> None:
    assert len(STATUS) == len(set(STATUS))
