"""Pure functions from bytes and arrays to what is compared: exact digests, and one file a kind of fingerprint."""
