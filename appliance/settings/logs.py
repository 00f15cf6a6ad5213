"""Structured logs on standard error: one JSON object a line (or plain text), without content, bodies or secrets."""

import logging

import structlog

from appliance.settings.env import BadSetting, env

LOG_LEVEL = env.text("APPLIANCE_LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    raise BadSetting("APPLIANCE_LOG_LEVEL", "must be DEBUG, INFO, WARNING or ERROR")
LOG_FORMAT = env.text("APPLIANCE_LOG_FORMAT", "json")
if LOG_FORMAT not in {"json", "text"}:
    raise BadSetting("APPLIANCE_LOG_FORMAT", "must be json or text")

_shared: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
_renderer: structlog.types.Processor = (
    structlog.processors.JSONRenderer() if LOG_FORMAT == "json" else structlog.dev.ConsoleRenderer(colors=False)
)
structlog.configure(
    processors=[*_shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)


def is_news(record: logging.LogRecord) -> bool:
    """False for a readiness page that says "not ready", which is its work: monitors and the launcher ask it all day."""
    path = getattr(getattr(record, "request", None), "path", "")
    return not (path == "/readyz" and getattr(record, "status_code", 0) == 503)


LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "structured": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _shared,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer],
        }
    },
    "filters": {"news": {"()": "django.utils.log.CallbackFilter", "callback": is_news}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # SQL, headers and bodies never reach the log, whatever the level.
        "django.db.backends": {"level": "INFO"},
        "django.request": {"level": "ERROR", "filters": ["news"]},
        "django.security.csrf": {"level": "ERROR"},
        "aiohttp": {"level": "WARNING"},
        "asyncio": {"level": "WARNING"},
        "uvicorn.access": {"level": "WARNING"},
    },
}
