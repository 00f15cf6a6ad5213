"""A company with twenty of everything that a list shows, and what fills the addresses of its pages."""

import re
import uuid

from django.utils import timezone

from portal.accounts.invitations import issue_invitation
from portal.accounts.services import add_invited
from portal.audit.models import Entry
from portal.chat.break_glass.requests import Scope
from portal.chat.models import Conversation
from portal.chat.placing.services import Changes, change_conversation, create_folder, delete_conversation
from portal.configuration.models import Version
from portal.configuration.services import change
from portal.departments.models import Department, Workspace
from portal.engines.models import Engine
from portal.notices.services import tell
from portal.prompts.services.library import Fields, create_prompt
from portal.prompts.services.questions import set_first_questions
from portal.retention.services.holds import place_hold
from portal.retention.services.rules import set_rule
from portal.runs.choices import RunState
from portal.runs.models import Run
from tests.people import Company, join
from tests.portal.chat.sealed import approved, asked

MANY = 20


class Addresses:
    """The address of each page, about one of many."""

    def __init__(self, company: Company) -> None:
        self._company = company
        fill(company)
        message = company.asked("alice")
        Run.objects.update(state=RunState.FINISHED)
        dana = company.actor("dana")
        invitation = issue_invitation(dana, add_invited(dana, {"username": "ivy"}))
        rule = set_rule(dana, 30, workspace=company.workspace())
        hold = place_hold(dana, company.workspace("Legal"), "A dispute")
        waiting, opened = asked(company), approved(company, Scope(company.workspace("Legal").pk))
        self._about = {
            "accounts/user": company.people["alice"].pk,
            "departments/workspace": company.workspace().pk,
            "engines/engine": Engine.objects.exclude(is_default=True).first().pk,  # type: ignore[union-attr]  # filled
            "runs/run": message.run.pk,
            "chat/breakglass": waiting.pk,
            "retention/rule": rule.pk,
            "retention/hold": hold.pk,
        }
        self._opened = opened.pk
        self._values = {
            "conversation_id": message.conversation.pk,
            "workspace_id": company.workspace().pk,
            "break_glass_id": opened.pk,
            "uidb64": invitation.uid,
            "token": invitation.token,
            "version": Version.objects.order_by("-pk").values_list("pk", flat=True)[0],
            "name": "run_attempts",
            "entry_id": Entry.objects.order_by("-seq").values_list("pk", flat=True)[0],
            "answer": message.answer.pk,
        }

    def of(self, route: str) -> str:
        path = route.partition(" ")[2]
        if path.startswith("/console/^"):
            return "/console/accounts/"
        for place, pk in self._about.items():
            if path.startswith(f"/console/{place}/"):
                path = path.replace("<path:object_id>", str(self._opened if path.endswith("/end/") else pk))
        path = re.sub(r"<\w+:(\w+)>", lambda found: str(self._values[found[1]]), path)
        query = {
            "/older/": f"?before={self._values['answer']}",
            "/newer/": f"?after={self._values['answer']}",
            "/search/": "?q=Question",
            "/difference/": f"?from={int(str(self._values['version'])) - 1}&to={self._values['version']}",
        }
        return path + next((value for end, value in query.items() if path.endswith(end)), "")


def fill(company: Company) -> None:
    dana, alice, owner = company.actor("dana"), company.people["alice"], company.actor("alice")
    logistics = company.departments["Logistics"]
    for number in range(MANY):
        above = Department.objects.get(pk=logistics.pk)
        below = Department.objects.add_child(above, instance=Department(name=f"Team {number}"))
        join(alice, below)
        desk = Workspace.objects.create(department=below, name=f"Desk {number}")
        engine = Engine.objects.create(
            name=f"engine {number}", model="m", address="http://127.0.0.1:9", checked_at=timezone.now()
        )
        company.asked("alice", f"Question {number}")
        Run.objects.update(state=RunState.FINISHED)
        Run.objects.filter(message__conversation__title=f"Question {number}").update(engine=engine)
        folder = create_folder(owner, company.workspace().pk, f"Folder {number}")
        placed = Changes(pinned=number % 2 == 0, moves=True, folder=folder.pk)
        change_conversation(owner, company.asked("alice", f"Filed {number}").conversation.pk, placed)
        away = company.asked("alice", f"Away {number}").conversation
        change_conversation(owner, away.pk, Changes(archived=True))
        delete_conversation(owner, company.asked("alice", f"Gone {number}").conversation.pk)
        Run.objects.update(state=RunState.FINISHED)
        asked(company, Scope(desk.pk))
        set_rule(dana, 30 + number, workspace=desk)
        place_hold(dana, desk, "A dispute")
        change(dana, {"run_attempts": 2 + number % 5})
        create_prompt(owner, Fields(f"Prompt {number}", "", "Say {{what}}."))
        create_prompt(dana, Fields(f"Prompt {number} of the desk", "", "x"), desk)
        create_prompt(dana, Fields(f"Prompt {number} of the team", "", "x"), below)
        set_first_questions(dana, below, [f"Question {number}?"])
        tell([alice.pk], "test", uuid.uuid4(), {})
    assert Conversation.objects.count() >= MANY
