"""The first questions of a department or a workspace."""

from collections.abc import Sequence
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Target, record
from portal.core.actor import Actor
from portal.core.catalogue import WORKSPACE
from portal.core.errors import Invalid
from portal.core.text import clean_text
from portal.departments.authority import require_at, require_on
from portal.departments.models import KINDS, Department, Workspace
from portal.prompts.models import FirstQuestion

MOST_QUESTIONS, QUESTION_LENGTH = 8, 500


@transaction.atomic
def set_first_questions(actor: Actor, place: Department | Workspace, texts: Sequence[str]) -> list[str]:
    """These and no others, in this order; empty ones are left out. Returns them as they are stored.

    Raises:
        NotFound, Forbidden: the place is not the actor's to manage.
        Invalid, TooLarge: there are too many, or one is none.
    """
    if isinstance(place, Workspace):
        require_on(actor, "workspace.manage", KINDS[WORKSPACE], place, seen_by="workspace.view")
        made = partial(FirstQuestion, workspace=place)
        found, target = FirstQuestion.objects.filter(workspace=place), Target("workspace", place.pk)
    else:
        require_at(actor, "department.manage", place)
        made = partial(FirstQuestion, department=place)
        found, target = FirstQuestion.objects.filter(department=place), Target("department", place.pk)
    new = [clean_text(" ".join(text.split()), limit=QUESTION_LENGTH, name="question") for text in texts if text.strip()]
    if len(new) > MOST_QUESTIONS:
        raise Invalid(
            _("At most %(most)d first questions are shown.") % {"most": MOST_QUESTIONS},
            code="too_many_questions",
            details={"field": "questions", "limit": MOST_QUESTIONS},
        )
    found.delete()
    FirstQuestion.objects.bulk_create(made(position=position, text=text) for position, text in enumerate(new))
    record(actor, "first_question.change", target, details={"questions": len(new)})
    return new
