"""Makes the records known to Django."""

from django.apps import AppConfig


class Records(AppConfig):
    name = "concord.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"
