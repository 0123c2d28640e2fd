"""Exit statuses: what a script learns without reading. The one table from errors to statuses."""

from concord import errors

ANSWERED = 0
COULD_NOT_RUN = 1
WRONG_USAGE = 2
SOME_FAILED = 3

STATUS: dict[type[errors.ConcordError], int] = {
    errors.Misuse: WRONG_USAGE,
    errors.ItemError: SOME_FAILED,
    errors.NotAllowed: COULD_NOT_RUN,
    errors.UnknownRecord: COULD_NOT_RUN,
    errors.AlreadyThere: COULD_NOT_RUN,
    errors.TooManyTries: COULD_NOT_RUN,
    errors.CannotRun: COULD_NOT_RUN,
}


def status_of(error: errors.ConcordError) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), COULD_NOT_RUN)
