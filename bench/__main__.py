"""`make bench`: the product beside the engine asked directly, in one run on one machine; ratios count, not seconds."""

import argparse
import asyncio

import aiohttp

from bench.installation import installation_rows
from bench.load import Browser, Direct, Stream, Summary, median, quantile, run_load, summary
from bench.machine import CpuMeter, memory_mb, sockets_allowed
from bench.pages import page_rows
from bench.reading import reading_rows
from bench.rights import rights_rows
from bench.stack import process_id, stack_of_its_own
from bench.table import Row, print_table
from tests.stack import Stack

TOKENS = 200


async def measure(stack: Stack, postgres_pid: int, sizes: list[int], repeat: int) -> list[Row]:
    rows: list[Row] = []
    processes = {name: process_id(stack.children[name]) for name in ("portal", "worker")}
    servers = {**processes, "redis": process_id(stack.broker.child), "postgres": postgres_pid}
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar) as session:
        direct, browser = Direct(stack.engine_url, TOKENS), Browser(stack.url, stack.password, TOKENS)
        await browser.open(session, 1)
        rows.append(Row("memory of portal + worker, idle", memory_mb(processes.values()), "MB", 300))
        rows += await one_answer(session, direct, browser, repeat)
        for size in sizes:
            rows += await many_answers(session, direct, browser, size, servers, list(processes.values()))
        rows += await stop_time(session, stack, browser)
        await browser.close()
    return rows


async def one_answer(session: aiohttp.ClientSession, direct: Direct, browser: Browser, repeat: int) -> list[Row]:
    bare: list[Stream] = []
    ours: list[Stream] = []
    await browser.ask(session, 0)
    for _ in range(repeat):
        bare += await run_load(direct, session, 1)
        ours += await run_load(browser, session, 1)
    added = median([stream.ttft_ms for stream in ours]) - median([stream.ttft_ms for stream in bare])
    first, second = summary(bare, TOKENS), summary(ours, TOKENS)
    return [
        Row("one answer: added time to first token, p50", added, "ms", 25, ratio=second.ttft_p50 / first.ttft_p50),
        Row("one answer: added latency a token, p99", second.added_p99 - first.added_p99, "ms", 3),
    ]


async def many_answers(
    session: aiohttp.ClientSession,
    direct: Direct,
    browser: Browser,
    size: int,
    servers: dict[str, int],
    processes: list[int],
) -> list[Row]:
    bare: Summary = summary(await run_load(direct, session, size), TOKENS)
    await browser.open(session, size)
    meter = CpuMeter(servers)
    load = asyncio.ensure_future(run_load(browser, session, size))
    await asyncio.sleep(2.5)
    at_load = memory_mb(processes)
    ours = summary(await load, TOKENS)
    cpu = meter.milliseconds()
    if ours.problems:
        print(f"{size} answers: {ours.problems}")
    name = f"{size} answers"
    thousand = max(1, ours.tokens) / 1000
    print(f"{name}: CPU ms a 1,000 tokens by process:", {key: round(value / thousand, 1) for key, value in cpu.items()})
    limits = {50: (450, None), 200: (1500, 150)}.get(size, (None, None))
    return [
        Row(f"{name}: whole, in order", ours.whole * 100, "%", 100, at_least=True),
        Row(f"{name}: time to first token, p50", ours.ttft_p50, "ms", None, ratio=ours.ttft_p50 / bare.ttft_p50),
        Row(f"{name}: time to first token, p95", ours.ttft_p95, "ms", limits[0], ratio=ours.ttft_p95 / bare.ttft_p95),
        Row(f"{name}: added latency a token, p99", ours.added_p99, "ms", limits[1]),
        Row(f"{name}: CPU a 1,000 tokens", sum(cpu.values()) / thousand, "ms", 150 if size == 200 else None),
        Row(f"{name}: memory of portal + worker", at_load, "MB", 500 if size == 200 else None),
    ]


async def stop_time(session: aiohttp.ClientSession, stack: Stack, browser: Browser) -> list[Row]:
    """From Stop in the browser's path until the engine counts no running request."""
    times = []
    for _ in range(5):
        times.append(await browser.stop(session, stack.engine_url))
    return [Row("Stop until the engine is free, p50", quantile(times, 0.5), "ms", 50)]


def stack_rows(sizes: list[int], repeat: int) -> list[Row]:
    """What is measured on one stack of its own."""
    with stack_of_its_own() as (stack, postgres_pid):
        return [
            *asyncio.run(measure(stack, postgres_pid, sizes, repeat)),
            *page_rows(stack),
            *reading_rows(stack),
        ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--sizes", default="50,200", help="answers started within a second, comma separated")
    parser.add_argument("--repeat", type=int, default=8, help="how often one answer is measured")
    parser.add_argument("--skip-install", action="store_true", help="leave out the installation of a clean clone")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",") if size]
    sockets_allowed(max(sizes, default=1) * 8 + 1024)
    rows = stack_rows(sizes, options.repeat)
    rows += rights_rows()
    if not options.skip_install:
        rows += installation_rows()
    print_table(rows)


if __name__ == "__main__":
    main()
