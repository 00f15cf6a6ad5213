"""System calls that Python has no function for."""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_NO_NEW_PRIVS = 38


def syscall(number: int, *arguments: object) -> int:
    """Raises OSError."""
    done: int = _libc.syscall(ctypes.c_long(number), *arguments)
    return _checked(done)


def unshare(flags: int) -> None:
    _checked(_libc.unshare(flags))


def prctl(option: int, *arguments: object) -> None:
    _checked(_libc.prctl(option, *arguments))


def give_up_privileges() -> None:
    """No program that is started gains any; the kernel asks for this before it lets a process restrict itself."""
    prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
