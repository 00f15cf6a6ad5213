"""The embedded CPU engine: llama.cpp's own HTTP server, run inside this process.

Prints `ready ADDRESS` once it serves, and ends on SIGTERM or SIGINT. A key is read from
`ENGINE_API_KEY`.
"""

import argparse
import importlib
import os
import signal
import sys
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast

from workers.engine.bundled import FILE, WeightsMissing, bundled_weights_dir

_STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
_PARENT_CHECK_SECONDS = 1.0
_PROMPT_CACHE_MIB = 256
_ERRORS_ONLY = 1  # llama.cpp's verbosity; above it, the log names what is being processed


class _Server(Protocol):
    """The runtime's server: it serves from its creation to its deletion."""

    listening_address: str


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers.engine.cpu_server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--uds", type=Path, help="listen on a unix socket ending in .sock instead")
    parser.add_argument("--model-file", type=Path, help=f"a GGUF file; {FILE} of the bundled package if not given")
    parser.add_argument("--served-model-name", default="smollm2-135m")
    parser.add_argument("--slots", type=int, default=4, help="requests worked on at once")
    parser.add_argument("--context-length", type=int, default=4096, help="tokens of one request")
    parser.add_argument("--threads", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--exit-with-parent", action="store_true", help="end when the parent process is gone")
    return parser.parse_args()


def _load_runtime() -> ModuleType:
    # Read once, when the OpenMP library is loaded: hence before, and hence no import at the top.
    # Spinning threads cost nine tenths of the speed as soon as anything else wants a core.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    return importlib.import_module("xllamacpp")


def _start(runtime: ModuleType, arguments: argparse.Namespace, model_file: Path) -> _Server:
    """Load the model and serve it.

    Raises:
        RuntimeError: the model cannot be loaded, or the address not be listened on.
    """
    params = runtime.CommonParams()
    params.model.path = str(model_file)
    params.model_alias = {arguments.served_model_name}
    params.hostnames = [str(arguments.uds) if arguments.uds else arguments.host]
    params.port = arguments.port
    params.api_keys = [key] if (key := os.environ.get("ENGINE_API_KEY")) else []
    params.n_parallel = arguments.slots
    params.n_ctx = arguments.slots * arguments.context_length
    params.cpuparams.n_threads = arguments.threads
    params.cpuparams_batch.n_threads = arguments.threads
    params.cache_ram_mib = _PROMPT_CACHE_MIB
    params.verbosity = _ERRORS_ONLY
    params.offline = True
    params.endpoint_metrics = True
    params.endpoint_slots = False
    params.ui = False
    params.cors_origins = ""
    return cast("_Server", runtime.Server(params))


def _wait(*, exit_with_parent: bool) -> None:
    parent = os.getppid()
    while signal.sigtimedwait(_STOP_SIGNALS, _PARENT_CHECK_SECONDS) is None:
        if exit_with_parent and os.getppid() != parent:
            return


def main() -> int:
    arguments = _arguments()
    # Blocked before the runtime starts its threads, so that only the wait below gets them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    try:
        model_file = arguments.model_file or bundled_weights_dir() / FILE
    except WeightsMissing as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not model_file.is_file():
        sys.stderr.write(f"no model file {model_file}\n")
        return 1
    if arguments.uds:
        arguments.uds.unlink(missing_ok=True)
    try:
        server = _start(_load_runtime(), arguments, model_file)
    except RuntimeError as error:
        sys.stderr.write(f"the model cannot be loaded, or the address not be listened on: {error}\n")
        return 1
    address = f"unix:{arguments.uds}" if arguments.uds else server.listening_address
    sys.stdout.write(f"ready {address}\n")
    sys.stdout.flush()
    _wait(exit_with_parent=arguments.exit_with_parent)
    del server
    return 0


if __name__ == "__main__":
    sys.exit(main())
