"""Settings of every Hansom process, read from the environment once.

`ops/services.py` writes `var/env` (ports, passwords, secret key); the values found there serve as defaults so that
`./manage.py` works in a shell without any preparation. In production every `HANSOM_*` variable comes from outside.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

BASE_DIR = Path(__file__).resolve().parent.parent


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.partition("=") for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return {key: value for key, _, value in lines}


HANSOM_VAR = Path(os.environ.get("HANSOM_VAR", BASE_DIR / "var"))
_DEFAULTS = _read_env_file(HANSOM_VAR / "env")


def env(name: str, default: str = "") -> str:
    return os.environ.get(name) or _DEFAULTS.get(name) or default


def env_list(name: str, default: str) -> list[str]:
    return [item.strip() for item in env(name, default).split(",") if item.strip()]


DEBUG = env("HANSOM_DEBUG") == "1"
# Without a key from outside or from var/env each process gets a random one: sessions then end with the process,
# and nothing weak is ever in use.
SECRET_KEY = env("HANSOM_SECRET_KEY") or os.urandom(48).hex()
ALLOWED_HOSTS = env_list("HANSOM_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
WEB_PORT = int(env("HANSOM_WEB_PORT", "8000"))
WS_PORT = int(env("HANSOM_WS_PORT", "8001"))
# Browsers may open sockets from these origins only, and POST from them.
HANSOM_ORIGINS = env_list("HANSOM_ORIGINS", f"http://127.0.0.1:{WEB_PORT},http://localhost:{WEB_PORT}")
CSRF_TRUSTED_ORIGINS = HANSOM_ORIGINS
# Where a browser finds the socket server; empty: same host as the page, on the socket port.
HANSOM_WS_URL = env("HANSOM_WS_URL")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.gis",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "django_vite",
    "geofence",
    "fleet",
    "dispatch",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fleet.base.limits.BodyLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "fleet.base.csp.ContentSecurityPolicyMiddleware",
]

ROOT_URLCONF = "fleet.urls"
WSGI_APPLICATION = "fleet.wsgi.application"
ASGI_APPLICATION = "fleet.asgi.application"
# Each app's websocket routes, for the socket server.
HANSOM_SOCKETS = ["fleet.sockets", "dispatch.sockets"]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "fleet.base.context.page_context",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": env("HANSOM_DB_NAME", "hansom"),
        "USER": env("HANSOM_DB_USER", "hansom"),
        "PASSWORD": env("HANSOM_DB_PASSWORD"),
        "HOST": env("HANSOM_DB_HOST", "127.0.0.1"),
        "PORT": env("HANSOM_DB_PORT", "5432"),
        # WSGI threads keep their connection; the socket server closes its own (see fleet.gateway).
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": env("HANSOM_PROCESS", "hansom")},
    }
}
# Debian 12's GDAL is older than 3.9. The check warns of spatial references from outside; none ever reaches GDAL here,
# because geometry is rebuilt from its coordinates (geofence.zones.domain.geometry).
SILENCED_SYSTEM_CHECKS = ["gis.W001"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

_redis_base = env("HANSOM_REDIS_URL", "redis://127.0.0.1:6379/0")
HANSOM_REDIS_URL = _redis_base.rsplit("/", 1)[0] + "/" + env("HANSOM_REDIS_DB", _redis_base.rsplit("/", 1)[1])

AUTH_USER_MODEL = "fleet.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env("HANSOM_HTTPS") == "1"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [path for path in [BASE_DIR / "frontend" / "dist"] if path.is_dir()]
# Files are served from where they are: no collectstatic between a build and a look at it.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DJANGO_VITE = {"default": {"dev_mode": False, "manifest_path": BASE_DIR / "frontend" / "dist" / "manifest.json"}}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "fleet.access.authentication.TokenAuthentication",
        "fleet.access.authentication.SessionAuthentication",
    ],
    # A view that declares nothing is closed to everybody (and fails a test).
    "DEFAULT_PERMISSION_CLASSES": ["fleet.access.permissions.Undeclared"],
    "DEFAULT_PARSER_CLASSES": ["fleet.base.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "fleet.base.api_schema.ApiSchema",
    "DEFAULT_PAGINATION_CLASS": "fleet.base.pagination.NewestFirst",
    "PAGE_SIZE": 50,
    "EXCEPTION_HANDLER": "fleet.base.errors.problem_response",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "Hansom",
    "DESCRIPTION": "Robotaxi fleet operations: book and follow rides, watch and direct cars. "
    "Errors are RFC 9457 problem details (`application/problem+json`). "
    "Every POST that creates or commands takes an `Idempotency-Key`.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"VehicleStateEnum": "fleet.vehicles.api.STATES"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "fleet.base.api_schema.tags",
        "fleet.base.api_schema.problems",
    ],
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "docExpansion": "list",
        "defaultModelsExpandDepth": 0,
        "displayRequestDuration": True,
        "filter": True,
    },
    "SERVE_PERMISSIONS": ["fleet.access.permissions.PublicDocs"],
}

CELERY_BROKER_URL = HANSOM_REDIS_URL
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1200
}  # longer than any task: a task must not be given out twice
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("HANSOM_LOG_LEVEL", "INFO")},
    "loggers": {"httpx": {"level": "WARNING"}},  # a line for each request of the demand player tells nobody anything
}

# --- Hansom's own ------------------------------------------------------------------------------------------------
HANSOM_MAP_DIR = Path(env("HANSOM_MAP_DIR", str(HANSOM_VAR / "map")))
HANSOM_KEYS_DIR = Path(env("HANSOM_KEYS_DIR", str(HANSOM_VAR / "keys")))
HANSOM_CARS_DIR = Path(env("HANSOM_CARS_DIR", str(HANSOM_VAR / "cars")))
# The drivers' releases, one folder each: weights and a manifest with their scores.
HANSOM_RELEASES_DIR = Path(env("HANSOM_RELEASES_DIR", str(BASE_DIR / "autonomy" / "releases")))
# The side of the road that traffic keeps to, "right" or "left": on it lie the kerbs where people board.
HANSOM_DRIVING_SIDE = env("HANSOM_DRIVING_SIDE", "right")
HANSOM_MAX_BODY_BYTES = 256 * 1024
HANSOM_MAX_JSON_DEPTH = 16
# How much faster than the wall clock the cars' world runs; proofs only. Reports multiply wall durations by it.
HANSOM_TIME_FACTOR = float(env("HANSOM_TIME_FACTOR", "1"))

# All durations of the platform in one place, in wall seconds.
HANSOM_TIMING: dict[str, float] = {
    "quote_ttl_s": float(env("HANSOM_QUOTE_TTL_S", "120")),  # a quote not booked by then expires
    "match_patience_s": float(env("HANSOM_MATCH_PATIENCE_S", "900")),  # a ride without a car by then is rejected
    "no_show_s": float(env("HANSOM_NO_SHOW_S", "300")),  # the car waits this long for its rider
    "heartbeat_s": float(
        env("HANSOM_HEARTBEAT_S", "2")
    ),  # each side of a car's link says something at least this often
    "silent_s": float(env("HANSOM_SILENT_S", "10")),  # a car not heard for this long is non-contactable
    "rematch_silent_s": float(env("HANSOM_REMATCH_SILENT_S", "30")),  # and loses a rider that it has not met yet
    "rescue_silent_s": float(env("HANSOM_RESCUE_SILENT_S", "180")),  # and one on board, for whom another car is sent
    "tick_s": float(env("HANSOM_TICK_S", "2")),  # the dispatcher's beat
    "lease_s": float(env("HANSOM_LEASE_S", "6")),  # a dispatcher not heard for this long loses the lease
    "receipts_every_s": float(env("HANSOM_RECEIPTS_EVERY_S", "10")),  # how often waiting receipts are written
    "command_ttl_s": 5.0,  # motion-affecting commands
    "mission_answer_s": float(env("HANSOM_MISSION_ANSWER_S", "15")),  # and a car that is heard answers within
    "mission_ttl_s": 60.0,  # missions, re-issued on every reconnect
    "stale_position_s": 10.0,  # older positions are shown as stale and not dispatched
}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "telemetry-partitions": {"task": "fleet.telemetry.keep_partitions", "schedule": timedelta(hours=6)},
    "receipts": {"task": "dispatch.issue_receipts", "schedule": HANSOM_TIMING["receipts_every_s"]},
}
# Upfront price in minor units of the currency.
HANSOM_TARIFF: dict[str, Any] = {
    "currency": env("HANSOM_CURRENCY", "EUR"),
    "base_minor": 250,
    "per_km_minor": 140,
    "per_min_minor": 25,
    "minimum_minor": 500,
}
HANSOM_TELEMETRY_DAYS = int(env("HANSOM_TELEMETRY_DAYS", "30"))  # history older than this is dropped
HANSOM_MAX_OPEN_RIDES_PER_RIDER = int(env("HANSOM_MAX_OPEN_RIDES_PER_RIDER", "2"))
