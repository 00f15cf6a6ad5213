"""The page where conversations of other programs are brought in."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts.door import actor_of
from portal.chat.imports.choices import UNFINISHED, ImportState
from portal.chat.imports.models import Import, ImportProblem
from portal.chat.imports.selectors import imports, problems_of, workspaces_to_import_into
from portal.configuration import live
from portal.core.actor import Actor
from portal.workspace.import_sentences import why
from portal.workspace.page import page
from portal.workspace.presenters import WORKSPACES_LISTED, browser_data

MOST_LISTED = 20
PROBLEMS_LISTED = 50


@dataclass(frozen=True, slots=True)
class ProblemLine:
    title: str
    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportCard:
    row: Import
    problems: list[ProblemLine]

    @property
    def is_under_way(self) -> bool:
        return self.row.state in UNFINISHED

    @property
    def is_receiving(self) -> bool:
        return self.row.state == ImportState.RECEIVING

    @property
    def percent(self) -> int:
        share = self.row.received / self.row.size if self.is_receiving else self.row.share
        return int(100 * share)

    @property
    def reason(self) -> str:
        return why(self.row.error_code) if self.row.error_code else ""

    @property
    def unlisted(self) -> int:
        return self.row.failed - len(self.problems)


@page("import.list")
def import_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "imports": cards(actor),
        "workspaces": workspaces_to_import_into(actor)[:WORKSPACES_LISTED],
        "chosen": request.session.get("workspace"),
        "limit": live.whole_number("import_size"),
        "browser": browser_data(),
    }
    return render(request, "workspace/imports.html", context)


@page("import.list")
def import_list(request: HttpRequest) -> HttpResponse:
    """The part of the page that changes while something is imported."""
    return render(request, "workspace/_imports.html", {"imports": cards(actor_of(request))})


def cards(actor: Actor) -> list[ImportCard]:
    found = list(imports(actor)[:MOST_LISTED])
    problems = problems_of(found, PROBLEMS_LISTED)
    return [ImportCard(row, [_line(item) for item in problems.get(row.pk, [])]) for row in found]


def _line(problem: ImportProblem) -> ProblemLine:
    return ProblemLine(problem.title, problem.number, why(problem.code))
