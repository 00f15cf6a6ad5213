from pathlib import Path

import appliance.settings.languages as languages
from appliance.settings.env import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
APPLIANCE_DATA = env.path("APPLIANCE_DATA", BASE_DIR / "var")

DEBUG = False
ROOT_URLCONF = "appliance.urls"
ASGI_APPLICATION = "appliance.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "portal.core",
    "portal.audit",
    "portal.configuration",
    "portal.accounts",
    "portal.notices",
    "portal.departments",
    "portal.retention",
    "portal.engines",
    "portal.files",
    "portal.prompts",
    "portal.runs",
    "portal.chat",
    "portal.workspace",
    "portal.console",
    "portal.api",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "channels",
    "csp",
    "guardian",
    "treebeard",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.core.middleware.NoStoreMiddleware",
    "portal.core.middleware.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.accounts.request_audit.RequestAuditMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.language.LanguageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.core.middleware.ErrorShapeMiddleware",
]

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
                "csp.context_processors.nonce",
                "portal.workspace.appearance.appearance",
            ],
        },
    },
]

LANGUAGE_CODE = languages.SOURCE
LANGUAGES = [(code, name) for code, name, _ in languages.LANGUAGES]
# The console's lists and its journal write times in one way.
FORMAT_MODULE_PATH = "appliance.formats"
CATALOGUES = languages.CATALOGUES
# Compiled by `prepare`, beside the static files.
LOCALE_PATHS = [APPLIANCE_DATA / "locale"]
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.text("APPLIANCE_TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = APPLIANCE_DATA / "static"
STATICFILES_DIRS = [BASE_DIR / "portal" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# A page must still come when a third-party file names another file that its package does not bring.
WHITENOISE_MANIFEST_STRICT = False
WHITENOISE_MAX_AGE = 60

# What one question may hold, in characters; and what one request body may hold, in bytes.
APPLIANCE_QUESTION_LIMIT = env.integer("APPLIANCE_QUESTION_LIMIT", 1_000_000, least=1_000, most=8_000_000)
DATA_UPLOAD_MAX_MEMORY_SIZE = env.integer(
    "APPLIANCE_BODY_LIMIT", 16 * 1024 * 1024, least=64 * 1024, most=256 * 1024 * 1024
)

# What one request that brings a file may hold, in bytes, and where files are kept.
UPLOAD_LIMIT = env.integer("APPLIANCE_UPLOAD_LIMIT", 64 * 1024 * 1024, least=1024 * 1024, most=1024 * 1024 * 1024)
FILES_DIR = env.path("APPLIANCE_FILES", APPLIANCE_DATA / "files")

# How many lines a table of people to invite may have.
PEOPLE_IMPORT_LINES = env.integer("APPLIANCE_PEOPLE_IMPORT_LINES", 5_000, least=1, most=20_000)

# Where uploaded exports of other programs wait for the worker that reads them; portal and workers need the same folder.
IMPORTS_DIR = env.path("APPLIANCE_IMPORTS", APPLIANCE_DATA / "imports")

# For how long one break-glass access may be asked at most; the database itself allows no more than eight hours.
BREAK_GLASS_HOURS = env.integer("APPLIANCE_BREAK_GLASS_HOURS", 8, least=1, most=8)

SAMPLE_COMPANY = env.flag("APPLIANCE_SAMPLE", default=False)
SAMPLE_PASSWORD = env.text("APPLIANCE_SAMPLE_PASSWORD", "")
