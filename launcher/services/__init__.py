"""The database and the broker that come as packages, run from a data folder."""

from launcher.services.postgres import start_postgres
from launcher.services.redis import start_redis
from launcher.services.running import RunningService

__all__ = ["RunningService", "start_postgres", "start_redis"]
