"""Whatever happens to the page or its connection, the text that arrives is what the engine sent, once and whole."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import OpenContext
from tests.e2e.workspace import Workspace

pytestmark = [pytest.mark.browser, pytest.mark.stack]

SLOW = "[[part:answer tokens=200 tokens_per_s=40]]"
TOKEN = re.compile(r" t(\d+)@\d+")


def assert_whole(workspace: Workspace) -> None:
    source = workspace.source()
    assert TOKEN.sub("", source) == ""
    assert [int(number) for number in TOKEN.findall(source)] == list(range(200))


def test_reloading_in_mid_answer_loses_nothing(workspace: Workspace) -> None:
    workspace.ask(SLOW)
    for begun in ("t5@", "t40@", "t90@"):
        workspace.wait_until_begun(begun)
        workspace.page.reload()
    workspace.wait_until_answered()
    assert_whole(workspace)
    workspace.page.reload()
    assert_whole(workspace)


def test_a_lost_network_loses_nothing(workspace: Workspace) -> None:
    workspace.ask(SLOW)
    workspace.wait_until_begun("t10@")
    workspace.page.context.set_offline(True)
    expect(workspace.page.locator("#connection")).to_be_visible()
    workspace.page.wait_for_timeout(1_000)
    workspace.page.context.set_offline(False)
    expect(workspace.page.locator("#connection")).to_be_hidden()
    workspace.wait_until_answered()
    assert_whole(workspace)


def test_two_devices_read_the_same(workspace: Workspace, open_context: OpenContext) -> None:
    workspace.ask(SLOW)
    workspace.wait_until_begun("t10@")
    other = Workspace.opened(open_context().new_page(), workspace.page.url)
    other.wait_until_answered()
    workspace.wait_until_answered()
    assert_whole(other)
    workspace.page.bring_to_front()
    assert_whole(workspace)
