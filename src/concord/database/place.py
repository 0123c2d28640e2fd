"""Where an installation keeps its embedded server.

`home/database` is the server's place. Only when root starts it, and the account that runs it could not reach that
folder, data and locks lie under the system's state directory instead, in a folder named by the installation's random
id. Which of the two it is gets decided once and is written down in `home/database/installation`, so that neither a
change of permissions nor a home that was deleted and made anew ever leads to other data. With data elsewhere, the path
of the home is written down as well: a copy of the home would otherwise use the database of the first.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from concord.database.account import Account, make_directories, reachable_by_all
from concord.database.terms import Terms
from concord.errors import BadSetting, DatabaseUnavailable, HomeMoved


@dataclass(frozen=True, slots=True)
class Place:
    """The folders and files of one installation's server. `base` holds all but the first two."""

    folder: Path  # home/database
    base: Path  # the same, or under the state directory
    installation: str  # random, 32 hexadecimal digits
    account: Account  # runs the server and owns its data

    @property
    def made(self) -> Path:
        """Exists once the data have been made: from then on missing data are a loss and no reason to begin anew."""
        return self.folder / "made"

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def start_lock(self) -> Path:
        """Held while anybody decides whether the server starts or stops, until it has."""
        return self.base / "start.lock"

    @property
    def users_lock(self) -> Path:
        """Shared by all who use the server."""
        return self.base / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper as long as it lives; in it stands the keeper's word."""
        return self.base / "keeper.lock"

    @property
    def log(self) -> Path:
        return self.base / "server.log"

    @property
    def configuration(self) -> Path:
        return self.base / "server.conf"

    @property
    def readable_mode(self) -> int:
        """Of files that the server reads but others write."""
        return 0o644 if self.account.foreign else 0o600


def settle(home: Path, terms: Terms) -> Place:
    """The place of this home's server; decides on it and makes its folders the first time.

    Raises DatabaseUnavailable when the folder belongs to somebody else or its record is damaged, HomeMoved for a copy
    whose data lie elsewhere, BadSetting for a home whose name no configuration file can hold, OSError when a folder
    cannot be made.
    """
    if not str(home).isprintable():
        raise BadSetting(name="CONCORD_HOME", value=home, cause="a path of printable characters is needed")
    folder = home.absolute() / "database"
    mode = 0o755 if os.geteuid() == 0 else 0o700
    make_directories(folder, mode)
    _refuse_a_strangers(folder)
    installation, elsewhere = _record(folder, terms)
    base = elsewhere or folder
    make_directories(base, mode)
    return Place(folder, base, installation, _account(base / "data", terms))


def _refuse_a_strangers(folder: Path) -> None:
    owner = folder.stat().st_uid
    if owner != os.geteuid():
        cause = f"{folder} belongs to user id {owner}: run as that account, or choose another CONCORD_HOME"
        raise DatabaseUnavailable(cause=cause)


def _record(folder: Path, terms: Terms) -> tuple[str, Path | None]:
    path = folder / "installation"
    if not path.exists():
        _write_first(path, json.dumps(_decided(folder, terms)))
    try:
        facts = json.loads(path.read_text())
        installation, elsewhere = str(facts["installation"]), facts["elsewhere"] and Path(facts["elsewhere"])
        origin = facts.get("home") and Path(facts["home"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        cause = f"{path}, which says where the data lie, is damaged. Restore it from the backup"
        raise DatabaseUnavailable(cause=cause) from error
    if elsewhere and origin:  # not recorded by the first versions
        _refuse_a_copy(folder.parent, origin, data=elsewhere, record=path)
    return installation, elsewhere or None


def _refuse_a_copy(home: Path, origin: Path, **facts: Path) -> None:
    """Another path to the same folder will do: a link, or a second mount."""
    if home.resolve() != origin and not (origin.exists() and origin.samefile(home)):
        raise HomeMoved(home=home, origin=origin, **facts)


def _decided(folder: Path, terms: Terms) -> dict[str, str | None]:
    installation = os.urandom(16).hex()
    if os.geteuid() != 0 or reachable_by_all(folder):
        return {"installation": installation, "elsewhere": None}
    elsewhere = str(terms.state.absolute() / installation)
    return {"installation": installation, "elsewhere": elsewhere, "home": str(folder.parent.resolve())}


def _write_first(path: Path, text: str) -> None:
    """Whole or not at all, and only if nobody else was first."""
    draft = path.with_name(f".{path.name}-{os.urandom(4).hex()}")
    with draft.open("x") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _account(data: Path, terms: Terms) -> Account:
    if os.geteuid() != 0:
        return Account.mine()
    return Account.numbered(data.stat().st_uid) if data.exists() else Account.named(terms.account)
