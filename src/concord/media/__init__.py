"""What to do with a file: find it, open it, examine it in the jail, look into it where it is an archive."""

from pathlib import Path

from concord.jail.pool import Jail
from concord.media.examine import Examination, Examiner
from concord.media.item import item_of, paths_of
from concord.media.members import is_archive, members, open_member, open_members
from concord.media.walk import walk, walk_names

__all__ = [
    "Examination",
    "Examiner",
    "fingerprint",
    "is_archive",
    "item_of",
    "members",
    "open_member",
    "open_members",
    "paths_of",
    "walk",
    "walk_names",
]


def fingerprint(path: Path | str) -> Examination:
    """Examines one file in a jailed worker of its own. For many files keep an Examiner. Raises ItemError."""
    path = Path(path)
    with Jail(workers=1) as jail:
        return Examiner(jail).examine(path, item_of(path))
