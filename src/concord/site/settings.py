"""Django's settings as a function of the configuration: nothing here reads the environment."""

from pathlib import Path
from typing import Any

from concord.config import Config
from concord.database.cluster import DATABASE
from concord.database.reach import Reach

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
        ],
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [WEB / "templates"],
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        "STATIC_URL": "/static/",
        "STATICFILES_DIRS": [WEB / "static"],
        "WHITENOISE_USE_FINDERS": True,
        "WHITENOISE_AUTOREFRESH": False,
        "WHITENOISE_ALLOW_ALL_ORIGINS": False,
        # Of the proxy that adds TLS: without it the pages' forms are refused there. Whoever forges it only gets
        # stricter checks, and a cookie that his browser does not send back.
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
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
