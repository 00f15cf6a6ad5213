"""What the launcher says when it cannot go on."""

from __future__ import annotations

import errno

DISK_FULL_MARKS = ("No space left on device", "Disk quota exceeded", "ENOSPC")


class LauncherError(Exception):
    """Ends the launcher; its message is one line for the person at the terminal.

    `details` are lines to show under it, the end of a log as a rule.
    """

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class DiskFullError(LauncherError):
    """There is no room for what was to be done."""


def is_disk_full(error: OSError) -> bool:
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def disk_full_in(text: str) -> bool:
    """Whether a program's output says that the disk is full."""
    return any(mark in text for mark in DISK_FULL_MARKS)
