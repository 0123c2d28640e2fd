"""The address at which a server is to listen: looked at before the server starts, since the server itself would not say.

Its processes share a port by SO_REUSEPORT, so a second server of the same user would silently get half of the requests.
"""

import errno
import os
import socket
from typing import Any

from concord.errors import AddressTaken, UnfitAddress

ANSWERS_WITHIN_SECONDS = 2.0
HERE = ("127.0.0.1", "::1", "0.0.0.0", "::")  # listening there, one is found under localhost  # noqa: S104


def free_address(host: str, port: int) -> str:
    """`host` as the number to listen at, where nobody listens at this port. Raises AddressTaken, UnfitAddress."""
    family, address = _resolved(host, port)
    cause = _refusal(family, address, socket.SO_REUSEADDR)
    if cause == errno.EADDRINUSE:
        # Connections of a server that just ended linger (TIME_WAIT) and refuse this too, as they would share the port
        # only with their like: then nobody answers, and a socket that shares may have it.
        if _answers(family, address):
            raise AddressTaken(host=host, port=port)
        cause = _refusal(family, address, socket.SO_REUSEPORT)
    if cause == errno.EADDRINUSE:
        raise AddressTaken(host=host, port=port)
    if cause:
        raise UnfitAddress(host=host, port=port, cause=os.strerror(cause))
    return str(address[0])


def _refusal(family: socket.AddressFamily, address: tuple[Any, ...], option: int) -> int:
    """The number of the error when one listens there with this option; 0 for none."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, option, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            return error.errno or errno.EINVAL
    return 0


def _answers(family: socket.AddressFamily, address: tuple[Any, ...]) -> bool:
    """Whether anybody takes a connection there, or leaves it waiting."""
    with socket.socket(family, socket.SOCK_STREAM) as caller:
        caller.settimeout(ANSWERS_WITHIN_SECONDS)
        return caller.connect_ex(address) != errno.ECONNREFUSED


def page_address(host: str, port: int, origin: str | None = None) -> str:
    """Where people open the pages: `origin` where it is configured, else as a browser takes host and port.

    This machine is called by its name, not by its number: passkeys belong to a name.
    """
    if origin:
        return f"{origin}/"
    if host in HERE:
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    """IPv4 first, as the default is. Raises UnfitAddress."""
    if not host:  # it would mean every address there is, and is a variable that is not set
        raise UnfitAddress(host="(empty)", port=port, cause="no name of a host")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise UnfitAddress(host=host, port=port, cause=error.strerror) from error
    except ValueError as error:  # no name that the network knows, such as one with an overlong part
        raise UnfitAddress(host=host, port=port, cause="no name of a host") from error
    family, _, _, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, address
