"""What /metrics says of the journal; asked of the database at each scrape."""

from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from portal.audit.standing import journal_state


class JournalGauges(Collector):
    def describe(self) -> list[GaugeMetricFamily]:
        # Else the registry would ask for the figures when it is told of them, before there is a database.
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            state = journal_state()
        except (DatabaseError, InterfaceError, PoolTimeout):
            return
        yield GaugeMetricFamily("appliance_audit_rows", "Rows of the audit journal", value=state.head)
        if state.lag is not None:
            yield GaugeMetricFamily("appliance_audit_forward_lag_rows", "Rows that the sink has not", value=state.lag)
            yield GaugeMetricFamily(
                "appliance_audit_forward_lag_seconds", "Age of the oldest of them", value=state.behind or 0
            )
