"""Hearing of new notices: PostgreSQL names the person at the commit of each."""

from portal.core.listening import ChannelWatch

watch = ChannelWatch("notices")
