"""What a person waits for: the first page, and the first token of an answer, in a headless Chromium."""

from playwright.sync_api import Browser, Page, StorageState

from bench.load import median, quantile
from bench.table import Row
from tests.e2e.chromium import launched, sign_in
from tests.e2e.workspace import Workspace
from tests.stack import Stack

FIRST_PAGES = 7
CONVERSATIONS = 5
QUESTION = "How long does a container take to Santos? [[part:answer tokens={tokens}]]"
TOKENS = 10
TYPING_MS = 10
"""Between two keys: quicker than any person, slow enough for the page to be ready as it would be for one."""

# A timer that a frame's callback sets runs once that frame is painted.
WATCH_ANSWER = """() => {
    const messages = document.querySelector("#messages");
    const answer = () => messages.querySelector(":scope > li:last-child [data-body]");
    const before = answer();
    let pressed;
    addEventListener("keydown", () => { pressed = performance.now(); }, { capture: true, once: true });
    window.firstToken = new Promise((resolve) => {
        const observer = new MutationObserver(() => {
            if (answer() === before || !answer()?.textContent) return;
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - pressed)));
        });
        observer.observe(messages, { childList: true, characterData: true, subtree: true });
    });
}"""


def page_rows(stack: Stack) -> list[Row]:
    with launched() as browser:
        alice = sign_in(browser, stack.url, "alice", stack.password)
        return [*first_page(browser, stack.url, alice), *first_token(browser, stack.url, alice)]


def first_page(browser: Browser, url: str, person: StorageState) -> list[Row]:
    """Each time in a context of its own, so with an empty cache."""
    visits = [visit(browser, url, person) for _ in range(FIRST_PAGES)]
    return [
        Row("first page: requests", max(requests for requests, _ in visits), "", 25),
        Row("first page: loaded", median([seconds for _, seconds in visits]), "s", 0.6),
    ]


def visit(browser: Browser, url: str, person: StorageState) -> tuple[int, float]:
    """How many requests the page makes until it is quiet, and the seconds until its load event."""
    requests: list[str] = []
    with browser.new_context(base_url=url, storage_state=person) as context:
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("websocket", lambda socket: requests.append(socket.url))
        page.goto("/", wait_until="networkidle")
        loaded: float = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    return len(requests), loaded / 1000


def first_token(browser: Browser, url: str, person: StorageState) -> list[Row]:
    """A question and a follow-up in each of some conversations."""
    times: list[float] = []
    with browser.new_context(base_url=url, storage_state=person) as context:
        page = context.new_page()
        for _ in range(CONVERSATIONS):
            workspace = Workspace.opened(page)
            times += [ask(workspace, page), ask(workspace, page)]
    name = "Chromium: Enter until the first token is on the screen"
    return [
        Row(f"{name}, p50", quantile(times, 0.5), "ms", 150),
        Row(f"{name}, p95", quantile(times, 0.95), "ms"),
    ]


def ask(workspace: Workspace, page: Page) -> float:
    """Milliseconds from Enter until the answer's first text is painted."""
    workspace.field.press_sequentially(QUESTION.format(tokens=TOKENS), delay=TYPING_MS)
    page.evaluate(WATCH_ANSWER)
    workspace.field.press("Enter")
    elapsed: float = page.evaluate("window.firstToken")
    workspace.wait_until_answered()
    return elapsed
