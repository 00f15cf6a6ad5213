"""The workspace page as a person uses it."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

FINAL = "[data-state=finished], [data-state=failed], [data-state=cancelled]"


@dataclass
class Workspace:
    page: Page

    @classmethod
    def opened(cls, page: Page, path: str = "/") -> Workspace:
        page.goto(path)
        page.locator("#question").wait_for()
        return cls(page)

    @property
    def field(self) -> Locator:
        return self.page.get_by_label("Your question")

    @property
    def answers(self) -> Locator:
        return self.page.locator("#messages > [data-answer]")

    @property
    def questions(self) -> Locator:
        return self.page.locator("#messages > .question")

    @property
    def last(self) -> Locator:
        return self.answers.last

    @property
    def body(self) -> Locator:
        return self.last.locator("[data-body]")

    @property
    def stop_button(self) -> Locator:
        return self.page.get_by_role("button", name="Stop")

    def think(self, name: str) -> None:
        """Choose how much the model thinks, by what the menu says."""
        self.page.get_by_role("button", name="Thinking").click()
        self.page.get_by_role("menuitemradio", name=name).click()

    def ask(self, question: str) -> None:
        self.field.fill(question)
        self.field.press("Enter")

    def ask_and_wait(self, question: str) -> None:
        before = self.answers.count()
        self.ask(question)
        expect(self.answers).to_have_count(before + 1)
        self.wait_until_answered()

    def wait_until_begun(self, tokens: str = "t3@") -> None:
        expect(self.body).to_contain_text(tokens)

    def wait_until_answered(self, state: str = "finished") -> None:
        expect(self.last).to_have_attribute("data-state", state, timeout=60_000)

    def source(self) -> str:
        """What the model wrote, as the button copies it."""
        self.last.get_by_role("button", name="Copy the answer").click()
        expect(self.page.locator("#announcer")).to_have_text("Copied.")
        copied: str = self.page.evaluate("navigator.clipboard.readText()")
        return copied
