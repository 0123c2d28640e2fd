"""Which decoder reads which format. A new one is one line here and its first bytes in `format.py`.

Importing this module imports every decoder, whole: once the walls stand, nothing more can be loaded.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from concord.jail.heif import open_heif
from concord.jail.jpeg import open_jpeg
from concord.jail.opened import Opened
from concord.jail.pillow import CLASSES, open_with_pillow
from concord.jail.png import open_png
from concord.jail.webp import open_webp

OPENERS: Mapping[str, Callable[[bytes], Opened]] = MappingProxyType(
    {name: partial(open_with_pillow, name) for name in CLASSES}
    | {"heif": open_heif, "jpeg": open_jpeg, "png": open_png, "webp": open_webp}
)
