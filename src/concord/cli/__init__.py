"""The terminal's door: one command a module, each thin over one action."""
