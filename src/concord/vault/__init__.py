"""The vault: files under encryption, found by the keyed hash of their content (docs/vault-format.md)."""
