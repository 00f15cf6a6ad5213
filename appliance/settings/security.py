from csp.constants import NONCE, NONE, SELF

from appliance.settings.env import env

SECRET_KEY = env.text("APPLIANCE_SECRET_KEY")
# Keys from before a change of the secret key: what they signed is still checked, above all the audit journal.
SECRET_KEY_FALLBACKS = env.words("APPLIANCE_SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("APPLIANCE_HOSTS", "127.0.0.1,localhost,[::1]")
# `https` where the edge proxy ends TLS; plain HTTP is for a loopback address only.
HTTPS = env.flag("APPLIANCE_HTTPS", default=False)

SESSION_ENGINE = "portal.accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.integer("APPLIANCE_SESSION_SECONDS", 12 * 3600, least=300, most=30 * 86400)
CSRF_TRUSTED_ORIGINS = env.words("APPLIANCE_ORIGINS")
CSRF_FAILURE_VIEW = "portal.core.error_views.csrf_failure"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# The proxies that stand before the portal: what they say of a client's address and scheme is believed; `*` believes
# whoever connects. Without one, X-Forwarded-For is what any client may write, and the connection alone counts.
TRUSTED_PROXIES = env.proxies("APPLIANCE_TRUSTED_PROXIES")

# Who may read /metrics: addresses or networks of the company's own monitoring.
METRICS_NETWORKS = env.networks("APPLIANCE_METRICS_NETWORKS", "127.0.0.0/8,::1/128")

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.backend.PersonBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# How long the link of an invitation stays valid.
PASSWORD_RESET_TIMEOUT = env.integer("APPLIANCE_INVITATION_SECONDS", 3 * 86400, least=600, most=30 * 86400)
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/sign-in/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
# How often a name and password may be sent from one address. Wrong ones are counted in portal/accounts/limits.py.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip"}

# django-guardian: no anonymous person, and object permissions only in the direct-foreign-key tables of `departments`.
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
