"""Where Django looks for models."""

from concord.access.approval import Approval, Second
from concord.access.audit import AuditEntry
from concord.access.challenge import SpentChallenge
from concord.access.glass import Glass
from concord.access.meter import ReadingAlert, Spent, Widening
from concord.access.passkey import Invitation, Passkey
from concord.access.provider import Link, Provider
from concord.access.recovery import RecoveryCode
from concord.access.removal import Removal
from concord.access.session import Session
from concord.access.tries import Tries

__all__ = [
    "Approval",
    "AuditEntry",
    "Glass",
    "Invitation",
    "Link",
    "Passkey",
    "Provider",
    "ReadingAlert",
    "RecoveryCode",
    "Removal",
    "Second",
    "Session",
    "Spent",
    "SpentChallenge",
    "Tries",
    "Widening",
]
