"""Where Django looks for models. One noun a file; the order is the order of reading."""

from concord.records.case import Case, Contribution
from concord.records.country import Country, Unit
from concord.records.fingerprint import Fingerprint, FingerprintRemoval
from concord.records.intake import Intake, IntakeItem
from concord.records.material import Instance, Material
from concord.records.ordinary import OrdinaryDigest, OrdinaryList
from concord.records.person import Appearance, Person
from concord.records.restriction import Restriction
from concord.records.series import Membership, Series
from concord.records.statement import Statement
from concord.records.user import Certificate, Grant, Profile, Token, User

__all__ = [
    "Appearance", "Case", "Certificate", "Contribution", "Country", "Fingerprint", "FingerprintRemoval", "Grant",
    "Instance", "Intake", "IntakeItem", "Material", "Membership", "OrdinaryDigest", "OrdinaryList", "Person", "Profile",
    "Restriction", "Series", "Statement", "Token", "Unit", "User",
]  # fmt: skip
