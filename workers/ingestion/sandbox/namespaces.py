from workers.ingestion.sandbox import calls

_NEW_USER, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x40000000, 0x08000000


def leave() -> bool:
    """Go where there is no network and no privilege. False where the machine does not let ordinary processes do so.

    The process must not have threads yet.
    """
    try:
        calls.unshare(_NEW_USER | _NEW_NETWORK | _NEW_IPC)
    except OSError:
        return False
    return True
