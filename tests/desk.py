"""An officer at work, in a few words."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from concord.access.actor import Actor
from concord.actions.ask import ask, ask_texts
from concord.actions.enter import Entered, Terms, enter_files
from concord.actions.installation import Installation
from concord.actions.say import open_case
from concord.records.answer import Answer
from concord.values import Category
from tests.officers import Officers
from tests.pictures import jpeg

seeds = itertools.count(1000)


@dataclass(frozen=True)
class Desk:
    """An officer's desk: a case is open on it, and a folder lies beside it."""

    installation: Installation
    actor: Actor
    folder: Path
    case: str = "C-1"

    def picture(self, name: str, seed: int | None = None, quality: int = 90) -> Path:
        path = self.folder / name
        path.write_bytes(jpeg(next(seeds) if seed is None else seed, quality))
        return path

    def enter(self, *paths: Path, **terms: object) -> list[Entered]:
        given = Terms(**{"case": self.case, "category": Category.CATEGORY_1, **terms})  # type: ignore[arg-type]
        return list(enter_files(self.installation, self.actor, paths, given))

    def ask(self, *items: Path | str) -> list[Answer]:
        return list(ask(self.installation, self.actor, items))

    def ask_texts(self, texts: Sequence[str]) -> list[Answer]:
        return ask_texts(self.installation, self.actor, texts)


class Desks:
    def __init__(self, installation: Installation, officers: Officers, folder: Path) -> None:
        self._installation, self._officers, self._folder = installation, officers, folder

    def of(self, country: str) -> Desk:
        actor = self._officers.of(country)
        folder = self._folder / str(actor.unit)
        folder.mkdir()
        open_case(self._installation, actor, "C-1")
        return Desk(self._installation, actor, folder)
