"""The process at a seat. Told in lines of JSON, {"run": [ARGUMENT...]}, {"list": PROFILE} or {"twin": STEP, ...}; answers
each by one line."""

import json
import sys
from typing import Any

import msgspec

from tests.promises import chance

chance.take_over()  # before a record is imported

from concord.config import read_config  # noqa: E402
from concord.site import wiring  # noqa: E402
from concord.site.mark import MARK  # noqa: E402

config = read_config()
wiring.prepare_django(config)  # before a record is imported

from concord.access.actor import sign_in  # noqa: E402
from concord.actions.installation import Installation  # noqa: E402
from concord.actions.list_materials import list_materials  # noqa: E402
from concord.cli.profiles import read_profile  # noqa: E402
from tests.cli.terminal import Terminal  # noqa: E402
from tests.promises.twin import Twin  # noqa: E402


def opened() -> Installation:
    if (config.home / MARK).exists():
        return wiring.open_installation(config)
    return wiring.create_installation(config)


def run(terminal: Terminal, arguments: list[str]) -> dict[str, Any]:
    said = terminal.run(*arguments)
    return {"status": said.status, "out": said.out, "err": said.err}


def materials(installation: Installation, profile: str) -> dict[str, Any]:
    actor = sign_in(read_profile(config.profiles, profile))
    return dict(msgspec.to_builtins(list_materials(installation, actor, None, 1000)))


def main() -> None:
    installation = opened()
    try:
        terminal, twin = Terminal(installation), Twin(installation)
        for line in sys.stdin:
            told = json.loads(line)
            if "twin" in told:
                answer = twin.told(**told)
            else:
                answer = run(terminal, told["run"]) if "run" in told else materials(installation, told["list"])
            print(json.dumps(answer), flush=True)
    finally:
        installation.close()


main()
