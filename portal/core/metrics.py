"""Prometheus metrics of the portal's own process. Labels carry routes and states, never names of people or objects."""

from prometheus_client import Counter, Gauge, Histogram

HTTP_REQUESTS = Counter("appliance_http_requests", "HTTP requests", ["method", "route", "status"])
HTTP_SECONDS = Histogram("appliance_http_seconds", "Time to answer a request", ["route"])
SOCKETS = Gauge("appliance_sockets", "Open sockets")
FOLLOWERS = Gauge("appliance_followers", "Runs followed by sockets and event streams")
EVENTS_SENT = Counter("appliance_events_sent", "Events handed to followers")
STREAM_GAPS = Counter("appliance_stream_gaps", "Gaps in the published events, healed from the journal")
