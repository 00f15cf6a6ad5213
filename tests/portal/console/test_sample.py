"""The sample company: its documents are the same each time, are read by the real parsers, and lie in conversations."""

import mailbox
from pathlib import Path

from portal.accounts.door import actor_for
from portal.accounts.models import User
from portal.chat.models import Attachment, Conversation
from portal.chat.selectors import branch
from portal.console.sample import DEPARTMENTS, accounts_text, load_sample_company
from portal.console.sample_conversations import CONVERSATIONS, lay_out
from portal.console.sample_documents.shelf import SHELF, made_documents
from portal.console.sample_library import QUESTIONS
from portal.departments.models import Workspace
from portal.files.choices import FileState
from portal.files.models import File
from portal.prompts.models import Prompt
from portal.prompts.selectors import Wanted, opening_of, prompts
from portal.retention.models import Hold

WANTED = {"Logistics", "Finance", "Legal", "Support", "IT"}


def test_documents_are_the_same_each_time_and_small() -> None:
    first, second = made_documents(), made_documents()
    assert first == second
    assert sum(len(data) for _, data in first.values()) < 400_000
    assert {department for department, _ in first.values()} == WANTED <= {name for name, _ in DEPARTMENTS}
    endings = {name.rpartition(".")[2] for name in first}
    assert endings == {"eml", "mbox", "xlsx", "csv", "docx", "pdf"}


def test_each_department_has_three_or_four_first_questions() -> None:
    assert set(QUESTIONS) == WANTED
    assert all(3 <= len(questions) <= 4 for questions in QUESTIONS.values())


def test_they_lie_in_folders_by_department(tmp_path: Path) -> None:
    lay_out(made_documents(), tmp_path)
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {f"{item.department}/{item.name}" for item in SHELF}
    box = mailbox.mbox(tmp_path / "Logistics" / "export-mails.mbox")
    assert len(box) == 4
    assert str(tmp_path) in accounts_text("secret", str(tmp_path))


def test_the_company_begins_with_questions_prompts_and_conversations(db: None) -> None:
    assert load_sample_company("a password", made_documents)
    alice = actor_for(User.objects.get(username="alice"))
    desk = Workspace.objects.select_related("department").get(name="Export planning")
    assert opening_of(desk).questions == QUESTIONS["Logistics"]
    assert [prompt.name for prompt in prompts(alice, Wanted())] == ["Letter to a carrier", "Minutes", "Translate"]
    contracts = Workspace.objects.select_related("department").get(name="Contracts")
    assert "Name the clause" in opening_of(contracts).instructions
    for sample in CONVERSATIONS:
        conversation = Conversation.objects.get(title=sample.title)
        question, answer = branch(conversation)
        assert [file.name for file in question.files_sent] == list(sample.documents)
        assert (conversation.owner.username, answer.text, answer.model) == (sample.person, sample.answer, "Sample")
        visible = Conversation.objects.visible_to(actor_for(conversation.owner))
        assert visible.filter(pk=conversation.pk).exists()
    assert not File.objects.exclude(state=FileState.QUEUED).exists()
    assert Attachment.objects.filter(file__attached_at__isnull=False).count() == File.objects.count() == 7
    assert Hold.objects.exists()
    # Once only.
    assert load_sample_company("a password", made_documents) is None
    assert Prompt.objects.count() == 4
