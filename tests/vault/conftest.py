"""A vault with small frames, on both kinds of place a shelf can be: a folder, and a store that answers for itself."""

from pathlib import Path

import pytest
from obstore.store import LocalStore, MemoryStore

from concord.vault.keys import Keys, make_keys
from concord.vault.objects import Vault
from concord.vault.shelf import Shelf


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return make_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "objects"
    place.mkdir()
    return place


@pytest.fixture
def vault(folder: Path, keys: Keys) -> Vault:
    """In `folder`, whose files a test may look at."""
    return Vault(Shelf(LocalStore(folder)), keys, frame_bytes=64)


@pytest.fixture(params=["folder", "store"])
def any_vault(request: pytest.FixtureRequest, folder: Path, keys: Keys) -> Vault:
    store = LocalStore(folder) if request.param == "folder" else MemoryStore()
    return Vault(Shelf(store), keys, frame_bytes=64)
