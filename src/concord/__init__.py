"""Concord: a victim-identification database that police units of many countries query and fill together."""

__version__ = "0.1.0"
