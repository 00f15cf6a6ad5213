"""What conversations begin with: the instructions of a workspace, and first questions."""

import uuid

from django.http import HttpRequest
from ninja import Router

from portal.accounts.door import actor_of
from portal.api.prompt_shapes import FirstQuestionsIn, FirstQuestionsOut, InstructionsIn, InstructionsOut
from portal.api.refusals import REFUSALS
from portal.core.declare import declares
from portal.departments.access import department_for_view, workspace_for_administration
from portal.departments.models import Department, Workspace
from portal.prompts.selectors import first_questions, instructions_of, questions_shown
from portal.prompts.services.instructions import set_instructions
from portal.prompts.services.questions import set_first_questions

router = Router()


@router.get("/workspaces/{uuid:workspace_id}/instructions", response={200: InstructionsOut, **REFUSALS})
@declares("instructions.view")
def get_instructions(request: HttpRequest, workspace_id: uuid.UUID) -> InstructionsOut:
    workspace = workspace_for_administration(actor_of(request), workspace_id)
    return InstructionsOut(workspace=workspace.pk, text=instructions_of(workspace))


@router.put("/workspaces/{uuid:workspace_id}/instructions", response={200: InstructionsOut, **REFUSALS})
@declares("instructions.change")
def put_instructions(request: HttpRequest, workspace_id: uuid.UUID, body: InstructionsIn) -> InstructionsOut:
    """They count from the next answer on. An empty text takes them away."""
    actor = actor_of(request)
    workspace = workspace_for_administration(actor, workspace_id)
    return InstructionsOut(workspace=workspace.pk, text=set_instructions(actor, workspace, body.text))


@router.get("/workspaces/{uuid:workspace_id}/first-questions", response={200: FirstQuestionsOut, **REFUSALS})
@declares("first_question.list")
def get_workspace_questions(request: HttpRequest, workspace_id: uuid.UUID) -> FirstQuestionsOut:
    return _questions(workspace_for_administration(actor_of(request), workspace_id))


@router.put("/workspaces/{uuid:workspace_id}/first-questions", response={200: FirstQuestionsOut, **REFUSALS})
@declares("first_question.change")
def put_workspace_questions(request: HttpRequest, workspace_id: uuid.UUID, body: FirstQuestionsIn) -> FirstQuestionsOut:
    """These and no others; without any, its department's are offered."""
    actor = actor_of(request)
    workspace = workspace_for_administration(actor, workspace_id)
    set_first_questions(actor, workspace, body.questions)
    return _questions(workspace)


@router.get("/departments/{uuid:department_id}/first-questions", response={200: FirstQuestionsOut, **REFUSALS})
@declares("first_question.list")
def get_department_questions(request: HttpRequest, department_id: uuid.UUID) -> FirstQuestionsOut:
    return _questions(department_for_view(actor_of(request), department_id))


@router.put("/departments/{uuid:department_id}/first-questions", response={200: FirstQuestionsOut, **REFUSALS})
@declares("first_question.change")
def put_department_questions(
    request: HttpRequest, department_id: uuid.UUID, body: FirstQuestionsIn
) -> FirstQuestionsOut:
    """For the workspaces of the department and below it that have none nearer."""
    actor = actor_of(request)
    department = department_for_view(actor, department_id)
    set_first_questions(actor, department, body.questions)
    return _questions(department)


def _questions(place: Department | Workspace) -> FirstQuestionsOut:
    own = first_questions(place)
    return FirstQuestionsOut(questions=own, shown=questions_shown(place) if isinstance(place, Workspace) else own)
