"""What a worker can do: nothing but this."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from concord.jail.archive import read_archive
from concord.jail.archive_findings import READ_ARCHIVE
from concord.jail.findings import EXAMINE_PICTURE
from concord.jail.picture import examine_picture
from concord.jail.reduced import REDUCE_PICTURE, reduce_picture

# Each takes the input as a stream that can seek, the limits and the request's arguments. A generator's values are sent
# one by one.
FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        EXAMINE_PICTURE.name: examine_picture,
        REDUCE_PICTURE.name: reduce_picture,
        READ_ARCHIVE.name: read_archive,
    }
)
