"""How the console changes something: a form, what saving would do to who sees what, and only then the change.

Only a POST tries the change out. A page that is opened with GET and would ask at once comes without its effect, which
htmx fetches right after by the POST that the form's own button sends.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.accounts.door import actor_of
from portal.accounts.models import User
from portal.core.actor import Actor
from portal.core.errors import AppError, NotFound
from portal.departments.preview import Preview, Reach, gained, lost, preview, preview_on
from portal.departments.selectors import workspaces_in_sight

Values = Mapping[str, Any]
Context = Callable[[], Mapping[str, Any]]
"""What the frame of a page shows; a part of a page has none."""
CONTROL = frozenset({"csrfmiddlewaretoken", "step"})


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a page offers.

    Attributes:
        form: makes the form from what was typed; without fields the page only asks.
        act: makes the change, by a service.
        reach: of whom and of what it may alter the rights, or the engine that it is about; None: it alters
            nobody's, and is saved without asking.
        done: what the person is told afterwards.
        query: a field whose presence in the address makes that an answer to the form, shown and not yet saved.
        back: where Cancel leads, and saving too unless ``leads_to`` says otherwise.
    """

    title: str
    act: Callable[[Values], Any]
    back: str
    done: str
    form: Callable[[QueryDict | None], forms.Form] = forms.Form
    reach: Callable[[Values], Reach | Model] | None = None
    verb: str = field(default_factory=lambda: _("Save"))
    lead: str = ""
    danger: bool = False
    query: str = ""
    leads_to: Callable[[Any], str] | None = None
    trail: tuple[tuple[str, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Fold:
    """One sentence of a preview, with the names behind it."""

    sentence: str
    names: tuple[str, ...]
    gains: bool


def offer(request: HttpRequest, context: Context, change: Change) -> HttpResponse:
    """The page of a change: form, preview or result, by what was sent; to htmx the preview alone.

    Raises:
        NotFound: what a service raises where the actor does not see what it is about.
    """
    answered = change.query in request.GET if change.query else False
    given = request.POST if request.method == "POST" else request.GET if answered else None
    form = change.form(given)
    if not form.fields and request.method == "GET":
        return _ask(request, context, change, form, {})
    if given is None or request.POST.get("step") == "edit":
        return _page(request, "form", context, change, form)
    if not form.is_valid():
        return _page(request, "form", context, change, form, status=400)
    values = form.cleaned_data
    if request.method == "POST" and (change.reach is None or request.POST.get("step") == "save"):
        return _save(request, context, change, form, values)
    return _ask(request, context, change, form, values)


def _save(request: HttpRequest, context: Context, change: Change, form: forms.Form, values: Values) -> HttpResponse:
    try:
        result = change.act(values)
    except NotFound:
        raise
    except AppError as error:
        return _refused(request, context, change, form, error)
    messages.success(request, change.done)
    return redirect(change.leads_to(result) if change.leads_to else change.back)


def _ask(request: HttpRequest, context: Context, change: Change, form: forms.Form, values: Values) -> HttpResponse:
    """What saving would do; the buttons of that page save, go back to the form, or leave it."""
    pending = request.method == "GET" and change.reach is not None
    seen: dict[str, Any] = {"carried": _carried(form), "has_form": bool(form.fields), "pending": pending}
    if change.reach is not None and not pending:
        try:
            found = _looked_at(change.reach(values), lambda: change.act(values))
        except NotFound:
            raise
        except AppError as error:
            if _wants_part(request):
                return _part(request, change, {"problem": error.message}, status=error.status)
            return _refused(request, context, change, form, error)
        seen |= {"folds": folds(actor_of(request), found), "complete": found.complete}
    if _wants_part(request):
        return _part(request, change, seen)
    return _page(request, "confirm", context, change, form, seen)


def _carried(form: forms.Form) -> list[tuple[str, Any]]:
    """What was typed, for the next request."""
    if not isinstance(form.data, QueryDict):
        return []
    return [(name, value) for name, values in form.data.lists() if name not in CONTROL for value in values]


def _wants_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def _part(request: HttpRequest, change: Change, shown: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    answer = render(request, "console/company/_effect_part.html", {"change": change, **shown}, status=status)
    # A refusal is part of the page too; other errors come as whole pages and are told by effect.js.
    answer["HX-Reswap"] = "innerHTML"
    return answer


def _looked_at(reach: Reach | Model, act: Callable[[], Any]) -> Preview:
    return preview(reach, act) if isinstance(reach, Reach) else preview_on(reach, "engine.use", act)


def _refused(request: HttpRequest, context: Context, change: Change, form: forms.Form, error: AppError) -> HttpResponse:
    """The form with what was typed, and what the service said beside the field that it is about."""
    about = str(error.details.get("field", ""))
    if form.fields and form.is_bound:
        form.add_error(about if about in form.fields else None, error.message)
        return _page(request, "form", context, change, form, status=error.status)
    return _page(request, "refused", context, change, form, {"problem": error.message}, status=error.status)


def _page(
    request: HttpRequest,
    template: str,
    context: Context,
    change: Change,
    form: forms.Form,
    more: Values = MappingProxyType({}),
    *,
    status: int = 200,
) -> HttpResponse:
    # Templates call what can be called, so that they are told whether there is a preview.
    asked = {"previewed": change.reach is not None, "trail": change.trail}
    shown = {**context(), **more, **asked, "title": change.title, "change": change, "form": form}
    return render(request, f"console/company/{template}.html", shown, status=status)


def folds(actor: Actor, found: Preview) -> list[Fold]:
    """The sentences of a preview with their names; of workspaces that are not the actor's, only how many."""
    known = workspaces_in_sight(actor, {workspace.pk for _, workspace in (*found.losses, *found.gains)})
    made = []
    for pairs, wording, gains in (
        (found.losses, lost, False),
        (found.gains, gained, True),
    ):
        by_workspace: dict[Any, list[User]] = {}
        for person, workspace in pairs:
            by_workspace.setdefault(workspace, []).append(person)
        for workspace, people in by_workspace.items():
            if workspace.pk in known:
                made.append(Fold(_sentence(len(people), wording, workspace.name), _names(people), gains))
        elsewhere = len(by_workspace.keys() - {item for item in by_workspace if item.pk in known})
        if elsewhere:
            places = ngettext(
                "a workspace that you do not administer", "%(count)s workspaces that you do not administer", elsewhere
            ) % {"count": elsewhere}
            people = list({person for person, workspace in pairs if workspace.pk not in known})
            sentence = _sentence(len(people), wording, places)
            made.append(Fold(sentence, _names(people), gains))
    return made


def _sentence(count: int, wording: Callable[[int], str], place: str) -> str:
    return wording(count) % {"count": count, "place": place}


def _names(people: list[User]) -> tuple[str, ...]:
    return tuple(sorted(f"{person.display_name()} ({person.username})" for person in people))
