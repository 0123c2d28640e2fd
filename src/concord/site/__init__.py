"""The only wiring: settings, addresses, and the opening of an installation."""
