"""Every setting of the product. Those that can change come from the environment. docs/run/settings.md lists them. Each
has a default that runs on one machine with nothing else installed."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.csp import CSP

from vvdash import env, errors, jobs, logs, release

BASE_DIR = Path(__file__).resolve().parent.parent

# --- The environment ------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", default=False)
# Embedded: everything in one process, to try the product out or for a single machine. Production says PRODUCTION=1.
PRODUCTION = env.flag("PRODUCTION", default=False)
DEFAULT_SECRET_KEY = "not-a-secret-good-for-a-try-out-on-one-machine-only"  # noqa: S105
SECRET_KEY = env.text("SECRET_KEY", DEFAULT_SECRET_KEY)
# Earlier keys: what they signed still works while a new key takes over.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or ([] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
# How people reach the product, for links in e-mails: there is no request to ask.
SITE_URL = env.site("SITE_URL", default="http://localhost:8000")
# Who runs this installation, and where people ask about privacy, accessibility and weaknesses.
PROVIDER = env.text("PROVIDER")
CONTACT = env.email("CONTACT")
CSRF_TRUSTED_ORIGINS = env.words("TRUSTED_ORIGINS")
DB_POOLED = env.flag("DB_POOLED", default=False)
DATABASES = {"default": env.database("DATABASE_URL", default=BASE_DIR / "var" / "vvdash.sqlite3", is_pooled=DB_POOLED)}
# A copy that public pages and files may read (reporting.public.replica). Nothing chooses it by itself.
DATABASES |= env.replica("REPLICA_URL", is_pooled=DB_POOLED)
REDIS_URL = env.redis("REDIS_URL")
MARKING = "OFFICIAL-SENSITIVE"
# within this time a coordinator can take back a published month before anybody is e-mailed about it
PUBLICATION_GRACE = timedelta(minutes=15)

# --- Django ---------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "vvdash",
    "operations",
    "reporting",
    "actions",
    "indicators",
    "boards",
    "core",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "crispy_forms",
    "django_filters",
]
MIDDLEWARE = [
    "vvdash.middleware.RequestLogMiddleware",
    "vvdash.middleware.PublicGZipMiddleware",
    "vvdash.middleware.SiteAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vvdash.middleware.BrowserLimitsMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "vvdash.middleware.SameTokenMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vvdash.middleware.SignInMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "vvdash.middleware.NoStoreMiddleware",
    "vvdash.middleware.FormAddressMiddleware",
    "vvdash.middleware.NotHeldMiddleware",
    "boards.middleware.SecondFactorMiddleware",
    "boards.middleware.AreaMiddleware",
    "boards.middleware.RegionMiddleware",
]
ROOT_URLCONF = "vvdash.urls"
WSGI_APPLICATION = "vvdash.wsgi.application"
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
                "reporting.pages.context_processors.page",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False
CSRF_FAILURE_VIEW = "vvdash.site.csrf_failure"
CRISPY_TEMPLATE_PACK = "govuk"
CRISPY_FAIL_SILENTLY = False
CRISPY_ALLOWED_TEMPLATE_PACKS = "govuk"

# --- People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["core.person.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "reporting:home"
ACCOUNT_ADAPTER = "core.identity.adapters.InvitationOnlyAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # anybody who can set the password could sign in with it
ACCOUNT_PREVENT_ENUMERATION = True
# A link to a new password works for some hours. An invitation works for days, for people who have no password yet.
RESET_HOURS = 24
INVITATION_DAYS = env.number("INVITATION_DAYS", default=7, least=1, most=30)
PASSWORD_RESET_TIMEOUT = max(RESET_HOURS * 60 * 60, INVITATION_DAYS * 24 * 60 * 60)  # seconds
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "core.identity.tokens.LinkTokens"  # noqa: S105
ACCOUNT_FORMS = {"reset_password": "core.identity.forms.ResetForm"}
# `sign_in` and `login_failed` count strangers, `known_failed` each known device (core.identity.adapters). allauth's own
# `login` counts everybody behind one address together, so a stranger in the same office could lock everybody out.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "sign_in": "30/m/ip",
    "login_failed": "10/m/ip,5/300s/key",
    "known_failed": "5/300s/key",
    "provider_sign_in": "30/m/ip",
    "api_key": "30/m/ip",  # wrong keys of machines (boards.key_access)
    "reset_password": "20/m/ip",  # core.mail.account counts the letters to one mailbox
}
MFA_ADAPTER = "core.identity.adapters.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "authenticate": "core.identity.forms.CodeForm",
    "reauthenticate": "core.identity.forms.CodeAgainForm",
    "activate_totp": "core.identity.forms.AppForm",
    "add_webauthn": "core.identity.forms.AddPasskeyForm",
    "edit_webauthn": "core.identity.forms.NamePasskeyForm",
    "authenticate_webauthn": "core.identity.forms.PasskeyForm",
    "reauthenticate_webauthn": "core.identity.forms.PasskeyAgainForm",
}
MFA_TOTP_ISSUER = "V+V Dashboard"
MFA_TOTP_TOLERANCE = 1  # the code before and the code after: clocks of phones differ
MFA_WEBAUTHN_USER_VERIFICATION = "required"  # a passkey asks for a finger, a face or a PIN
MFA_RECOVERY_CODES_SHOW_ONCE = True
# Nobody adds an address by themselves, and the invitation has reached this one.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Single sign-on. The providers and their secrets are only here: no table and no admin page has them.
OIDC_PROVIDERS = env.providers("OIDC_PROVIDERS", needs_https=PRODUCTION)
SOCIALACCOUNT_ADAPTER = "core.identity.single_sign_on.ProvidersAdapter"
SESSION_ENGINE = "core.identity.sessions"
SESSION_COOKIE_AGE = 8 * 60 * 60  # a working day, in seconds
SESSION_IDLE = timedelta(minutes=env.number("SESSION_IDLE_MINUTES", default=60, least=5, most=480))
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- Safety ---------------------------------------------------------------------------------------

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    # Every browser knows this, the older way to say where reports go.
    "report-uri": ["/csp-reports/"],
}
# Keep these short: each page carries them, and tests/functional/test_weight.py weighs them.
BROWSER_LIMITS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True  # none of our scripts reads it
CSRF_COOKIE_AGE = None  # as long as the browser is open, like the session
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
# With this prefix, a browser accepts the cookie only from this host, over HTTPS. No other subdomain can plant one.
COOKIE_PREFIX = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}device"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_SSL_HOST = urlsplit(SITE_URL).netloc if PRODUCTION else None  # otherwise the redirect repeats the `Host`
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^healthz/jobs$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
# How many proxies of ours a request passes (core.visitors). BEHIND_PROXY is the older name of one.
PROXIES = env.number("PROXIES", default=int(env.flag("BEHIND_PROXY", default=False)), least=0, most=5)
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Who may read how the product is (operations.health.views).
INSIDE = env.networks("INSIDE", default=() if PRODUCTION else ("127.0.0.0/8", "::1"))
ALARMS_TO = env.emails("ALARMS_TO")
OPERATIONS_TOKEN = env.secret("OPERATIONS_TOKEN", shortest=32)
# The operator's admin covers all areas, so production has it only on request.
ADMIN_ENABLED = env.flag("ADMIN", default=not PRODUCTION)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000
# A form without its files. A note of a megabyte in any script fits: each byte takes three in the request.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024  # bytes

# How often one key of a machine may ask, before it has to wait (boards.selectors).
KEY_A_MINUTE = env.number("KEY_A_MINUTE", default=120, least=10, most=99_999)
KEY_AN_HOUR = env.number("KEY_AN_HOUR", default=3_000, least=100, most=999_999)

# --- Files ----------------------------------------------------------------------------------------

# A file that somebody sends stays in memory, up to this size.
FILE_UPLOAD_HANDLERS = ["core.forms.pages.CappedUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # bytes

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
# The guides show the pictures of the README.
STATICFILES_DIRS = [BASE_DIR / "static", ("help", BASE_DIR / "docs" / "screenshots")]
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "vvdash.static_files.CollectedFiles" if PRODUCTION else "vvdash.static_files.FilesAsTheyAre"
    },
    # Packs and pictures (core.files.objects).
    "objects": env.objects("OBJECTS_URL", needs_tls=PRODUCTION, owner=SITE_URL),
}

# --- Cache, mail, tasks ---------------------------------------------------------------------------

CACHES = {
    # Rate limits and one-time codes. They are in the database, so nobody is locked out if Redis is lost.
    "default": {"BACKEND": "core.identity.sessions.LimitsCache"},
    # Rendered bodies of months. Each key names everything that the body depends on, so nothing here is ever out of
    # date, and each process has its own.
    "pages": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pages",
        "TIMEOUT": 24 * 60 * 60,  # seconds
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
    # What the API made: apart, so that no machine empties the one above. Small, since each page of a list has a place.
    "api": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "api",
        "TIMEOUT": 60 * 60,
        "OPTIONS": {"MAX_ENTRIES": 60},
    },
}
RELEASE = release.fingerprint(BASE_DIR)
VERSION = release.VERSION
MAILERS = env.mailers("EMAIL_URL")
DEFAULT_FROM_EMAIL = env.sender("EMAIL_FROM", "dashboard@vvdash.example")

CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
# Without Redis a task runs straight away, in the process that asks for it, after its transaction.
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # so a worker's log is as ours
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A view that can't reach Redis continues straight away: the queue is only a hint, and the sweep does the work later.
CELERY_TASK_PUBLISH_RETRY = False
# For whoever only publishes, in seconds. A worker waits for its next task, so vvdash.celery gives it more.
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 0.1, "socket_timeout": 0.1, "max_retries": 0}
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = jobs.limit(jobs.USUAL).values()
CELERY_TASK_ANNOTATIONS = jobs.LIMITS
# Slow work waits in a queue of its own, so that a roll-up never waits for it. A worker serves both queues, unless its
# command names one (-Q). It takes no more messages than it has processes.
CELERY_TASK_QUEUES = {name: {"exchange": name, "routing_key": name} for name in ("celery", "slow")}
SLOW_TASKS = ("core.tasks.run_job", "core.tasks.send_letters*", "reporting.packs.tasks.*")
CELERY_TASK_ROUTES = {name: {"queue": "slow"} for name in SLOW_TASKS}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Replace a worker's process after so many tasks, or when it uses so much memory. A year's packs then leave no more
# behind than one pack.
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 600_000  # kilobytes
# Beat only wakes us; the jobs' rows say what is due (core.jobs). A wake that no worker picks up within an hour
# is dropped. Don't make this shorter: the clocks of beat's machine and the worker's may differ.
CELERY_BEAT_SCHEDULE = {
    "run-due-jobs": {"task": "core.tasks.run_due_jobs", "schedule": 60.0, "options": {"expires": 3600.0}},
}
JOBS = jobs.JOBS
CHECKS = jobs.CHECKS

# What ends with somebody's last role in an area (boards.services.people).
ENDS_WITH_LAST_ROLE = [
    "indicators.services.names.end_view_of_leaver",
    "boards.services.keys.end_keys_of_leaver",
]
# The kinds of records that are deleted one day. Each name is a list of them (boards.retention).
RETENTION = [
    "boards.retention_kinds.CORE_KINDS",
    "boards.retention_kinds.ACCOUNT_KINDS",
    "actions.retention_kinds.PICTURE_KINDS",
    "actions.retention_kinds.NOTE_KINDS",
    "reporting.retention_kinds.PACK_KINDS",
]
# The module that makes the areas of a demonstration's region, by the region's slug.
REGION_MAKERS = {} if PRODUCTION else {"essex": "reporting.management.demo.essex"}
# The sources of e-mails, in the order in which an e-mail has them (core.mail.daily).
LETTERS = [
    "boards.services.requests.ROLES",
    "boards.services.keys.KEYS",
    "indicators.services.letters.REMINDERS",
    "indicators.services.letters.RELEASES",
    "indicators.services.letters.CORRECTIONS",
    "reporting.packs.services.letters.CONSENTS",
    "reporting.packs.services.letters.WITHDRAWALS",
    "actions.services.letters.NOTICES",
    "actions.services.letters.SUPPORT",
    "actions.services.letters.MEETINGS",
    "reporting.packs.services.letters.MONTHS",
    "reporting.packs.services.letters.PACKS",
    "boards.services.letters.HEADS",
    "boards.services.retention.NOTICES",
]

LETTERS_AREAS = "boards.selectors.list_areas_of"  # in which areas something may be due for some people

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_LEVEL = env.choice("LOG_LEVEL", LEVELS, default="WARNING")
# Where errors are sent too (vvdash.errors). Empty: nowhere.
ERRORS_URL = env.tracker("ERRORS_URL")
LOGGING = logs.make_logging(
    level=LOG_LEVEL,
    # The line of each request, which says what gunicorn's own log would.
    requests_level="INFO" if PRODUCTION else LOG_LEVEL,
    form=env.choice("LOG_FORMAT", ("JSON", "LINE"), default="JSON" if PRODUCTION else "LINE"),
    reporter=errors.Reporter(ERRORS_URL, release=RELEASE) if ERRORS_URL else None,
)
