"""What the commands are handed by the site: how to make, open and serve an installation. They choose nothing themselves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from concord.access.actor import Actor, sign_in
from concord.actions.installation import Installation
from concord.cli.profiles import read_profile
from concord.config import Config


@dataclass(frozen=True, slots=True)
class Wiring:
    config: Config
    create: Callable[[Config, bool], Installation]  # (config, demo)
    open: Callable[[Config], Installation]
    migrate: Callable[[Config], list[str]]  # gives what was applied
    serve: Callable[[Config, str, int, int], None]  # (config, host, port, processes)

    @contextmanager
    def opened(self) -> Iterator[Installation]:
        installation = self.open(self.config)
        try:
            yield installation
        finally:
            installation.close()

    @contextmanager
    def acting(self, profile: str, purpose: str | None, basis: str | None) -> Iterator[tuple[Installation, Actor]]:
        """An open installation and who acts in it. Raises UnknownProfile, NotSignedIn, UnknownCode."""
        with self.opened() as installation:
            actor = sign_in(read_profile(self.config.profiles, profile))
            yield installation, actor.acting_for(purpose, basis)
