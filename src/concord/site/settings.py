"""Django's settings as a function of the configuration: nothing here reads the environment."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from concord.config import Config
from concord.database.cluster import DATABASE
from concord.database.reach import Reach

WEB = Path(__file__).parent.parent / "web"


def settings_for(config: Config) -> dict[str, Any]:
    """All but the database and the secret, which come with an open installation."""
    return {
        "DEBUG": False,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1", "[::1]", *config.hosts, *_host_of(config.origin)],
        "INSTALLED_APPS": ["concord.records.apps.Records", "concord.access.apps.Access", "django.contrib.staticfiles"],
        "ROOT_URLCONF": "concord.site.urls",
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            "concord.web.headers.StrictHeaders",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [WEB / "templates"],
                "OPTIONS": {
                    "context_processors": ["django.template.context_processors.request", "concord.web.headers.nonce"]
                },
            }
        ],
        "STATIC_URL": "/static/",
        "STATICFILES_DIRS": [WEB / "static"],
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,
        # Where the origin is configured, it alone says whether there is TLS. Without, a proxy that adds it says so: else
        # the pages' forms are refused there. Whoever forges that header only gets stricter checks, and a cookie that his
        # browser does not send back.
        "SECURE_PROXY_SSL_HEADER": None if config.origin else ("HTTP_X_FORWARDED_PROTO", "https"),
        "CSRF_TRUSTED_ORIGINS": [config.origin] if config.origin else [],
        "CSRF_COOKIE_SECURE": (config.origin or "").startswith("https:"),
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


def _host_of(origin: str | None) -> list[str]:
    return [host] if origin and (host := urlsplit(origin).hostname) else []


def database_for(reach: Reach | None) -> dict[str, Any]:
    """A database as Django knows it: our engine, which is told by `reach` where to connect. None: nowhere."""
    return {
        "ENGINE": "concord.database.engine",
        "NAME": DATABASE,
        "REACH": reach,
        "OPTIONS": {"prepare_threshold": 1},  # lets `acting.rows` prepare; Django's own statements never are
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
