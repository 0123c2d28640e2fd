import pytest

from concord.actions.installation import Installation
from tests.web.visitor import Visitor


@pytest.fixture
def visitor(installation: Installation) -> Visitor:
    return Visitor(installation)
