import subprocess
import sys
from pathlib import Path

import pytest

from concord.errors import DecodingOverran
from concord.fingerprints.kind import Fingerprint
from concord.jail.archive_findings import READ_ARCHIVE
from concord.jail.findings import EXAMINE_PICTURE
from concord.jail.messages import Job
from concord.jail.pool import Jail
from concord.jail.reduced import REDUCE_PICTURE
from concord.jail.table import FUNCTIONS

from .conftest import Descriptor
from .golden import golden_files
from .scenes import JPEG_MODES, PNG_MODES, in_mode, jpeg, scene, stored

FORBIDDEN = ("django", "psycopg", "cryptography", "concord.records", "concord.database", "concord.access")


def test_a_worker_imports_nothing_that_knows_records_or_the_database() -> None:
    code = f"import sys, concord.jail.worker; print([name for name in {FORBIDDEN!r} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


IMPORTS_WHILE_WORKING = """
import os, sys
import concord.jail.worker
from concord.config import Limits
from concord.jail.picture import examine_picture
before = set(sys.modules)
for path in sys.argv[1:]:
    examine_picture(os.open(path, os.O_RDONLY), Limits())
print(sorted(set(sys.modules) - before))
"""


def test_everything_is_imported_before_the_first_picture(tmp_path: Path) -> None:
    made = [stored(in_mode(scene(), mode), 6, "JPEG") for mode in JPEG_MODES]
    made += [stored(in_mode(scene(), mode), 6, "PNG") for mode in PNG_MODES]
    made += [b"words", jpeg()[:-100], jpeg()[:30]]
    made += [data[:length] for _, data in golden_files() for length in (len(data), len(data) // 2)]
    for number, data in enumerate(made):
        (tmp_path / str(number)).write_bytes(data)
    command = [sys.executable, "-I", "-c", IMPORTS_WHILE_WORKING, *map(str, tmp_path.iterdir())]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_table_holds_the_named_jobs_and_no_more() -> None:
    assert set(FUNCTIONS) == {EXAMINE_PICTURE.name, REDUCE_PICTURE.name, READ_ARCHIVE.name}


def test_an_unknown_job_and_unknown_arguments_are_failures_of_that_item(descriptor_of: Descriptor) -> None:
    with Jail(workers=1) as jail:
        descriptor = descriptor_of(jpeg())
        with pytest.raises(DecodingOverran, match=r"a\.jpg.*KeyError.*remove_everything"):
            jail.run(Job("remove_everything", object), descriptor, "a.jpg")
        with pytest.raises(DecodingOverran, match=r"a\.jpg.*TypeError.*colour"):
            jail.run(EXAMINE_PICTURE, descriptor, "a.jpg", colour="red")
        assert isinstance(jail.run(EXAMINE_PICTURE, descriptor, "a.jpg").fingerprints[0], Fingerprint)
