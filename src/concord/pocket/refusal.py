"""What can go wrong far away: one base, a class per meaning, as in `concord.errors`, which is not here to be imported.

A class's docstring is its sentence, filled with the facts given; `code` is what programs read; `status` what the
process ends with.
"""

from __future__ import annotations

import re
from typing import Any

COULD_NOT_RUN = 1
WRONG_USAGE = 2
SOME_FAILED = 3


class Refusal(Exception):
    """Something went wrong."""

    code = "refusal"
    status = COULD_NOT_RUN

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.code = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(str(self))

    def __str__(self) -> str:
        sentence = " ".join((type(self).__doc__ or "").split())
        return sentence.format_map({name: one_line(value) for name, value in self.facts.items()})


def one_line(value: Any) -> str:
    """A fact as one short printable line: items and answers come from outside and may hold anything."""
    text = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in str(value))
    return text if len(text) <= 300 else text[:297] + "..."


class OtherJournal(Refusal):
    """{path}: a journal of another run ({cause}). Give another file to --journal, or the same server, user and options."""

    status = WRONG_USAGE


class NoJournal(Refusal):
    """{path}: not a journal of this program ({cause}). It is left as it is; give another file to --journal."""

    status = WRONG_USAGE


class JournalBusy(Refusal):
    """{path}: another run is writing to this journal. Wait until it has ended, or give another file to --journal."""


class JournalUnusable(Refusal):
    """{path}: the journal cannot be written to ({cause}). Give another file to --journal."""


class JournalOnMedium(Refusal):
    """{path}: the journal would lie in what is examined, where nothing is ever written. Give a place elsewhere."""

    status = WRONG_USAGE


# ---- the line ---------------------------------------------------------------------------------------------------------


class UnfitServer(Refusal):
    """{server}: not the address of a server ({cause}). Give https://HOST or https://HOST:PORT"""

    status = WRONG_USAGE


class PlainLine(Refusal):
    """{server}: over plain http everybody on the way reads the token and the answers. Use https, or give --insecure-http
    where the way is guarded by other means."""

    status = WRONG_USAGE


class NoToken(Refusal):
    """There is no token. Set {variable} (never on the command line, where others on this machine can read it)."""

    status = WRONG_USAGE


class UnfitAuthority(Refusal):
    """{path}: not a file of certificates ({cause}). Give the PEM file of the authority that signed the server's."""

    status = WRONG_USAGE


class UntrustedServer(Refusal):
    """{server}: its certificate does not prove who it is ({cause}). Nothing was sent. Give --ca FILE where it is signed by
    an authority of your own."""


class LineLost(Refusal):
    """{server}: no answer after {attempts} attempts ({cause}). What was answered stands; with the same --journal the next run
    goes on from there."""


class RefusedThere(Refusal):
    """{server} refuses: {message} ({code})"""


class UnfitAnswer(Refusal):
    """{server}: gives an answer that is none ({cause}). Nothing of it is used; ask its administration."""


# ---- one item cannot be asked about: the others go on -----------------------------------------------------------------


class ItemRefusal(Refusal):
    """{item}: cannot be examined."""

    status = SOME_FAILED


class NoSuchFile(ItemRefusal):
    """{item}: no such file or folder."""


class UnreadableFile(ItemRefusal):
    """{item}: cannot be read ({cause}). Check the permissions and the medium."""


class NotAFile(ItemRefusal):
    """{item}: neither a file nor a folder but a {kind}; it is left alone."""


class EmptyFile(ItemRefusal):
    """{item}: the file is empty. Check the copy against its source."""


class FileChanged(ItemRefusal):
    """{item}: the file changed while it was read. Ask about a copy that nobody writes to."""


class NotOnMedium(ItemRefusal):
    """{item}: its content lies in a cloud or an archive, and reading it would fetch it from there; it is left alone."""


class FolderLoop(ItemRefusal):
    """{item}: this folder contains itself; it is not listed again."""


class MalformedDigest(ItemRefusal):
    """{item}: not a digest. Give 32, 40 or 64 hexadecimal digits (MD5, SHA-1, SHA-256)."""
