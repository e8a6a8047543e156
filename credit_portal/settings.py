"""All settings, from the environment. Every variable has a default that runs on one machine.

The variables are listed in docs/settings.md; `PORTAL_MODE=production` checks them before start.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from credit_portal import environment, hardening, logs
from intake import limits

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = environment.folder("VAR_DIR", Path("var"), BASE_DIR)

PORTAL_MODE = environment.choice("PORTAL_MODE", ("demo", "production"), "demo")
PRODUCTION = PORTAL_MODE == "production"
# Set by wsgi.py; a worker or a command is anything else.
IN_WEB_PROCESS = os.environ.get("PORTAL_PROCESS") == "web"

DEBUG = environment.flag("DEBUG", False)
SECRET_KEY = environment.text("SECRET_KEY", hardening.DEMO_SECRET_KEY)
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = environment.words(
    "ALLOWED_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]")
)
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")
# How people reach the portal; stands on letters and in mails.
PUBLIC_URL = environment.text("PUBLIC_URL", "http://localhost:8000").rstrip("/")
USE_DEMO_ACCOUNTS = environment.flag("DEMO_ACCOUNTS", not PRODUCTION)

# --- rooms -------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "credit_portal.apps.CreditPortalConfig",
    "objections",
    "grading",
    "records",
    "notices",
    "roster",
    "intake",
    "workdays",
    "audit",
    "credit_portal.apps.PortalAdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "django_htmx",
    "import_export",
    "csp",
]

MIDDLEWARE = [
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "credit_portal.edge.HostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "credit_portal.requests.LogMiddleware",
    "credit_portal.edge.SaneRequestMiddleware",
    "credit_portal.interrupted.SessionMiddleware",
    "credit_portal.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "credit_portal.sessions.SessionLimitMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "credit_portal.edge.RefusalMiddleware",
    "credit_portal.access.AccessMiddleware",
    "credit_portal.pace.PaceMiddleware",
    "credit_portal.once.OnceMiddleware",
]

ROOT_URLCONF = "credit_portal.urls"
WSGI_APPLICATION = "credit_portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# SQLite knows no columns beside the key in an index; there the index is made without them.
# Django's SecurityMiddleware is there as credit_portal.edge.HostMiddleware.
SILENCED_SYSTEM_CHECKS = ["models.W040", "security.W001"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database ----------------------------------------------------------------------------------


LOCK_SECONDS = 10
"""So long a request waits for a lock on PostgreSQL, then its page says that it is busy."""


def _database() -> dict[str, Any]:
    """SQLite as it must be set for many writers; PostgreSQL with a pool in the web process."""
    described = environment.database(
        "DATABASE_URL", f"sqlite:///{VAR_DIR}/portal.sqlite3", BASE_DIR
    )
    if described["ENGINE"] == "django.db.backends.sqlite3":
        Path(described["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        return described | {
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
            # A file, because tests with several connections need one; a name per process.
            "TEST": {"NAME": f"{tempfile.gettempdir()}/portal-test-{os.getpid()}.sqlite3"},
        }
    # Compiling a statement took 0.6 s where running it took 2 ms: estimates of millions of rows
    # ask for it, pages and slices read a few thousand.
    options = described["OPTIONS"].get("options", "-c jit=off")
    if IN_WEB_PROCESS:
        # Who waits for a lock holds a thread of the few; a merge by a worker waits as it must.
        options = f"-c lock_timeout={LOCK_SECONDS}s {options}"
    described["OPTIONS"]["options"] = options
    # After the server was started again, no request and no round meets a connection that is gone.
    described["CONN_HEALTH_CHECKS"] = True
    if IN_WEB_PROCESS:
        threads = environment.number("WEB_THREADS", 8, least=1, most=64)
        described["OPTIONS"]["pool"] = {"min_size": 2, "max_size": threads + 2, "timeout": 10}
    else:
        described["CONN_MAX_AGE"] = 60
    return described


DATABASES = {"default": _database()}

# --- cache, broker -----------------------------------------------------------------------------

REDIS_URL = environment.text("REDIS_URL")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise environment.fault("REDIS_URL", REDIS_URL, "redis://host:port/number, rediss://, unix://")

if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "portal",
        }
    }
    # The broker has its own database number, so that clearing the cache empties no queue.
    CELERY_BROKER_URL = environment.text("BROKER_URL", REDIS_URL)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 3600,
        "global_keyprefix": "portal:",
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "portal_cache",
        }
    }
    _broker = VAR_DIR / "broker"
    for _folder in ("queue", "processed", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT = "credit_portal.folder_broker.Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "queue"),
        "data_folder_out": str(_broker / "queue"),
        "processed_folder": str(_broker / "processed"),
        "control_folder": str(_broker / "control"),
        "polling_interval": 0.1,
    }

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A process forked beside an open connection takes SQLite's locks for its own: the file breaks.
    CELERY_WORKER_POOL = "solo"
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Nothing here is steered over the broker; without it the folder broker stays tidy.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Asia/Shanghai"
SWEEP_SECONDS = environment.number("SWEEP_SECONDS", 15, least=1, most=3600)

# --- people ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "roster.User"
CSRF_FAILURE_VIEW = "credit_portal.edge.csrf_failure"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "roster.passwords.LengthValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "django.contrib.auth.password_validation.NumericPasswordValidator",
    )
]

PASSWORD_RESET_TIMEOUT = 2 * 3600

SECOND_FACTOR_REQUIRED = environment.flag("SECOND_FACTOR", PRODUCTION)
MFA_ADAPTER = "credit_portal.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # clocks of phones differ by half a minute
ACCOUNT_ADAPTER = "credit_portal.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_METHODS = ["password"]
ACCOUNT_LOGIN_TIMEOUT = 15 * 60  # from the password to the code
ACCOUNT_RATE_LIMITS = False  # credit_portal.throttle counts, and locks nobody's account

# Sign-on of the province, for people of enterprises; off without OIDC_URL.
OIDC_URL, OIDC_CLIENT_ID, OIDC_SECRET = environment.all_or_none(
    "OIDC_URL", "OIDC_CLIENT_ID", "OIDC_SECRET"
)
OIDC_NAME: Any = environment.text("OIDC_NAME") or _("省统一身份认证")
SOCIALACCOUNT_ADAPTER = "credit_portal.sign_on.SignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = (
    True  # credit_portal.sign_on.start lets nobody through who is signed in
)
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "SCOPE": ["openid", "profile"],
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "province",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_SECRET,
                "settings": {"server_url": OIDC_URL},
            }
        ],
    }
}

# --- mail --------------------------------------------------------------------------------------

# Without it nothing is sent: notices stand in the inbox alone, a password is reset by the office.
EMAIL_URL = environment.text("EMAIL_URL")
_mail = environment.mail("EMAIL_URL")
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail["EMAIL_USE_SSL"], _mail["EMAIL_USE_TLS"]
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.sender("EMAIL_FROM", needed=bool(EMAIL_URL))

# --- language and time -------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("英文"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "credit_portal.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- files -------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
STORE_DIR = environment.folder("STORE_DIR", VAR_DIR / "store", BASE_DIR)
# Past its publication a record comes down; with this only when its fault was made good.
REMEDY_BEFORE_TAKEDOWN = environment.flag("REMEDY_BEFORE_TAKEDOWN", False)
# A command that reads a file and ends with 0 for clean, 1 for infected.
EVIDENCE_SCANNER = environment.text("EVIDENCE_SCANNER")
AUDIT_ANCHOR_DIR = environment.folder("AUDIT_ANCHOR_DIR", VAR_DIR / "anchor", BASE_DIR)
AUDIT_KEY_FILE = environment.folder("AUDIT_KEY_FILE", VAR_DIR / "audit.key", BASE_DIR)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
# Files have limits of their own, intake.limits. A form that holds some too many is read, so that its
# page can say so with what was typed.
DATA_UPLOAD_MAX_NUMBER_FILES = 3 * limits.EVIDENCE_FILES
FILE_UPLOAD_HANDLERS = ["intake.uploads.NamelessFileHandler"]

# --- what the browser may do -------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
_cookies_secure = PRODUCTION and not environment.flag("INSECURE_COOKIES", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _cookies_secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_IDLE_MINUTES = environment.number("SESSION_IDLE_MINUTES", 60, least=5, most=1440)
SESSION_HOURS = environment.number("SESSION_HOURS", 10, least=1, most=72)
# Kept a day longer than it holds, so that the sign-in page can say why it ended.
SESSION_COOKIE_AGE = (SESSION_HOURS + 24) * 3600
SECURE_HSTS_SECONDS = environment.number(
    "HSTS_SECONDS", 31_536_000 if PRODUCTION else 0, least=0, most=63_072_000
)
SECURE_SSL_REDIRECT = environment.flag("SSL_REDIRECT", PRODUCTION)
# Said by who installs: the proxy in front answers plain HTTP with a redirect of its own.
PROXY_ENFORCES_TLS = environment.flag("PROXY_ENFORCES_TLS", False)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if environment.flag("BEHIND_TLS_PROXY", PRODUCTION):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- import and export -------------------------------------------------------------------------

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
FILTERS_EMPTY_CHOICE_LABEL = _("不限")

# --- logs --------------------------------------------------------------------------------------

LOG_LEVEL = environment.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOG_FORMAT = environment.choice("LOG_FORMAT", ("json", "lines"), "json" if PRODUCTION else "lines")
LOG_DIR = (
    str(environment.folder("LOG_DIR", Path(), BASE_DIR)) if environment.text("LOG_DIR") else ""
)
LOG_DAYS = environment.number("LOG_DAYS", 200, least=183, most=3650)
LOGGING = logs.configured(
    style=LOG_FORMAT,
    level=LOG_LEVEL,
    folder=LOG_DIR,
    secrets=[
        SECRET_KEY,
        *SECRET_KEY_FALLBACKS,
        DATABASES["default"].get("PASSWORD", ""),
        OIDC_SECRET,
        *(environment.password(url) for url in (REDIS_URL, CELERY_BROKER_URL, EMAIL_URL)),
    ],
)
logs.tell_all_unhandled()

if PRODUCTION:
    hardening.refuse_dangerous(globals())
