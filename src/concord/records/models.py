"""Where Django looks for models. One noun a file; the order is the order of reading."""

from concord.records.alert import Alert, Trace
from concord.records.case import Case, Contribution
from concord.records.country import Country, Unit
from concord.records.fingerprint import Fingerprint, FingerprintRemoval
from concord.records.group import Group, Member
from concord.records.intake import Intake, IntakeItem
from concord.records.material import Instance, Material
from concord.records.ordinary import OrdinaryDigest, OrdinaryList
from concord.records.person import Appearance, Person
from concord.records.proposal import Proposal, ProposalSubject, ProposalVoice
from concord.records.restriction import Restriction
from concord.records.series import Membership, Series
from concord.records.statement import Statement
from concord.records.suspension import Suspension
from concord.records.user import Certificate, Grant, Profile, Token, User

__all__ = [
    "Alert", "Appearance", "Case", "Certificate", "Contribution", "Country", "Fingerprint", "FingerprintRemoval", "Grant",
    "Group", "Instance", "Intake", "IntakeItem", "Material", "Member", "Membership", "OrdinaryDigest", "OrdinaryList",
    "Person", "Profile", "Proposal", "ProposalSubject", "ProposalVoice", "Restriction", "Series", "Statement", "Suspension",
    "Token", "Trace", "Unit", "User",
]  # fmt: skip
