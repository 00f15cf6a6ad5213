"""Asking: question, answer to come, run and audit row in one transaction; the worker hears at commit."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from portal.audit.journal import Act, Target, record_acts
from portal.chat.access import answer_for_regenerate, because_of_owner, refuse_unseen
from portal.chat.branches import Siblings, siblings_of, unknown_message
from portal.chat.choices import Author, Thinking, TitledBy
from portal.chat.fitting import refuse_what_cannot_fit
from portal.chat.mentions import tell_mentioned
from portal.chat.models import Conversation, Message
from portal.chat.services.attach import attach, attached_to, attaching_acts, files_to_attach
from portal.chat.services.turns import others_went_on, refuse_while_answering, turn_behind
from portal.chat.thinking import Effort
from portal.chat.watch import tell_news
from portal.configuration import live
from portal.core.actor import Actor
from portal.core.clock import now
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound
from portal.core.prepared import VisibleRow
from portal.core.text import clean_text
from portal.departments.access import workspace_for_conversation
from portal.departments.models import Workspace
from portal.engines.selectors import engine_for, engines
from portal.runs.models import Run
from portal.runs.services.start import start_run

TITLE_LENGTH = 80
KEY_LENGTH = 80

_for_update = VisibleRow(
    lambda actor, pk: (
        Conversation.objects.allowed(actor, "conversation.view")
        .allowed(actor, "message.ask")
        .filter(pk=pk)
        # Whether somebody else may have it open: most are nobody else's, and this is the product's hot path.
        .with_sharing()
        .select_for_update(of=("self",))
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """The answer under which a question is put; none, and it begins the conversation anew.

    ``or_end``: where others have asked below it meanwhile, it is put at the end of the branch that is shown.
    """

    parent: uuid.UUID | None
    or_end: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    thinking: str = Thinking.OFF
    # The client's own name for this question; asking twice with one name asks once.
    idempotency_key: str | None = None
    budget: int | None = None
    # What to do where it is too long for the model; empty: nothing without asking.
    context: str = ""
    # Where it is put, beside whatever stands there; without a place it goes to the end of the branch that is shown.
    place: Place | None = None
    # The engine that shall answer; without one, the person's first.
    engine: uuid.UUID | None = None
    # Files to send along, in their order.
    files: tuple[uuid.UUID, ...] = ()
    # People to be told of it.
    mentions: tuple[uuid.UUID, ...] = ()

    @property
    def effort(self) -> Effort:
        return Effort(self.thinking, self.budget, self.context)

    def checked(self) -> "Question":
        """Raises Invalid or TooLarge."""
        effort = self.effort.checked()
        key = self.idempotency_key or None
        if key is not None:
            key = clean_text(key, limit=KEY_LENGTH, name="Idempotency-Key")
        text = clean_text(self.text, limit=live.whole_number("question_limit"), name="question")
        return replace(self, text=text, thinking=effort.thinking, idempotency_key=key, budget=effort.budget)


@dataclass(frozen=True, slots=True)
class Asked:
    conversation: Conversation
    question: Message
    answer: Message
    run: Run
    # Of the question and the answer where anything may stand beside them.
    siblings: Siblings = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a question is answered, and what of the answer stands already where one is continued."""

    effort: Effort
    engine: uuid.UUID | None = None
    text: str = ""
    reasoning: str = ""
    # What the question's files take, in tokens, about.
    documents: int = 0
    # The run whose end it waits for.
    behind: uuid.UUID | None = None


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
        conversation.titled_by = TitledBy.PERSON if title else TitledBy.WORDS
        begun = Act("conversation.create", Target("conversation", conversation.pk), reason=workspace.allowed_by)
        if checked is not None:
            because_of_owner(actor, conversation)
            return conversation, _ask(actor, conversation, checked, begun)
        conversation.save(force_insert=True)
        record_acts(actor, [begun])
        return conversation, None


def ask(actor: Actor, conversation_id: uuid.UUID, question: Question) -> Asked:
    """One more question, at the end of the branch that is shown or where it says.

    Put where another question stands already, it begins a branch beside that one: this is how a question is edited.

    Raises:
        NotFound: the actor may not see the conversation.
        Forbidden: he may not ask in it.
        Conflict: the last answer is still being written, or the key stood for another question.
        Invalid, TooLarge: the question or its place is not acceptable; nothing is stored.
        Unavailable: no engine is set up.
    """
    checked = question.checked()
    try:
        with transaction.atomic():
            conversation = locked_for_asking(actor, conversation_id)
            return _asked_before(actor, conversation, checked) or _ask(actor, conversation, checked)
    except IntegrityError:
        # The same key came twice at the same time, and the other one won.
        raise Conflict(_("This question was just asked."), code="asked_twice") from None


@transaction.atomic
def regenerate(
    actor: Actor, conversation_id: uuid.UUID, message_id: uuid.UUID, effort: Effort, engine: uuid.UUID | None = None
) -> Asked:
    """Answer the same question again, beside the answer that stands; it is also how a failed answer is retried.

    Raises:
        NotFound: the actor may not see the conversation, or it holds no such answer.
        Conflict: an answer is still being written.
        Invalid: he may not use that engine, or it cannot think.
    """
    effort = effort.checked()
    conversation = locked_for_asking(actor, conversation_id)
    answer = answer_for_regenerate(conversation, message_id)
    if answer.parent is None:
        raise NotFound
    refuse_while_answering(conversation)
    act = Act("message.regenerate", Target("conversation", conversation.pk), details={"thinking": effort.thinking})
    return _beside(_answer(actor, conversation, answer.parent, Manner(effort, engine), [act]))


@transaction.atomic
def continue_answer(actor: Actor, conversation_id: uuid.UUID, message_id: uuid.UUID) -> Asked:
    """Go on with an answer that was stopped, failed, or reached its length.

    The whole of it stands beside the part, as another answer does.

    Raises:
        NotFound: the actor may not see the conversation, or it holds no such answer.
        Conflict: an answer is still being written, or this one has no text or is complete.
    """
    conversation = locked_for_asking(actor, conversation_id)
    answer = answer_for_regenerate(conversation, message_id)
    refuse_while_answering(conversation)
    if answer.parent is None or answer.run is None or not answer.can_be_continued:
        raise Conflict(_("There is nothing to continue here."), code="nothing_to_continue")
    act = Act("message.continue", Target("conversation", conversation.pk), details={"characters": len(answer.text)})
    # Another engine would not go on where this one stopped; but it is the only way where it is out of reach by now.
    usable = engines(actor).filter(pk=answer.run.engine_id).exists()
    engine = answer.run.engine_id if usable else None
    manner = Manner(Effort(), engine, answer.text, answer.reasoning)
    return _beside(_answer(actor, conversation, answer.parent, manner, [act]))


def title_from(text: str) -> str:
    first_line = text.strip().splitlines()[0].strip() if text.strip() else ""
    words = " ".join(first_line.lstrip("#>*- ").split()) or _("New conversation")
    return words if len(words) <= TITLE_LENGTH else words[: TITLE_LENGTH - 1].rstrip() + "…"


def locked_for_asking(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Raises NotFound, or Forbidden where the actor may only read it."""
    found = _for_update.get(actor, conversation_id)
    if found is None:
        refuse_unseen(actor, conversation_id)
        raise Forbidden(_("You may read this conversation, but not ask in it."))
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
    return _asked_before(actor, conversation, question) if conversation else None


def _asked_before(actor: Actor, conversation: Conversation, question: Question) -> Asked | None:
    """Raises Conflict where the key stood for another question, or was somebody else's."""
    if question.idempotency_key is None:
        return None
    earlier = conversation.messages.filter(idempotency_key=question.idempotency_key).first()
    if earlier is None:
        return None
    answer = earlier.children.select_related("run").filter(author=Author.MODEL).order_by("created_at").first()
    if answer is None or answer.run is None:
        raise Conflict
    place = question.place
    elsewhere = place is not None and not place.or_end and place.parent != earlier.parent_id
    run = answer.run
    before = earlier.text, Effort(run.thinking, run.thinking_budget, run.context), attached_to(earlier)
    asked = question.text, question.effort, list(question.files)
    another = run.owner_id != actor.id
    if another or elsewhere or question.engine not in (None, run.engine_id) or before != asked:
        raise Conflict(_("This Idempotency-Key was used for another question."), code="key_reused")
    return Asked(conversation, earlier, answer, answer.run)


def _ask(actor: Actor, conversation: Conversation, question: Question, *before: Act) -> Asked:
    parent = _parent_of(actor, conversation, question.place)
    at_head = parent == conversation.head_id
    behind = None
    if conversation.head_id is not None and at_head:
        behind = turn_behind(actor, conversation)
    elif conversation.head_id is not None:
        refuse_while_answering(conversation)
    message = Message(
        conversation=conversation,
        parent_id=parent,
        author=Author.PERSON,
        person_id=actor.person_id,
        text=question.text,
        idempotency_key=question.idempotency_key,
    )
    act = Act(
        "message.ask",
        Target("conversation", conversation.pk),
        details={"characters": len(question.text), "thinking": question.thinking, "branch": not at_head},
    )
    files = files_to_attach(actor, conversation, question.files)
    acts = [*before, act, *attaching_acts(files, conversation)]
    documents = sum(file.tokens for file in files)
    manner = Manner(question.effort, question.engine, documents=documents, behind=behind)
    asked = _answer(actor, conversation, message, manner, acts)
    if files:
        attach(message, files)
    if question.mentions:
        tell_mentioned(actor, conversation, message, question.mentions)
    # Under the head of a branch nothing stands yet, and this is the product's hot path.
    return asked if at_head else _beside(asked)


def _parent_of(actor: Actor, conversation: Conversation, place: Place | None) -> uuid.UUID | None:
    """Raises Invalid: there is no such answer in this conversation."""
    if place is None or place.parent == conversation.head_id:
        return conversation.head_id
    if place.or_end and others_went_on(actor, conversation, place.parent):
        return conversation.head_id
    if place.parent is None:
        return None
    author = conversation.messages.filter(pk=place.parent).values_list("author", flat=True).first()
    if author is None:
        raise unknown_message()
    if author != Author.MODEL:
        raise Invalid(_("A question is put under an answer."), code="bad_parent", details={"field": "parent"})
    return place.parent


def _beside(asked: Asked) -> Asked:
    return replace(asked, siblings=siblings_of(asked.conversation, [asked.question, asked.answer]))


def _answer(actor: Actor, conversation: Conversation, question: Message, manner: Manner, acts: Sequence[Act]) -> Asked:
    """Store what is new of conversation, question and answer-to-be, in few statements: this is the product's hot path.

    Foreign keys are checked at the commit, so the conversation may name its head before that stands.
    """
    engine, effort = engine_for(actor, manner.engine), manner.effort
    effort.require(engine)
    refuse_what_cannot_fit(actor, question, effort.context, engine, manner.documents)
    run = start_run(
        actor,
        workspace_id=conversation.workspace_id,
        engine_id=engine.pk,
        thinking=effort.thinking,
        budget=effort.budget,
        context=effort.context,
        waits_for=manner.behind,
    )
    answer = Message(
        conversation=conversation,
        parent=question,
        author=Author.MODEL,
        run=run,
        text=manner.text,
        reasoning=manner.reasoning,
    )
    is_new = conversation._state.adding
    conversation.head, conversation.active_at = answer, now()
    if not manner.text:
        conversation.thinking = effort.thinking
        conversation.thinking_budget = effort.budget or conversation.thinking_budget
    changed = ["head", "thinking", "thinking_budget", "active_at"]
    conversation.save(force_insert=is_new, update_fields=None if is_new else changed)
    Message.objects.bulk_create([message for message in (question, answer) if message._state.adding])
    record_acts(actor, acts)
    if not is_new and getattr(conversation, "is_shared", False):
        tell_news(conversation.pk, "messages")
    return Asked(conversation, question, answer, run)
