"""Hearing of changed rights: PostgreSQL notifies when a membership, grant, person, session, department or workspace
changes (triggers in ``migrations``), at the commit of the change, whoever made it."""

from portal.core.listening import ChannelWatch

watch = ChannelWatch("rights")
