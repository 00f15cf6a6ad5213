"""How much thought an answer gets, and what is done where its prompt is too long."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.chat.choices import Thinking
from portal.configuration import live
from portal.core.errors import Invalid
from portal.engines.models import Engine
from portal.runs.choices import ContextChoice

LEAST_BUDGET, MOST_BUDGET = 1, 1_000_000
MOST_CHOICES = 6


@dataclass(frozen=True, slots=True)
class Effort:
    """``budget`` is in tokens and goes with budgeted thinking; ``context`` is a choice made, or empty."""

    thinking: str = Thinking.OFF
    budget: int | None = None
    context: str = ""

    def checked(self) -> "Effort":
        """With the default budget where budgeted thinking names none. Raises Invalid."""
        if self.thinking not in Thinking.values:
            problem = _("Thinking is off, budgeted or deep.")
            raise Invalid(problem, code="bad_thinking", details={"field": "thinking"})
        if self.context and self.context not in ContextChoice.values:
            raise Invalid(
                _("The context is compacted (compact) or read in parts (parts)."), details={"field": "context"}
            )
        budget = self.budget
        if self.thinking == Thinking.BUDGETED:
            budget = live.whole_number("thinking_budget") if budget is None else budget
        if budget is not None and (self.thinking != Thinking.BUDGETED or not LEAST_BUDGET <= budget <= MOST_BUDGET):
            problem = _("A budget has %(least_budget)s to %(most_budget)s tokens and goes with budgeted thinking.") % {
                "least_budget": LEAST_BUDGET,
                "most_budget": f"{MOST_BUDGET:,}",
            }
            raise Invalid(problem, code="bad_budget", details={"field": "budget"})
        return Effort(self.thinking, budget, self.context)

    def require(self, engine: Engine) -> None:
        """Raises Invalid where the engine cannot do it."""
        if self.thinking != Thinking.OFF and not engine.supports_thinking:
            raise Invalid(_("This model cannot think before it answers. Ask without thinking."), code="cannot_think")
        if self.thinking == Thinking.BUDGETED and not engine.supports_budget:
            raise Invalid(_("This engine keeps to no thinking budget. Ask for deep thinking."), code="cannot_budget")


def budget_choices() -> list[int]:
    """What people are offered, the default among them; what an administrator mistyped is passed over."""
    written = live.text("thinking_budgets").replace(",", " ").split()
    found = {int(word) for word in written if word.isascii() and word.isdigit() and len(word) < 8}
    default = live.whole_number("thinking_budget")
    offered = sorted(number for number in found if LEAST_BUDGET <= number <= MOST_BUDGET)[:MOST_CHOICES]
    return sorted({*offered, default})
