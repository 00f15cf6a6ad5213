"""Asking: question, answer to come, run and audit row in one transaction; the worker hears at commit."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction

from portal.audit.journal import Act, Target, record_acts
from portal.chat.access import answer_for_regenerate, because_of_owner, refuse_unseen
from portal.chat.choices import Author, Thinking
from portal.chat.models import Conversation, Message
from portal.chat.services.attach import attach, attached_to, attaching_acts, files_to_attach
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.core.prepared import VisibleRow
from portal.core.text import clean_text
from portal.departments.access import workspace_for_conversation
from portal.departments.models import Workspace
from portal.engines.selectors import engine_for
from portal.runs.models import Run
from portal.runs.services.start import start_run

TITLE_LENGTH = 80
KEY_LENGTH = 80

_for_update = VisibleRow(
    lambda actor, pk: (
        Conversation.objects.allowed(actor, "conversation.view")
        .allowed(actor, "message.ask")
        .filter(pk=pk)
        .select_for_update(of=("self",))
    )
)


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    thinking: str = Thinking.OFF
    # The client's own name for this question; asking twice with one name asks once.
    idempotency_key: str | None = None
    # Files to send along, in their order.
    files: tuple[uuid.UUID, ...] = ()

    def checked(self) -> "Question":
        """Raises Invalid or TooLarge."""
        check_thinking(self.thinking)
        key = self.idempotency_key or None
        if key is not None:
            key = clean_text(key, limit=KEY_LENGTH, name="Idempotency-Key")
        return Question(
            clean_text(self.text, limit=live.whole_number("question_limit"), name="question"),
            self.thinking,
            key,
            self.files,
        )


def check_thinking(thinking: str) -> None:
    """Raises Invalid."""
    if thinking not in Thinking.values:
        raise Invalid("Thinking is either off or on.", code="bad_thinking", details={"field": "thinking"})


@dataclass(frozen=True, slots=True)
class Asked:
    conversation: Conversation
    question: Message
    answer: Message
    run: Run


def start_conversation(
    actor: Actor, workspace_id: uuid.UUID, question: Question | None = None, title: str = ""
) -> tuple[Conversation, Asked | None]:
    """A new conversation in a workspace, with its first question where there is one.

    A question whose key the actor has begun a conversation with before gives that one back.

    Raises:
        NotFound: the actor may not open the workspace.
        Forbidden: he may not start a conversation in it, or not ask.
        Conflict: that conversation began with another question.
        Invalid, TooLarge: the question or the title is not acceptable; nothing is stored.
        Unavailable: no engine is set up.
    """
    checked = question.checked() if question else None
    name = clean_text(title, limit=120, name="title") if title else title_from(checked.text if checked else "")
    with transaction.atomic():
        workspace = workspace_for_conversation(actor, workspace_id, asking=checked is not None)
        earlier = _begun_before(actor, workspace, checked) if checked else None
        if earlier is not None:
            return earlier.conversation, earlier
        conversation = Conversation(workspace=workspace, owner_id=actor.person_id, title=name, active_at=now())
        begun = Act("conversation.create", Target("conversation", conversation.pk), reason=workspace.allowed_by)
        if checked is not None:
            because_of_owner(actor, conversation)
            return conversation, _ask(actor, conversation, checked, begun)
        conversation.save(force_insert=True)
        record_acts(actor, [begun])
        return conversation, None


def ask(actor: Actor, conversation_id: uuid.UUID, question: Question) -> Asked:
    """One more question at the end of the branch that is shown.

    Raises:
        NotFound: the actor may not see the conversation.
        Forbidden: he may not ask in it.
        Conflict: the last answer is still being written, or the key stood for another question.
        Invalid, TooLarge: the question is not acceptable; nothing is stored.
        Unavailable: no engine is set up.
    """
    checked = question.checked()
    try:
        with transaction.atomic():
            conversation = _locked(actor, conversation_id)
            return _asked_before(conversation, checked) or _ask(actor, conversation, checked)
    except IntegrityError:
        # The same key came twice at the same time, and the other one won.
        raise Conflict("This question was just asked.", code="asked_twice") from None


@transaction.atomic
def regenerate(actor: Actor, conversation_id: uuid.UUID, message_id: uuid.UUID, thinking: str) -> Asked:
    """Answer the same question again, beside the answer that stands; it is also how a failed answer is retried.

    Raises:
        NotFound: the actor may not see the conversation, or it holds no such answer.
        Conflict: an answer is still being written.
    """
    check_thinking(thinking)
    conversation = _locked(actor, conversation_id)
    answer = answer_for_regenerate(conversation, message_id)
    if answer.parent is None:
        raise NotFound
    _refuse_while_answering(conversation)
    act = Act("message.regenerate", Target("conversation", conversation.pk), details={"thinking": thinking})
    return _answer(actor, conversation, answer.parent, thinking, [act])


def title_from(text: str) -> str:
    first_line = text.strip().splitlines()[0].strip() if text.strip() else ""
    words = " ".join(first_line.lstrip("#>*- ").split()) or "New conversation"
    return words if len(words) <= TITLE_LENGTH else words[: TITLE_LENGTH - 1].rstrip() + "…"


def _locked(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    found = _for_update.get(actor, conversation_id)
    if found is None:
        refuse_unseen(actor, conversation_id)
        raise Forbidden("You may read this conversation, but not ask in it.")
    because_of_owner(actor, found)
    return found


def _begun_before(actor: Actor, workspace: Workspace, question: Question) -> Asked | None:
    """Holds back a request with the same key until this one is committed."""
    if question.idempotency_key is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ask {actor.id} {question.idempotency_key}"]
        )
    first = Message.objects.filter(
        conversation__owner_id=actor.id,
        conversation__workspace=workspace,
        parent=None,
        idempotency_key=question.idempotency_key,
    )
    conversation = Conversation.objects.filter(messages__in=first).first()
    return _asked_before(conversation, question) if conversation else None


def _asked_before(conversation: Conversation, question: Question) -> Asked | None:
    """Raises Conflict where the key stood for another question."""
    if question.idempotency_key is None:
        return None
    earlier = conversation.messages.filter(idempotency_key=question.idempotency_key).first()
    if earlier is None:
        return None
    answer = earlier.children.select_related("run").filter(author=Author.MODEL).order_by("created_at").first()
    if answer is None or answer.run is None:
        raise Conflict
    asked = earlier.text, answer.run.thinking, attached_to(earlier)
    if asked != (question.text, question.thinking, list(question.files)):
        raise Conflict("This Idempotency-Key was used for another question.", code="key_reused")
    return Asked(conversation, earlier, answer, answer.run)


def _refuse_while_answering(conversation: Conversation) -> None:
    if Run.objects.unfinished().filter(message__conversation=conversation).exists():
        raise Conflict("The last answer is still being written. Stop it first, or wait.", code="still_answering")


def _ask(actor: Actor, conversation: Conversation, question: Question, *before: Act) -> Asked:
    if conversation.head_id is not None:
        _refuse_while_answering(conversation)
    message = Message(
        conversation=conversation,
        parent_id=conversation.head_id,
        author=Author.PERSON,
        text=question.text,
        idempotency_key=question.idempotency_key,
    )
    act = Act(
        "message.ask",
        Target("conversation", conversation.pk),
        details={"characters": len(question.text), "thinking": question.thinking},
    )
    files = files_to_attach(actor, conversation, question.files)
    acts = [*before, act, *attaching_acts(files, conversation)]
    asked = _answer(actor, conversation, message, question.thinking, acts)
    if files:
        attach(message, files)
    return asked


def _answer(actor: Actor, conversation: Conversation, question: Message, thinking: str, acts: Sequence[Act]) -> Asked:
    """Store what is new of conversation, question and answer-to-be, in few statements: this is the product's hot path.

    Foreign keys are checked at the commit, so the conversation may name its head before that stands.
    """
    engine = engine_for(actor)
    if thinking == Thinking.ON and not engine.supports_thinking:
        raise Invalid("This model cannot think before it answers. Ask without thinking.", code="cannot_think")
    run = start_run(actor, workspace_id=conversation.workspace_id, engine_id=engine.pk, thinking=thinking)
    answer = Message(conversation=conversation, parent=question, author=Author.MODEL, run=run)
    is_new = conversation._state.adding
    conversation.head, conversation.thinking, conversation.active_at = answer, thinking, now()
    conversation.save(force_insert=is_new, update_fields=None if is_new else ["head", "thinking", "active_at"])
    Message.objects.bulk_create([message for message in (question, answer) if message._state.adding])
    record_acts(actor, acts)
    return Asked(conversation, question, answer, run)
