from tests.cli.conftest import clerk, clerk_of, terminal

__all__ = ["clerk", "clerk_of", "terminal"]
