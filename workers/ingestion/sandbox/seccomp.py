"""A filter of system calls: none that opens a socket, looks into other processes or changes what the process is."""

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workers.ingestion.sandbox import calls

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
# Statements of the kernel's filter language: load a word, compare, return.
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
# The same machine's second set of numbers, which would lead round the filter.
_X32 = 0x40000000


@dataclass(frozen=True, slots=True)
class Machine:
    architecture: int
    refused: tuple[int, ...]


# In this order: socket, socketpair, connect, accept, bind, listen, accept4; ptrace, process_vm_readv and writev;
# mount, umount2, pivot_root, chroot, unshare, setns; bpf, perf_event_open, userfaultfd, io_uring (3);
# keys (3); open_by_handle_at; setsid, setpgid, since the whole group of the process is ended at once;
# pidfd_getfd, kcmp, init_module, finit_module, kexec_load, new calls of mounting (6).
_MACHINES = {
    "x86_64": Machine(
        0xC000003E,
        (
            *(41, 53, 42, 43, 49, 50, 288, 101, 310, 311, 165, 166, 155, 161, 272, 308, 321, 298, 323, 425, 426, 427),
            *(248, 249, 250, 304, 112, 109, 438, 312, 175, 313, 246, 428, 429, 430, 431, 432, 433),
        ),
    ),
    "aarch64": Machine(
        0xC00000B7,
        (
            *(198, 199, 203, 202, 200, 201, 242, 117, 270, 271, 40, 39, 41, 51, 97, 268, 280, 241, 282, 425, 426, 427),
            *(217, 218, 219, 265, 157, 154, 438, 272, 105, 273, 104, 428, 429, 430, 431, 432, 433),
        ),
    ),
}


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def restrict() -> bool:
    """False where the kernel or the machine is not one that this knows."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    statements = list(_statements(machine.architecture, machine.refused))
    code = ctypes.create_string_buffer(b"".join(statements))
    program = _Program(len(statements), ctypes.cast(code, ctypes.c_void_p))
    try:
        calls.give_up_privileges()
        calls.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)
    except OSError:
        return False
    return True


def _statements(architecture: int, refused: Iterable[int]) -> Iterator[bytes]:
    yield _statement(_LOAD, _ARCHITECTURE_AT)
    yield _statement(_EQUAL, architecture, met=1)
    yield _statement(_RETURN, _KILL)
    yield _statement(_LOAD, _NUMBER_AT)
    yield _statement(_AT_LEAST, _X32, unmet=1)
    yield _statement(_RETURN, _REFUSE)
    for number in refused:
        yield _statement(_EQUAL, number, unmet=1)
        yield _statement(_RETURN, _REFUSE)
    yield _statement(_RETURN, _ALLOW)


def _statement(code: int, value: int, *, met: int = 0, unmet: int = 0) -> bytes:
    return struct.pack("=HBBI", code, met, unmet, value)
