"""All settings. Each SANNENG_* variable is named here once, with a default that is safe."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from sanneng.config import environment as env
from sanneng.config.logs import logging_config
from sanneng.config.passwords import password_validators

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


def _site_url() -> str:
    host = next((name for name in ALLOWED_HOSTS if not name.startswith((".", "*"))), "localhost")
    return f"https://{host}" if HTTPS else f"http://{host}:8000"


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
# Uploaded workbooks waiting to be imported, and files made by background jobs; both kept a week.
UPLOADS_ROOT = HOME / "uploads"
JOBS_ROOT = HOME / "jobs"

# Background work lies in the database; ``sanneng worker`` does it.
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# E-mail, for invitations and notices: off without a host. SANNENG_MAIL_SECURITY is how the
# connection is kept private.
EMAIL_HOST = env.text("SANNENG_MAIL_HOST")
EMAIL_PORT = env.number("SANNENG_MAIL_PORT", 587)
EMAIL_HOST_USER = env.text("SANNENG_MAIL_USER")
EMAIL_HOST_PASSWORD = env.text("SANNENG_MAIL_PASSWORD")
_MAIL_SECURITY = env.one_of("SANNENG_MAIL_SECURITY", "starttls", ("starttls", "tls", "none"))
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL_SECURITY == "starttls", _MAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("SANNENG_MAIL_FROM", EMAIL_HOST_USER or "sanneng@localhost")

# Hosts beside those of WeCom and DingTalk that messages may be sent to, separated by commas;
# ``host:port`` for an address that is not public, which is refused unless it is named here.
OUTBOUND_HOSTS = env.listed("SANNENG_OUTBOUND_HOSTS")

# Where people reach the site, such as https://sanneng.example.cn, for links in e-mail and on
# the command line.
SITE_URL = env.text("SANNENG_SITE_URL", _site_url()).rstrip("/")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "sanneng.core",
    "sanneng.people",
    "sanneng.teaching",
    "sanneng.research",
    "sanneng.indicators",
    "sanneng.reports",
    "sanneng.web",
    # After our own, whose templates take the place of theirs.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "sanneng.web.middleware.measured",
    "sanneng.web.middleware.SchoolBoundary",
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
    "allauth.account.middleware.AccountMiddleware",
    "sanneng.web.accounts.middleware.sessions",
    "sanneng.web.accounts.middleware.Gates",
    "sanneng.web.middleware.Readable",
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
                "sanneng.web.navigation.navigation",
            ],
        },
    },
]

AUTH_USER_MODEL = "core.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]

# Passwords: asvs asks for length and no more (OWASP ASVS 6.2); mlps for kinds of characters and
# a change every 90 days (GB/T 22239), for schools that are assessed by it.
PASSWORD_POLICY = env.one_of("SANNENG_PASSWORD_POLICY", "asvs", ("asvs", "mlps"))
AUTH_PASSWORD_VALIDATORS = password_validators(PASSWORD_POLICY)

# Who must have a second factor: admins (those who keep accounts, settings and the audit log, and
# supervisors), all, or off. It is there for everybody at any time.
SECOND_FACTOR = env.one_of("SANNENG_SECOND_FACTOR", "admins", ("admins", "all", "off"))

# Minutes without a request after which one has to log in again; 0 for never.
IDLE_MINUTES = env.number("SANNENG_IDLE_MINUTES", 30)

# Single sign-on by OpenID Connect: address of the provider (its discovery document lies below),
# our name and secret there, and what the button says. Off while the address is empty.
OIDC_URL = env.text("SANNENG_OIDC_URL")
OIDC_CLIENT_ID = env.text("SANNENG_OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = env.text("SANNENG_OIDC_CLIENT_SECRET")
OIDC_NAME = env.text("SANNENG_OIDC_NAME", "统一身份认证")
if OIDC_URL and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured(
        "SANNENG_OIDC_URL also needs SANNENG_OIDC_CLIENT_ID and SANNENG_OIDC_CLIENT_SECRET."
    )

ACCOUNT_ADAPTER = "sanneng.web.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_FORMS = {
    "login": "sanneng.web.accounts.forms.LoginForm",
    "change_password": "sanneng.web.accounts.forms.ChangePasswordForm",
    "set_password": "sanneng.web.accounts.forms.SetPasswordForm",
}
# Wrong passwords are counted in core.domain.throttle; these numbers only hold back floods, and
# login_failed holds for codes of the second factor, which are asked for after the password.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": "10/15m/key",
    "reauthenticate": "10/m/user",
    "change_password": "10/m/user",
}
MFA_ADAPTER = "sanneng.web.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "三能"
# A clock that is one step (30 s) off is forgiven.
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_FORMS = {
    "authenticate": "sanneng.web.accounts.forms.AuthenticateForm",
    "reauthenticate": "sanneng.web.accounts.forms.ReauthenticateForm",
    "login_webauthn": "sanneng.web.accounts.forms.PasskeyForm",
}
# Browsers give passkeys to HTTPS sites, and to this machine itself.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SOCIALACCOUNT_ADAPTER = "sanneng.web.accounts.adapters.SingleSignOnAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = ""
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_URL},
            }
        ]
        if OIDC_URL
        else [],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = env.text("SANNENG_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"

CACHES = {
    # Shared by every process: counts of tries and used codes must be.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache_entries",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # Indicators as SQL, from one process to the next; safe to delete at any time.
    "compiled": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": HOME / "cache",
        "TIMEOUT": 30 * 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 3000},
    },
    # How often tokens were used, counted over all processes; safe to delete at any time.
    "limits": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": HOME / "limits",
        "OPTIONS": {"MAX_ENTRIES": 3000},
    },
    # Counts beside the navigation, each process its own.
    "quick": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "quick",
    },
}
STATIC_ROOT.mkdir(exist_ok=True)
# Files are served straight from the package: the set is small, and nothing has to be collected.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600

DATA_UPLOAD_MAX_MEMORY_SIZE = 25 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _origins(url: str) -> list[str]:
    parts = urlsplit(url)
    return [f"{parts.scheme}://{parts.netloc}"] if url else []


# Nothing inline, nothing evaluated, nothing from another host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        # A form that leads to single sign-on ends at the provider.
        "form-action": [SELF, *_origins(OIDC_URL)],
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
