"""Where Django looks for models."""

from concord.access.audit import AuditEntry

__all__ = ["AuditEntry"]
