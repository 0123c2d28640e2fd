"""Who may sign in, and as what. Kept by the administration; the program learns of them through definer functions."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from concord.records.assertion import one_of
from concord.records.country import Unit
from concord.records.restriction import Handling
from concord.values import Basis, Coded, Purpose


class UserRole(Coded):
    """What a user is there for; one may have several. What each may do stands in access/duties.py."""

    OFFICER = "OFFICER"
    ANALYST = "ANALYST"
    SUPERVISOR = "SUPERVISOR"
    NATIONAL_ADMINISTRATOR = "NATIONAL-ADMINISTRATOR"
    HUB_ADMINISTRATOR = "HUB-ADMINISTRATOR"
    AUDITOR = "AUDITOR"
    DATA_PROTECTION = "DATA-PROTECTION"
    TRAINER = "TRAINER"


class User(models.Model):
    """A person of a unit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.TextField()
    active = models.BooleanField(default=True)
    clearance = models.TextField(default=Handling.OFFICIAL, db_default=Handling.OFFICIAL.value)

    class Meta:
        db_table = "app_user"  # `user` is a reserved word
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="app_user_name"),
            one_of("clearance", Handling, "app_user_clearance"),
        ]


class Grant(models.Model):
    """A user holds a role, by the word of an administrator of his own country, or of whoever founded the country here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.TextField()
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: at the founding
    granted_at = models.DateTimeField()
    revoked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "role_grant"  # `grant` is a reserved word
        constraints = [
            one_of("role", UserRole, "role_grant_role"),
            models.UniqueConstraint(
                fields=["user", "role"], condition=models.Q(revoked_at=None), name="role_grant_once"
            ),
        ]


class Certificate(models.Model):
    """A user has been trained. While one is valid, real material is open to him; without, synthetic material alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    course = models.TextField()
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # null: at the founding
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "certificate"
        indexes = [models.Index(fields=["user"], name="certificate_user")]


class Profile(models.Model):
    """A user at work: with what purpose and on what legal basis, unless said otherwise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.TextField()
    default_purpose = models.TextField(null=True)  # null: each act must give one
    default_basis = models.TextField(null=True)
    active = models.BooleanField(default=True)

    class Meta:
        db_table = "profile"
        constraints = [
            models.UniqueConstraint(fields=["user", "name"], name="profile_name"),
            one_of("default_purpose", Purpose, "profile_purpose"),
            one_of("default_basis", Basis, "profile_basis"),
        ]


class Token(models.Model):
    """Signs a profile in over HTTP. The secret is shown once and kept nowhere; here is its SHA-256."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    profile = models.ForeignKey(Profile, models.PROTECT, related_name="+")
    label = models.TextField()
    secret_sha256 = models.BinaryField(unique=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    scopes = ArrayField(models.TextField(), null=True)  # verbs that it opens; null: all that the profile may
    single_use = models.BooleanField(default=False)  # a persona link of a demo home
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "token"
