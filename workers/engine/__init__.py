"""The engine room: the OpenAI-compatible protocol, its client, and what starts and watches an engine.

Pure: nothing here knows Django, Celery or the portal.
"""
