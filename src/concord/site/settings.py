"""Django's settings as a function of the configuration: nothing here reads the environment."""

from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from concord.config import Config

WEB = Path(__file__).parent.parent / "web"


def settings_for(config: Config) -> dict[str, Any]:
    """All but the database and the secret, which come with an open installation."""
    return {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]", *config.hosts],
        "INSTALLED_APPS": ["concord.records.apps.Records", "concord.access.apps.Access", "django.contrib.staticfiles"],
        "ROOT_URLCONF": "concord.site.urls",
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "concord.web.headers.StrictHeaders",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django_htmx.middleware.HtmxMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [WEB / "templates"],
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        "STATIC_URL": "/static/",
        "STATICFILES_DIRS": [WEB / "static", _htmx()],
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_SAMESITE": "Strict",
        "CSRF_FAILURE_VIEW": "concord.web.pages.csrf_failure",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": config.limits.request_bytes,
        "FILE_UPLOAD_MAX_MEMORY_SIZE": config.limits.request_bytes,  # seized bytes never lie in a temporary folder
        "FILE_UPLOAD_HANDLERS": ["django.core.files.uploadhandler.MemoryFileUploadHandler"],
        "DATA_UPLOAD_MAX_NUMBER_FILES": 200,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "USE_I18N": False,
        "LOGGING_CONFIG": None,
    }


def database_for(conninfo: str) -> dict[str, Any]:
    """Django's form of a libpq connection string."""
    facts = conninfo_to_dict(conninfo)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": facts.pop("dbname", ""),
        "USER": facts.pop("user", ""),
        "PASSWORD": facts.pop("password", ""),
        "HOST": facts.pop("host", ""),
        "PORT": facts.pop("port", ""),
        "OPTIONS": facts,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }


def _htmx() -> Path:
    """htmx as the django-htmx wheel ships it: no download, no Node."""
    import django_htmx

    return Path(django_htmx.__file__).parent / "static"
