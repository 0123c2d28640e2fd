"""Errors of every class, to go through a table row by row."""

import string

from concord.errors import ConcordError


def kinds(base: type[ConcordError] = ConcordError) -> list[type[ConcordError]]:
    """Every class of ours, `base` first."""
    return [base, *(one for kind in base.__subclasses__() for one in kinds(kind))]


def example(kind: type[ConcordError], fact: str = "x") -> ConcordError:
    """An error of this class whose every fact is `fact`."""
    names = {name for _, name, _, _ in string.Formatter().parse(kind.__doc__ or "") if name}
    return kind(**dict.fromkeys(names, fact))
