"""PostgreSQL, Redis, Celery, and the numbers of a run's lease. The Celery figures were measured; see docs/decisions."""

from kombu import Queue

from appliance.settings.base import APPLIANCE_DATA, BASE_DIR
from appliance.settings.env import env

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **env.database("APPLIANCE_DATABASE_URL", "postgresql://appliance@127.0.0.1:5432/appliance"),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            # Prepared statements: the queries of rights cost more to plan than to run.
            "server_side_binding": True,
            "prepare_threshold": 3,
            "pool": {
                "min_size": env.integer("APPLIANCE_DATABASE_POOL_MIN", 2, least=0, most=64),
                "max_size": env.integer("APPLIANCE_DATABASE_POOL_MAX", 16, least=2, most=256),
                "timeout": env.seconds("APPLIANCE_DATABASE_POOL_TIMEOUT", 15, least=1, most=120),
            },
        },
    }
}

APPLIANCE_REDIS_URL = env.text("APPLIANCE_REDIS_URL", "redis://127.0.0.1:6379/0")

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        # Holds the counters of failed sign-ins. Django's 300 could be filled with other names to push a counter out.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

CELERY_BROKER_URL = APPLIANCE_REDIS_URL
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_DEFAULT_QUEUE = "background"
# Interactive jobs are doorbells: a lost one is rung again, so nobody keeps a record of who took it.
CELERY_TASK_QUEUES = [Queue("interactive", no_ack=True), Queue("background")]
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_RATE_LIMITS = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 60,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "queue_order_strategy": "priority",
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}
CELERY_BEAT_SCHEDULE = {
    # Missed ticks must not pile up while the broker is away: each tick expires before the next.
    "runs.reap": {"task": "runs.reap", "schedule": 2.0, "options": {"queue": "background", "expires": 2}},
    "files.reap": {"task": "files.reap", "schedule": 5.0, "options": {"queue": "background", "expires": 5}},
    "files.sweep": {"task": "files.sweep", "schedule": 3600.0, "options": {"queue": "background", "expires": 600}},
    "audit.checkpoint": {
        "task": "audit.checkpoint",
        "schedule": 60.0,
        "options": {"queue": "background", "expires": 60},
    },
    "break_glass.expire": {
        "task": "break_glass.expire",
        "schedule": 30.0,
        "options": {"queue": "background", "expires": 30},
    },
    "conversations.index": {
        "task": "conversations.index",
        "schedule": 2.0,
        "options": {"queue": "background", "expires": 2},
    },
    "retention.sweep": {
        "task": "retention.sweep",
        "schedule": 3600.0,
        "options": {"queue": "background", "expires": 600},
    },
    "imports.resume": {
        "task": "imports.resume",
        "schedule": 10.0,
        "options": {"queue": "background", "expires": 10},
    },
    "audit.forward": {"task": "audit.forward", "schedule": 2.0, "options": {"queue": "background", "expires": 2}},
    "system.sweep": {"task": "system.sweep", "schedule": 3600.0, "options": {"queue": "background", "expires": 600}},
}
CELERY_BEAT_MAX_LOOP_INTERVAL = 2
CELERY_TIMEZONE = "UTC"

RUN_LEASE_SECONDS = env.seconds("APPLIANCE_RUN_LEASE", 6, least=2, most=120)
RUN_HEARTBEAT_SECONDS = env.seconds("APPLIANCE_RUN_HEARTBEAT", 2, least=0.2, most=30)
RUN_MAX_ATTEMPTS = env.integer("APPLIANCE_RUN_MAX_ATTEMPTS", 3, least=1, most=10)
# Under load a worker writes deltas once in so long for each run it has, at most so long; else it writes at once.
RUN_GATHER_SECONDS = env.seconds("APPLIANCE_RUN_GATHER", 0.0005, least=0.0, most=1)
RUN_GATHER_MOST = env.seconds("APPLIANCE_RUN_GATHER_MOST", 0.1, least=0.0, most=1)
RUN_GATHER_FROM = env.integer("APPLIANCE_RUN_GATHER_FROM", 8, least=1, most=10_000)

ENGINE_URL = env.text("APPLIANCE_ENGINE_URL", "")
ENGINE_MODEL = env.text("APPLIANCE_ENGINE_MODEL", "")
ENGINE_API_KEY = env.text("APPLIANCE_ENGINE_API_KEY", "")
ENGINE_PROFILE = env.choice(
    "APPLIANCE_ENGINE_PROFILE", "", (path.stem for path in (BASE_DIR / "workers/engine/profiles/models").glob("*.toml"))
)
ENGINE_STATE_DIR = APPLIANCE_DATA / "engine"
ENGINE_PORT = env.integer("APPLIANCE_ENGINE_PORT", 8101, least=1, most=65535)
ENGINE_WEIGHTS_DIR = env.path("APPLIANCE_WEIGHTS", APPLIANCE_DATA / "weights")
ENGINE_FIRST_TOKEN_SECONDS = env.seconds("APPLIANCE_ENGINE_FIRST_TOKEN_TIMEOUT", 600, least=1, most=7200)
ENGINE_IDLE_SECONDS = env.seconds("APPLIANCE_ENGINE_IDLE_TIMEOUT", 120, least=1, most=3600)
