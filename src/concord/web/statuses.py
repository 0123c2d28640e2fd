"""The one table from errors to what the browser is told. Anything that is not ours is a 500 without details."""

from concord import errors

STATUS: dict[type[errors.ConcordError], int] = {
    errors.Misuse: 400,
    errors.WrongMethod: 405,
    errors.TooManyItems: 413,
    errors.TooLarge: 413,
    errors.ItemError: 422,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NoActor: 500,
    errors.UnknownRecord: 404,
    errors.AlreadyThere: 409,
    errors.TooManyTries: 429,
    errors.CannotRun: 503,
}


def status_of(error: errors.ConcordError) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
