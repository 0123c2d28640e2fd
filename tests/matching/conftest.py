import pytest

from .engines import ENGINES, Engine


@pytest.fixture(params=list(ENGINES.values()), ids=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Engine:
    """Makes an empty index."""
    made: Engine = request.param
    return made
