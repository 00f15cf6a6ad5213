"""How the page of a conversation reads: its first paint, a long answer that streams, and scrolling meanwhile.

``python -m bench.reading``. All in headless Chromium on loopback, beside the whole appliance on the same machine. What
counts for streaming is the ratio to parsing and showing the whole text anew in each frame, taken in the same run.
"""

import gzip
from itertools import pairwise
from typing import Any

from playwright.sync_api import Browser, Page, StorageState

from bench.load import median
from bench.stack import stack_of_its_own
from bench.table import Row, print_table
from tests.e2e.chromium import launched, sign_in
from tests.e2e.long_conversation import CODE, TABLE, WORDS, imported
from tests.stack import Stack

MESSAGES = 2_000
VISITS = 5
TOKENS = 20_000
TOKENS_A_FRAME = 8
"""480 tokens a second: more than an engine gives one answer."""
STILL_FRAMES = 600
WHOLE_FRAMES = 20
"""Evenly spread; all of them would take many minutes."""
FRAME_MS = 1000 / 60

WATCH_PAINT = """(() => {
    window.seen = { lcp: 0, cls: 0, blocked: 0 };
    const watch = (type, take) => new PerformanceObserver(list => list.getEntries().forEach(take))
        .observe({ type, buffered: true });
    watch("largest-contentful-paint", entry => (seen.lcp = entry.startTime));
    watch("layout-shift", entry => { if (!entry.hadRecentInput) seen.cls += entry.value; });
    watch("longtask", entry => (seen.blocked += Math.max(0, entry.duration - 50)));
})()"""

# An answer grows by a piece a frame, or is built anew from the whole text each time.
STREAM = """async ([texts, whole]) => {
    const map = JSON.parse(document.querySelector("script[type=importmap]").textContent).imports;
    const { GrowingMarkdown } = await import(map["/static/js/markdown/blocks.js"]);
    await import("highlight");
    const item = document.createElement("li");
    const root = document.createElement("div");
    root.className = "prose";
    item.append(root);
    document.querySelector("#messages").append(item);
    let growing = new GrowingMarkdown(root);
    for (const text of texts) {
        await new Promise(requestAnimationFrame);
        if (whole) growing = new GrowingMarkdown(root);
        growing.append(text);
    }
    await new Promise(requestAnimationFrame);
    item.remove();
}"""

# While an answer grows, the reader scrolls up and down with each frame, and each frame's length is kept.
SCROLL = """async pieces => {
    const map = JSON.parse(document.querySelector("script[type=importmap]").textContent).imports;
    const { GrowingMarkdown } = await import(map["/static/js/markdown/blocks.js"]);
    const list = document.querySelector("#messages"), scroller = document.querySelector("#scroller");
    const item = document.createElement("li");
    const root = document.createElement("div");
    root.className = "prose";
    item.append(root);
    list.append(item);
    const growing = new GrowingMarkdown(root);
    const times = [];
    let step = -40;
    for (const piece of pieces) {
        times.push(await new Promise(requestAnimationFrame));
        growing.append(piece);
        if (scroller.scrollTop < 200) step = 40;
        if (scroller.scrollTop > scroller.scrollHeight - scroller.clientHeight - 400) step = -40;
        scroller.scrollTop += step;
    }
    item.remove();
    return times;
}"""


def answer(tokens: int) -> list[str]:
    """Pieces of a few tokens each, four characters a token, with code and tables."""
    section = f"## Part\n\n{WORDS}{WORDS}\n\n{TABLE}\n\n{WORDS}\n\n{CODE}\n\n- one `a`\n- two **b**\n\n"
    text = (section * (tokens * 4 // len(section) + 1))[: tokens * 4]
    size = TOKENS_A_FRAME * 4
    return [text[start : start + size] for start in range(0, len(text), size)]


def reading_rows(stack: Stack) -> list[Row]:
    with launched() as browser:
        alice = sign_in(browser, stack.url, "alice", stack.password)
        with browser.new_context(base_url=stack.url, storage_state=alice) as context:
            path = imported(context.new_page(), "History", MESSAGES)
        return [*first_paint(browser, stack.url, alice, path), *streaming(browser, stack.url, alice, path)]


def first_paint(browser: Browser, url: str, person: StorageState, path: str) -> list[Row]:
    """Each time in a context of its own, so with an empty cache."""
    visits = [visit(browser, url, person, path) for _ in range(VISITS)]
    name = f"conversation of {MESSAGES:,} messages"
    return [
        Row(f"{name}: largest contentful paint", median([seen["lcp"] / 1000 for seen in visits]), "s", 1.0),
        Row(f"{name}: total blocking time", median([seen["blocked"] for seen in visits]), "ms", 100),
        Row(f"{name}: cumulative layout shift", median([seen["cls"] for seen in visits]), "", 0.02),
        Row(f"{name}: JavaScript of the first load, gzip", max(seen["script"] for seen in visits), "KB", 150),
    ]


def visit(browser: Browser, url: str, person: StorageState, path: str) -> dict[str, float]:
    sizes: list[int] = []
    with browser.new_context(base_url=url, storage_state=person) as context:
        page = context.new_page()
        page.add_init_script(WATCH_PAINT)
        page.on(
            "response",
            lambda found: (
                sizes.append(len(gzip.compress(found.body()))) if found.request.resource_type == "script" else None
            ),
        )
        page.goto(path, wait_until="networkidle")
        seen: dict[str, float] = page.evaluate("window.seen")
    return seen | {"script": sum(sizes) / 1000}


def streaming(browser: Browser, url: str, person: StorageState, path: str) -> list[Row]:
    pieces = answer(TOKENS)
    with browser.new_context(base_url=url, storage_state=person) as context:
        page = context.new_page()
        page.goto(path, wait_until="networkidle")
        texts = ["".join(pieces[: number * len(pieces) // WHOLE_FRAMES]) for number in range(1, WHOLE_FRAMES + 1)]
        ours = main_thread_ms(page, [pieces, False])
        whole = main_thread_ms(page, [texts, True]) * len(pieces) / WHOLE_FRAMES
        still = frames(page, [""] * STILL_FRAMES)
        steady = frames(page, pieces)
    name = f"answer of {TOKENS:,} tokens"
    return [
        Row(f"{name}: main thread", ours, "ms"),
        Row(f"{name}: main thread, whole text anew each frame", whole, "ms"),
        Row(f"{name}: share of that", ours / whole * 100, "%", 25),
        Row("frames within 16.7 ms while scrolling, no answer", still * 100, "%"),
        Row(f"{name}: frames within 16.7 ms while scrolling", steady * 100, "%", 95, at_least=True),
    ]


def main_thread_ms(page: Page, of: list[Any]) -> float:
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        found = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
        return float(found["TaskDuration"]) * 1000

    before = busy()
    page.evaluate(STREAM, of)
    return busy() - before


def frames(page: Page, pieces: list[str]) -> float:
    """Of the frames that scrolling during the answer should have had, the share that came in time, by the trace."""
    session = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    ended: list[bool] = []
    session.on("Tracing.tracingComplete", lambda _: ended.append(True))
    categories = "disabled-by-default-devtools.timeline.frame,devtools.timeline.frame,devtools.timeline"
    session.send("Tracing.start", {"traceConfig": {"includedCategories": categories.split(",")}})
    times: list[float] = page.evaluate(SCROLL, pieces)
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(50)
    drawn: list[float] = sorted(event["ts"] / 1000 for event in events if event["name"] == "DrawFrame")
    counted = drawn if len(drawn) > len(times) / 2 else times
    gaps = [later - earlier for earlier, later in pairwise(counted)]
    # A frame that comes late by less than a tenth of a frame is the clock's, not the page's.
    return float(sum(gap <= FRAME_MS * 1.1 for gap in gaps) / len(gaps))


def main() -> None:
    with stack_of_its_own() as (stack, _):
        print_table(reading_rows(stack))


if __name__ == "__main__":
    main()
