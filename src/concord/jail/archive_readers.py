"""Each archive format with its reader, which raises Damage, or an ItemError about the whole archive."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

from concord.config import Limits
from concord.jail.archive_7z import read_7z
from concord.jail.archive_entry import Entries
from concord.jail.archive_lone import read_packed
from concord.jail.archive_tar import read_tar
from concord.jail.archive_zip import read_zip

# Of a stream; those of SCATTERED formats take one that can seek.
READERS: Mapping[str, Callable[[Any, Limits], Entries]] = MappingProxyType(
    {
        "zip": read_zip,
        "7z": read_7z,
        "tar": lambda stream, _: read_tar(stream),
        **{packing: partial(read_packed, packing) for packing in ("gzip", "bzip2", "xz")},
    }
)
