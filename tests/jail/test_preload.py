import subprocess
import sys

AFTERWARDS = """
import io, sys
from concord.jail.preload import ENCODINGS, preload
preload()

class Refusing:
    def find_spec(self, name, path=None, target=None):
        raise ImportError(f"{name} is imported late")

sys.meta_path.insert(0, Refusing())
"""
TEXTS = """
for name in ENCODINGS:
    if name not in ("hex", "base64", "zlib"):
        assert "abc".encode(name).decode(name) == "abc", name
"""
ARCHIVES = """
import tarfile, zipfile
for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("a", b"words")
    assert zipfile.ZipFile(file).read("a") == b"words"
for mode in ("w:", "w:gz", "w:bz2", "w:xz"):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO(b""))
    file.seek(0)
    assert tarfile.open(fileobj=file).getnames() == ["a"]
"""
TIMES = """
import datetime
assert datetime.datetime.strptime("2024:05:06 07:08:09", "%Y:%m:%d %H:%M:%S").year == 2024
"""


def run(code: str) -> None:
    ended = subprocess.run([sys.executable, "-I", "-c", AFTERWARDS + code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_late_imports_are_seen_by_these_tests() -> None:
    ended = subprocess.run(
        [sys.executable, "-I", "-c", AFTERWARDS + "import antigravity"], capture_output=True, text=True
    )
    assert "antigravity is imported late" in ended.stderr


def test_texts_in_many_encodings_are_read() -> None:
    run(TEXTS)


def test_archives_of_every_method_are_read() -> None:
    run(ARCHIVES)


def test_times_are_read() -> None:
    run(TIMES)
