"""All settings. Each SANNENG_* variable is named here once, with a default that is safe."""

from __future__ import annotations

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from sanneng.config import environment as env
from sanneng.config.logs import logging_config

PACKAGE = Path(__file__).resolve().parent.parent

# Where an installation keeps what is its own: database, evidence files, secrets.
HOME = Path(env.text("SANNENG_HOME", "var")).resolve()
HOME.mkdir(parents=True, exist_ok=True)

# Development mode: readable logs and full error pages. Off unless asked for.
DEBUG = env.flag("SANNENG_DEBUG", False)

# Whether people reach the site over HTTPS. On unless the site is served on this machine alone.
HTTPS = env.flag("SANNENG_HTTPS", True)

# Whether a proxy of ours ends TLS and says who asks (X-Forwarded-Proto, X-Forwarded-For).
BEHIND_PROXY = env.flag("SANNENG_BEHIND_PROXY", False)

# Signing key; kept in HOME/secret_key when the variable is not given. This and the other
# secrets may also be named by a file: SANNENG_SECRET_KEY_FILE, SANNENG_DATABASE_URL_FILE,
# SANNENG_METRICS_TOKEN_FILE.
SECRET_KEY = env.kept_secret("SANNENG_SECRET_KEY", HOME / "secret_key")

# Who shows this token may read /metrics from another machine; without it only this machine may.
METRICS_TOKEN = env.secret("SANNENG_METRICS_TOKEN")
# Where several processes of one site keep their counts; ``sanneng serve`` names it.
METRICS_FOLDER = env.text("PROMETHEUS_MULTIPROC_DIR")

# Host names by which the site is reached, separated by commas.
ALLOWED_HOSTS = env.listed("SANNENG_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.listed("SANNENG_TRUSTED_ORIGINS")

# postgresql://user:password@host:port/name; SQLite in HOME/db.sqlite3 when empty.
DATABASES = {
    "default": env.database(env.secret("SANNENG_DATABASE_URL"), HOME / "db.sqlite3"),
}

# A site that others reach starts neither in development mode nor with a secret that is known.
if HTTPS:
    if DEBUG:
        raise ImproperlyConfigured("SANNENG_DEBUG must be off where the site is served over HTTPS.")
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SANNENG_SECRET_KEY is too short; use 50 random characters.")
    if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
        raise ImproperlyConfigured("SANNENG_METRICS_TOKEN is too short; use 20 random characters.")
    env.refuse_samples(
        SANNENG_SECRET_KEY=SECRET_KEY,
        SANNENG_METRICS_TOKEN=METRICS_TOKEN,
        SANNENG_DATABASE_URL=str(DATABASES["default"].get("PASSWORD", "")),
    )

# Evidence files, stored by digest and served only through a permission check.
EVIDENCE_ROOT = HOME / "evidence"
EVIDENCE_MAX_BYTES = 20 * 1024 * 1024
# Digest of the audit log: sha256, or sm3 where national cryptography is asked for.
AUDIT_DIGEST = env.one_of("SANNENG_AUDIT_DIGEST", "sha256", ("sha256", "sm3"))
# Reports that were generated.
REPORTS_ROOT = HOME / "reports"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "sanneng.core",
    "sanneng.people",
    "sanneng.teaching",
    "sanneng.research",
    "sanneng.indicators",
    "sanneng.reports",
    "sanneng.web",
]

MIDDLEWARE = [
    "sanneng.web.middleware.measured",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sanneng.web.middleware.origin",
]

ROOT_URLCONF = "sanneng.config.urls"
WSGI_APPLICATION = "sanneng.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

AUTH_USER_MODEL = "core.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = env.text("SANNENG_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Indicators as SQL, from one process to the next; safe to delete at any time.
    "compiled": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": HOME / "cache",
        "TIMEOUT": 30 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 3000},
    },
}
STATIC_ROOT.mkdir(exist_ok=True)
# Files are served straight from the package: the set is small, and nothing has to be collected.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Nothing inline, nothing evaluated, nothing from another host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    # Asked on this machine, past the proxy that ends TLS.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if BEHIND_PROXY:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# JSON lines where a machine reads the log, plain lines where a person does.
LOGGING_CONFIG = None
LOG_JSON = env.flag("SANNENG_LOG_JSON", HTTPS)
LOG_LEVEL = env.text("SANNENG_LOG_LEVEL", "INFO")
logging_config(as_json=LOG_JSON, level=LOG_LEVEL)
