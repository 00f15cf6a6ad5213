"""What vLLM's own parsers say to command lines: run by vLLM's Python, JSON in, one line of JSON out.

In: `{name: {"argv": […], "env": {…}}}`. Out: `{name: [fault, …]}`.
"""

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

import vllm.envs  # type: ignore[import-not-found]
from vllm.config import SpeculativeConfig  # type: ignore[import-not-found]
from vllm.entrypoints.cli.serve import ServeSubcommand  # type: ignore[import-not-found]
from vllm.reasoning import ReasoningParserManager  # type: ignore[import-not-found]
from vllm.tool_parsers import ToolParserManager  # type: ignore[import-not-found]
from vllm.utils.argparse_utils import FlexibleArgumentParser  # type: ignore[import-not-found]


class Unparsable(ValueError):
    """The command line is not one of vLLM's; the message is the parser's."""


def refuse(_parser: argparse.ArgumentParser, message: str) -> NoReturn:
    raise Unparsable(message)


def faults(parser: argparse.ArgumentParser, argv: Sequence[str], env: Mapping[str, str]) -> Iterator[str]:
    yield from setting_faults(env)
    try:
        arguments = parser.parse_args(list(argv)[1:])
        ServeSubcommand().validate(arguments)
    except (Unparsable, TypeError, ValueError) as error:
        yield str(error)
        return
    # Plug-ins may add parsers, so the command line takes any name; the server does not start with an unknown one.
    if arguments.reasoning_parser and arguments.reasoning_parser not in ReasoningParserManager.list_registered():
        yield f"unknown reasoning parser {arguments.reasoning_parser}"
    if arguments.tool_call_parser and arguments.tool_call_parser not in ToolParserManager.list_registered():
        yield f"unknown tool parser {arguments.tool_call_parser}"
    known = {field.name for field in dataclasses.fields(SpeculativeConfig)}
    yield from (f"unknown speculative setting {name}" for name in (arguments.speculative_config or {}).keys() - known)


def setting_faults(env: Mapping[str, str]) -> Iterator[str]:
    """vLLM only warns of a variable that it does not know, and goes on without it."""
    for name, value in env.items():
        if not name.startswith("VLLM_"):
            continue
        if name not in vllm.envs.environment_variables:
            yield f"unknown setting {name}"
            continue
        os.environ[name] = value
        try:
            getattr(vllm.envs, name)
        except ValueError as error:
            yield f"{name}: {error}"


def main() -> None:
    argparse.ArgumentParser.error = refuse  # type: ignore[method-assign, assignment]
    parser = FlexibleArgumentParser()
    ServeSubcommand().subparser_init(parser.add_subparsers(required=True, dest="subparser"))
    commands = json.load(sys.stdin)
    found = {name: list(faults(parser, command["argv"], command["env"])) for name, command in commands.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
