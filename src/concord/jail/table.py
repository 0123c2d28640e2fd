"""What a worker can do: nothing but this."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from concord.jail.findings import EXAMINE_PICTURE
from concord.jail.picture import examine_picture

# Each takes the descriptor, the limits and the request's arguments.
FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        EXAMINE_PICTURE.name: examine_picture,
    }
)
