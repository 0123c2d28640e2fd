"""The database: the embedded server, its roles, and on whose behalf a transaction runs."""
