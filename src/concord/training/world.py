"""The synthetic world: who holds which picture, who asks what, and what the answer must be. All from one seed."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from concord.errors import UnknownRecord
from concord.training.camera import Camera
from concord.training.copies import copy_named, decoded, encoded
from concord.training.names import Unit
from concord.training.render import render
from concord.training.rooms import make_room
from concord.values import Basis, Category, CountryCode, Purpose

Role = Literal["victim", "suspect"]
State = Literal["unidentified", "identified"]
Answer = Literal["NEW", "KNOWN", "PARTLY_IDENTIFIED", "IDENTIFIED"]
Match = Literal["exact", "near", "none"]


@dataclass(frozen=True, slots=True)
class Case:
    reference: str
    unit: CountryCode
    purpose: Purpose
    basis: Basis


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    role: Role
    owner: CountryCode  # the unit that keeps the record
    state: State


@dataclass(frozen=True, slots=True)
class Picture:
    key: str
    room: int  # its seed
    camera: Camera
    file_name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A unit enters a picture in one of its cases."""

    unit: CountryCode
    picture: str
    case: str
    category: Category
    persons: tuple[str, ...] = ()  # keys of those recorded in it; empty: nobody is recorded
    restricted: bool = False  # to the unit's own country
    series: str | None = None  # None: belongs to no series


@dataclass(frozen=True, slots=True)
class Question:
    """A unit asks for a picture, or for an edited copy of it, after all entries are made."""

    key: str
    unit: CountryCode
    picture: str
    copy: str | None  # a name in copies.COPIES; None: the very file
    answer: Answer
    match: Match
    why: str


@dataclass(frozen=True, slots=True)
class World:
    seed: int
    width_pixels: int
    height_pixels: int
    units: tuple[Unit, ...]
    cases: tuple[Case, ...]
    persons: tuple[Person, ...]
    pictures: tuple[Picture, ...]
    entries: tuple[Entry, ...]
    questions: tuple[Question, ...]

    def picture(self, key: str) -> bytes:
        """The file, rendered now or remembered: a JPEG, the same at every call. Raises UnknownRecord."""
        plan = self.plan_of(key)
        return _file(plan.room, plan.camera, self.width_pixels, self.height_pixels)

    def plan_of(self, key: str) -> Picture:
        for picture in self.pictures:
            if picture.key == key:
                return picture
        raise UnknownRecord(what="picture", name=key)

    def question_bytes(self, question: Question) -> bytes:
        """The file that is asked. Raises UnknownRecord or UnknownCode where the question is not of this world."""
        original = self.picture(question.picture)
        return original if question.copy is None else copy_named(question.copy).make(decoded(original))

    def question_name(self, question: Question) -> str:
        """A file name for it. A copy's suffix is the one of its format."""
        name = self.plan_of(question.picture).file_name
        return name if question.copy is None else f"{name[:-4]}_{question.copy}{copy_named(question.copy).suffix}"


@lru_cache(maxsize=64)
def _file(room: int, camera: Camera, width: int, height: int) -> bytes:
    return encoded(render(make_room(room), camera, width, height))
