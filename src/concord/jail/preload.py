"""Everything that decoding needs, loaded before the walls stand: behind them nothing can be imported any more.

Libraries load parts of themselves when first needed: Pillow its formats, Python its text encodings. One that is added
to the jail is loaded here; `tests/jail/test_preload.py` shows what was forgotten.
"""

import codecs
import contextlib
import importlib
import logging
import warnings

from PIL import Image

# Names in archives and notes in pictures come in these, besides UTF-8.
ENCODINGS = (
    *("ascii", "latin-1", "cp1252", "cp437", "cp850", "cp866", "cp932", "cp936", "cp949", "cp950", "cp1251", "cp1256"),
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"),
    *("shift_jis", "euc_jp", "iso2022_jp", "gb18030", "gbk", "big5", "euc_kr", "koi8-r", "mac-roman", "unicode-escape"),
    *("idna", "hex", "base64", "zlib"),
)
# Of the standard library, used by readers of pictures, their notes and archives only when they meet something.
MODULES = (
    "_strptime",
    "bz2",
    "calendar",
    "decimal",
    "fractions",
    "html",
    "lzma",
    "tarfile",
    "tempfile",
    "traceback",
    "zipfile",
)
MODULES_IF_THERE = ("pi_heif", "xml.etree.ElementTree", "defusedxml.ElementTree", "numpy.random")


def preload() -> None:
    """Once, before the walls."""
    Image.init()
    for name in ENCODINGS:
        codecs.lookup(name)
    for name in MODULES:
        importlib.import_module(name)
    for name in MODULES_IF_THERE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # Nobody would read them, and showing them means opening source files.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
