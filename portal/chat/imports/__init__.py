"""Conversations from other programs: a file is received, a worker reads it, each conversation is stored once."""
