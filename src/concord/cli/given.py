"""Options and arguments that several commands share."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from concord.cli.profiles import DEFAULT
from concord.errors import EmptyArgument, MalformedDigest, UnfitName
from concord.values import Basis, Purpose, parse_question

Command = TypeVar("Command", bound=Callable[..., Any])


def who_and_why(command: Command) -> Command:
    """Adds --as, --purpose and --basis."""
    options = (
        click.option("--as", "profile", metavar="PROFILE", default=DEFAULT, show_default=True, help="Who acts."),
        click.option("--purpose", metavar="CODE", help=f"Why: {Purpose.known()}. Without it, the profile's."),
        click.option("--basis", metavar="CODE", help=f"Legal basis: {Basis.known()}. Without it, the profile's."),
    )
    for option in reversed(options):
        command = option(command)
    return command


as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")


class Words(click.ParamType[str]):
    """A text that goes to the database, and so must be one: an argument of the shell may be any bytes."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """Raises UnfitName."""
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            what = param.human_readable_name if param else "text"
            raise UnfitName(what=what, name=ascii(text), cause="it is not UTF-8") from None
        return text


WORDS = Words()


def path_or_text(argument: str) -> Path | str:
    """A path if there is one; a digest or PDQ value if it reads as one, or tries to; else a path that will not be found."""
    if not argument:
        raise EmptyArgument  # as a path it would be the current folder
    path = Path(argument)
    if os.path.lexists(path):  # a name that is too long is no fault here: it will not be found
        return path
    try:
        parse_question(argument)
    except MalformedDigest:
        return argument if _tries_to_be_a_digest(argument) else path
    return argument


def _tries_to_be_a_digest(argument: str) -> bool:
    """Long, without the signs of a path, or of hexadecimal digits only: then the error should speak of digests."""
    if not argument.isascii():
        return False
    bare = argument.strip().removeprefix("pdq:")
    if argument.startswith("pdq:") or re.fullmatch(r"[0-9a-fA-F]{8,}", bare):
        return True
    return len(bare) >= 32 and not re.search(r"[/\\.]", bare)
