"""`concord ask --server`: the same question, answers and exit statuses, from a server far away. Needs no installation here."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from concord.cli.gauge import gauge
from concord.cli.ledger import Ledger
from concord.cli.ledger import Line as Told
from concord.cli.profiles import Remote, read_remote
from concord.config import Config
from concord.jail.pool import Jail
from concord.pocket.asking import Run, all_asked, session_of
from concord.pocket.line import Line
from concord.pocket.main import asker_of, known_of, open_line, pace_of
from concord.pocket.medium import Medium
from concord.pocket.refusal import NoToken
from concord.pocket.server import server_at
from concord.records.answer import Answer
from concord.remote.picture import Closer, Send

THREADS = 8  # that read and digest; the line is what takes the time
TOKEN = "CONCORD_TOKEN"  # noqa: S105  the name of the variable

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Far:
    """Where to, and what may be sent there. Its repr shows no token."""

    remote: Remote
    send: Send
    insecure: bool


@dataclass(frozen=True, slots=True)
class There:
    """A server that answered."""

    line: Line
    session: Mapping[str, Any]
    jail: Jail
    send: Send

    @property
    def heading(self) -> dict[str, Any]:
        """Of a journal."""
        return {"server": str(self.line.server), "asked_by": asker_of(self.session), "pictures": self.send.value}


def far_options(command: Command) -> Command:
    """Adds --server, --send and --insecure-http."""
    options = (
        click.option("--server", metavar="URL", help=f"Ask there, with the token in {TOKEN}."),
        click.option(
            "--send",
            type=click.Choice([one.value for one in Send]),
            default=Send.REDUCED.value,
            show_default=True,
            help="With --server, of pictures that are new by digest: a small grey copy, the file itself, or nothing.",
        ),
        click.option("--insecure-http", is_flag=True, help="Send the token in the clear; on a guarded line only."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def far_of(config: Config, profile: str, server: str | None, send: str, insecure: bool) -> Far | None:
    """None: the profile is of this installation, and no server is named. Raises NoToken, UnknownProfile, DamagedProfile."""
    if server is None:
        remote = read_remote(config.profiles, profile)
        return Far(remote, Send(send), insecure) if remote else None
    if config.token is None:
        raise NoToken(variable=TOKEN)
    return Far(Remote(server, config.token), Send(send), insecure)


@contextmanager
def reached(config: Config, far: Far, purpose: str | None, basis: str | None) -> Iterator[There]:
    """Raises Refusal."""
    server = server_at(far.remote.server, config.server_ca, far.insecure)
    if server.context is None and far.insecure:
        say("WARNING: plain http: everybody on the way can read the token and the answers")
    line = open_line(server, far.remote.token, purpose, basis, say)
    try:
        session, send = session_of(line), far.send
        if send is not Send.NEVER and not session["takes_pictures"]:
            say("this server takes no pictures with a question: everything is compared by digest only")
            send = Send.NEVER
        with Jail(config.workers, config.limits) as jail:
            yield There(line, session, jail, send)
    finally:
        line.close()


def ask_far(there: There, items: Sequence[Path | str], ledger: Ledger) -> bool:
    """Whether it came to its end: Ctrl-C stops it between two answers. Raises Refusal."""
    closer = None if there.send is Send.NEVER else Closer(there.line, there.jail, there.send, there.session)
    run = Run(there.line, pace_of(there.session), THREADS, known_of(ledger.journal), closer)
    medium = Medium()
    entries = medium.entries(str(item) for item in items if isinstance(item, Path))
    texts = [item for item in items if isinstance(item, str)]
    try:
        with gauge("asking", items) as shown:
            for answered in run.answers(all_asked(entries, texts)):
                entry = answered.asked.entry
                if answered.earlier:
                    ledger.recall(answered.answer)
                else:
                    ledger.enter([Told(msgspec.convert(answered.answer, Answer), entry.size, entry.modified_ns)])
                shown.advance(1, entry.size or 0, ledger.counts)
    except KeyboardInterrupt:
        return False
    if medium.links:
        say(f"{medium.links:,} links were not followed: what lies below the folders was asked about where it lies")
    return True


def say(text: str) -> None:
    click.echo(f"concord: {text}", err=True)
