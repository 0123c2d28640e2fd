"""`concord ask`: new, known or identified."""

import sys
from collections import Counter

import click

from concord.actions.ask import ask as ask_action
from concord.cli.exits import ANSWERED, SOME_FAILED
from concord.cli.given import as_json, path_or_text, who_and_why
from concord.cli.paper import WORDS, paper, print_answer, progress, write_json
from concord.cli.wiring import Wiring


@click.command()
@click.argument("items", metavar="PATH|DIGEST...", nargs=-1, required=True)
@who_and_why
@as_json
@click.pass_obj
def ask(wiring: Wiring, items: tuple[str, ...], profile: str, purpose: str, basis: str, as_json: bool) -> None:
    """Ask whether files, folders, digests or PDQ values (pdq:HEX) are new, known or identified."""
    asked = [path_or_text(item) for item in items]
    console, counts, failed = paper(), Counter[str](), 0
    with wiring.acting(profile, purpose, basis) as (installation, actor), progress("asking", asked) as counted:
        for answer in counted(ask_action(installation, actor, asked)):
            counts[WORDS[answer.answer] if answer.answer else "failed"] += 1
            failed += answer.error is not None
            if as_json:
                write_json(answer)
            else:
                print_answer(console, answer)
    if not as_json and sum(counts.values()) > 1:
        console.print(", ".join(f"{count:,} {word}" for word, count in counts.most_common()), style="bold")
    sys.exit(SOME_FAILED if failed else ANSWERED)
