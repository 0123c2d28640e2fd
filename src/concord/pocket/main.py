"""`concord-ask.pyz`: asks a server about the files of an examined medium, by digest only."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence, TextIO  # noqa: UP035  Python 3.8

from concord.pocket.asking import DIGEST, Answered, Run, all_asked, session_of
from concord.pocket.journal import Journal
from concord.pocket.line import Line
from concord.pocket.medium import Entry, Medium
from concord.pocket.pace import LARGEST_ITEMS, Pace
from concord.pocket.paper import Paper, Progress
from concord.pocket.refusal import COULD_NOT_RUN, SOME_FAILED, JournalOnMedium, NoToken, Refusal, one_line
from concord.pocket.server import Server, server_at
from concord.pocket.shape import is_answer

MOST_THREADS = 8
TOKEN = "CONCORD_TOKEN"  # noqa: S105  the name of the variable


def main(arguments: Sequence[str], environment: Mapping[str, str], out: TextIO | None = None) -> int:
    """The exit status: 0 every item answered, 1 could not run, 2 wrong usage, 3 some items failed."""
    given = _parser().parse_args(arguments)
    out = out or _utf8(sys.stdout)
    try:
        return _asked(given, environment, out)
    except Refusal as error:
        sys.stderr.write(f"concord-ask: {error}\n")
        return error.status
    except KeyboardInterrupt:
        sys.stderr.write("concord-ask: stopped; with --journal, the next run goes on from here\n")
        return COULD_NOT_RUN
    except BrokenPipeError:  # who reads along has gone: nobody's error
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="concord-ask",
        description="Ask whether files are new, known or identified. Only their digests (SHA-256) leave this machine.",
        epilog=f"The token is read from the variable {TOKEN}, or asked for. Nothing is written on the examined medium. "
        "Exit status: 0 every item answered, 1 could not run, 2 wrong usage, 3 some items failed.",
    )
    parser.add_argument("items", metavar="PATH|DIGEST", nargs="+", help="files, folders, or digests in hexadecimal")
    parser.add_argument("--server", metavar="URL", required=True, help="https://HOST[:PORT]")
    parser.add_argument("--purpose", metavar="CODE", help="why; without it, the profile's")
    parser.add_argument("--basis", metavar="CODE", help="on what legal ground; without it, the profile's")
    parser.add_argument("--journal", metavar="FILE", help="where answers are kept, so that a stopped run can go on")
    parser.add_argument("--ca", metavar="FILE", help="PEM file of the authority that signed the server's certificate")
    parser.add_argument(
        "--insecure-http", action="store_true", help="send the token in the clear (a guarded line only)"
    )
    parser.add_argument("--threads", type=int, default=min(MOST_THREADS, os.cpu_count() or 1), help="that read files")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", dest="form", action="store_const", const="json", help="one JSON object a line")
    form.add_argument("--csv", dest="form", action="store_const", const="csv", help="a table for spreadsheets")
    parser.set_defaults(form="lines")
    return parser


def _asked(given: argparse.Namespace, environment: Mapping[str, str], out: TextIO) -> int:
    server = server_at(given.server, given.ca, given.insecure_http)
    texts = [item for item in given.items if DIGEST.match(item) and not Path(item).exists()]
    paths = [item for item in given.items if item not in texts]
    check_journal_place(given.journal, paths)
    line = open_line(server, environment.get(TOKEN) or _prompted(), given.purpose, given.basis, _say)
    session = session_of(line)
    journal = open_journal(given.journal, line, session, {"pictures": "never"})
    if given.insecure_http and server.context is None:
        _say("WARNING: plain http: everybody on the way can read the token and the answers")
    medium, paper, progress = Medium(), Paper(given.form, out), Progress(sys.stderr)
    run = Run(line, pace_of(session), max(1, given.threads), known_of(journal))
    try:
        for answered in run.answers(all_asked(medium.entries(paths), texts)):
            keep(journal, answered)  # first: what is told was kept, and is told whole again by the next run
            paper.write(answered)
            progress.went(answered)
    finally:
        progress.done()
        line.close()
        if journal:
            journal.close()
    _say(paper.summary())
    if medium.links:
        _say(f"{medium.links:,} links were not followed: what lies on the medium was asked about where it lies")
    return SOME_FAILED if paper.failed else 0


def check_journal_place(journal: str | None, paths: Sequence[str]) -> None:
    """Raises JournalOnMedium."""
    if journal is None:
        return
    place = Path(journal).resolve()
    for path in paths:
        examined = Path(path).resolve()
        if examined == place or examined in place.parents:
            raise JournalOnMedium(path=journal)


def open_line(server: Server, token: str, purpose: str | None, basis: str | None, said: Callable[[str], None]) -> Line:
    """Raises NoToken for one that no header can hold."""
    if not token or not token.isascii() or not token.isprintable():
        raise NoToken(variable=TOKEN)
    headers = {"Authorization": f"Bearer {token}"}
    for name, code in (("Concord-Purpose", purpose), ("Concord-Basis", basis)):
        if code:
            headers[name] = one_line(code).encode("ascii", "backslashreplace").decode()
    return Line(server, headers, said=said)


def open_journal(
    path: str | None, line: Line, session: Mapping[str, Any], options: Mapping[str, Any]
) -> Journal | None:
    """None: there is to be none. Raises what `Journal.open` raises."""
    if path is None:
        return None
    return Journal.open(path, {"server": str(line.server), "asked_by": asker_of(session), **options}, is_answer)


def asker_of(session: Mapping[str, Any]) -> str:
    return f"{session['user']}, {session['unit']} ({session['country']})"


def pace_of(session: Mapping[str, Any]) -> Pace:
    return Pace(largest=max(1, min(LARGEST_ITEMS, session["items_per_call"])))


def known_of(journal: Journal | None) -> Callable[[Entry], dict[str, Any] | None]:
    if journal is None:
        return lambda _: None
    return lambda entry: journal.known(entry.item, entry.size, entry.modified_ns)


def keep(journal: Journal | None, answered: Answered) -> None:
    """A file that could not be read may be readable next time: it is asked about again."""
    entry = answered.asked.entry
    if journal is not None and not answered.earlier and answered.asked.failure is None:
        journal.write(entry.item, entry.size, entry.modified_ns, answered.answer)


def _prompted() -> str:
    if not sys.stdin or not sys.stdin.isatty():
        raise NoToken(variable=TOKEN)
    return getpass.getpass("Token: ").strip()


def _say(text: str) -> None:
    sys.stderr.write(f"concord-ask: {one_line(text)}\n")


def _utf8(stream: Any) -> TextIO:
    """Whatever code page the terminal has: a reader of JSON expects UTF-8."""
    stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    checked: TextIO = stream
    return checked
