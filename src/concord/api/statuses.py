"""The one table from errors to HTTP statuses. Anything that is not ours is a 500 without details."""

from concord import errors

STATUS: dict[type[errors.ConcordError], int] = {
    errors.Misuse: 400,
    errors.TooManyItems: 413,
    errors.TooLarge: 413,
    errors.TooManyUploads: 413,
    errors.WrongMethod: 405,
    errors.UnknownAddress: 404,
    errors.ItemError: 422,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NoActor: 500,
    errors.UnknownRecord: 404,
    errors.AlreadyThere: 409,
    errors.TooManyTries: 429,
    errors.CannotRun: 503,
}

SENTENCES = {
    500: "Something went wrong here; the log of the server says what. Report it to its administrator.",
    503: "It cannot run at present. Try again in a minute; if it stays so, tell the administrator of this server.",
}


def status_of(error: errors.ConcordError) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def told_of(error: errors.ConcordError) -> str:
    """The sentence for the caller. Of the machine's own trouble only that there is some: the cause names paths and hosts."""
    return str(error) if status_of(error) < 500 else SENTENCES[status_of(error)]
