"""Runs the scripted engine until SIGTERM or SIGINT."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import uvloop

from workers.engine.scripted.parts import PartOptions
from workers.engine.scripted.server import ScriptedEngine


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m workers.engine.scripted", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--uds", type=Path, help="listen on a unix socket instead")
    parser.add_argument("--ttft-ms", type=float, default=50.0)
    parser.add_argument("--tokens-per-s", type=float, default=50.0)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--max-running", type=int, help="answer 503 above so many streams")
    parser.add_argument("--startup-ms", type=float, default=0.0, help="not healthy for so long")
    return parser.parse_args()


async def _serve(arguments: argparse.Namespace) -> None:
    options = PartOptions(ttft_ms=arguments.ttft_ms, tokens_per_s=arguments.tokens_per_s, tokens=arguments.tokens)
    engine = ScriptedEngine(
        options,
        api_key=os.environ.get("ENGINE_API_KEY"),
        max_running=arguments.max_running,
        startup_ms=arguments.startup_ms,
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    address = await engine.start(arguments.host, arguments.port, socket=arguments.uds)
    sys.stdout.write(f"ready {address}\n")
    sys.stdout.flush()
    await stop.wait()
    await engine.stop()


if __name__ == "__main__":
    uvloop.run(_serve(_arguments()))
