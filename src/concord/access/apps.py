"""Makes the audit entry known to Django."""

from django.apps import AppConfig


class Access(AppConfig):
    name = "concord.access"
    label = "access"
    default_auto_field = "django.db.models.BigAutoField"
