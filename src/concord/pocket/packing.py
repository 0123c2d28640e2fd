"""Makes the one file of this package: `concord-ask.pyz`, the same bytes from the same source."""

from __future__ import annotations

import zipfile
from pathlib import Path

START = b"#!/usr/bin/env python3\n"
MAIN = "from concord.pocket.__main__ import environ, main\nimport sys\nsys.exit(main(sys.argv[1:], environ))\n"
EPOCH = (1980, 1, 1, 0, 0, 0)


def pack(out: Path) -> None:
    """Source only, so that whoever carries it can read what it does. Replaces `out`."""
    here = Path(__file__).parent
    files = {f"concord/pocket/{path.name}": path.read_bytes() for path in sorted(here.glob("*.py"))}
    files["concord/__init__.py"] = b""
    files["__main__.py"] = MAIN.encode()
    with out.open("wb") as file:
        file.write(START)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name, EPOCH), content, zipfile.ZIP_DEFLATED)
    out.chmod(0o755)
