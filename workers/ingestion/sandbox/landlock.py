"""Landlock: of the files of this machine only a few folders can be opened, and those for reading."""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from workers.ingestion.sandbox import calls

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_FOLDER = 1 << 0, 1 << 2, 1 << 3
_READING = _EXECUTE | _READ_FILE | _READ_FOLDER

# Rights on files that each version knows, and from which version on there are rights on networks and scopes.
_FILE_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_FILE_BITS_LATER = 16
_NETWORK_FROM, _SCOPES_FROM = 4, 6


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64)]


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def restrict(readable: Iterable[Path]) -> bool:
    """False where the kernel does not offer it."""
    try:
        version = calls.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_VERSION))
        rules = calls.syscall(_CREATE, *_ruleset(version))
        try:
            for path in readable:
                _allow(rules, path)
            calls.give_up_privileges()
            calls.syscall(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
        finally:
            os.close(rules)
    except OSError:
        return False
    return True


def _ruleset(version: int) -> tuple[object, ctypes.c_size_t, ctypes.c_uint32]:
    files = (1 << _FILE_BITS.get(version, _FILE_BITS_LATER)) - 1
    network = 0b11 if version >= _NETWORK_FROM else 0
    scopes = 0b11 if version >= _SCOPES_FROM else 0
    size = 8 * (1 + (version >= _NETWORK_FROM) + (version >= _SCOPES_FROM))
    return ctypes.byref(_Ruleset(files, network, scopes)), ctypes.c_size_t(size), ctypes.c_uint32(0)


def _allow(rules: int, path: Path) -> None:
    if not path.exists():
        return
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = _READING if path.is_dir() else _EXECUTE | _READ_FILE
        beneath = _Beneath(allowed, opened)
        calls.syscall(_ADD, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), ctypes.byref(beneath), ctypes.c_uint32(0))
    finally:
        os.close(opened)
