"""People from a table: all or none, by the rights of whoever imports them."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.audit.models import Entry
from portal.core.errors import AppError, Forbidden, Invalid, TooLarge
from portal.departments.models import Department, Membership
from portal.departments.services.people_import import Imported, import_people
from portal.departments.services.roles import create_role
from portal.departments.services.tree import create_department
from tests.people import Company

HEADER = "username,first_name,last_name,email,department,role\n"
IVY = "ivy,Ivy,Berg,ivy@example.com,Logistics,Member\n"


def problems_of(company: Company, table: str, name: str = "erin") -> list[tuple[int, str, str]]:
    with pytest.raises(Invalid) as caught:
        import_people(company.actor(name), table)
    assert caught.value.code == "import_refused"
    return [(item["line"], item["code"], item["field"]) for item in caught.value.details["problems"]]


def refused(company: Company, table: str) -> str:
    with pytest.raises(AppError) as caught:
        import_people(company.actor("dana"), table)
    return caught.value.code


def stored() -> tuple[int, int, int]:
    return User.objects.count(), Membership.objects.count(), Entry.objects.count()


def test_people_are_invited_with_their_roles(company: Company) -> None:
    table = HEADER + IVY + "jo,,,,Logistics,member\n" + "ivy,Ivy,Berg,ivy@example.com,Logistics,MANAGER\n"
    assert import_people(company.actor("erin"), table) == Imported(people=2, roles=0, unchanged=0)
    ivy = User.objects.get(username="ivy")
    assert (ivy.first_name, ivy.email, ivy.has_usable_password()) == ("Ivy", "ivy@example.com", False)
    assert set(ivy.memberships.values_list("role__key", "department__name")) == {
        ("member", "Logistics"),
        ("manager", "Logistics"),
    }
    acts = Entry.objects.filter(actor_name="erin").order_by("at").values_list("action", flat=True)
    assert sorted(acts) == ["membership.manage"] * 3 + ["person.import"] + ["person.manage"] * 2


def test_the_same_table_again_changes_nothing(company: Company) -> None:
    table = HEADER + IVY + "alice,,,,Logistics,Manager\n"
    assert import_people(company.actor("erin"), table) == Imported(people=1, roles=1, unchanged=0)
    before = stored()
    assert import_people(company.actor("erin"), table) == Imported(people=0, roles=0, unchanged=2)
    # But for the row that tells of the import.
    assert stored() == (before[0], before[1], before[2] + 1)


def test_a_dry_run_changes_nothing(company: Company) -> None:
    before = stored()
    assert import_people(company.actor("erin"), HEADER + IVY, dry_run=True) == Imported(1, 0, 0)
    assert stored() == before


WRONG = {
    "no such department": ("ivy,,,,Nowhere,Member", "unknown_department", "department"),
    "no department": ("ivy,,,,,Member", "unknown_department", "department"),
    "a department that is not the importer's": ("ivy,,,,Legal,Member", "unknown_department", "department"),
    "no such role": ("ivy,,,,Logistics,Emperor", "unknown_role", "role"),
    "a role with more than the importer holds": ("ivy,,,,Logistics,Superior", "not_held", "role"),
    "the importer himself": ("erin,,,,Logistics,Member", "own_rights", "username"),
    "a person of other fields": ("alice,Alicia,,,Logistics,Member", "duplicate_person", "username"),
    "a name in other capitals": ("ALICE,,,,Logistics,Member", "duplicate_person", "username"),
    "a name with a space": ("a b,,,,Logistics,Member", "invalid_person", "username"),
    "no name": (",,,,Logistics,Member", "invalid_person", "username"),
    "a bad address": ("ivy,,,no,Logistics,Member", "invalid_person", "email"),
    "a formula": ('ivy,"=HYPERLINK(""x"")",,,Logistics,Member', "formula", "first_name"),
    "a plus": ("+ivy,,,,Logistics,Member", "formula", "username"),
    "too few cells": ("ivy,Logistics,Member", "cells", ""),
    "a long cell": (f"ivy,{'x' * 1001},,,Logistics,Member", "too_long", "first_name"),
    "a name of the file again": ("jo,Other,,,Logistics,Member", "duplicate_person", "username"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_one_wrong_line_stops_it_all(kind: str, company: Company) -> None:
    create_role(company.actor("dana"), "Superior", ["workspace.view", "conversation.view"])
    from_dana = company.actor("dana")
    create_department(from_dana, "Nowhere else", company.departments["Legal"])
    if kind == "a role with more than the importer holds":
        limit_erin(company)
    line, code, column = WRONG[kind]
    before = stored()
    assert problems_of(company, f"{HEADER}jo,,,,Logistics,Member\n{line}\n")[-1] == (3, code, column)
    assert stored() == before


def limit_erin(company: Company) -> None:
    """She only hires, and gives what she holds: what members have."""
    rights = ["department.view", "membership.manage", "workspace.view", "conversation.create", "message.ask"]
    hirer = create_role(company.actor("dana"), "Hirer", [*rights, "conversation.share"])
    Membership.objects.filter(person=company.people["erin"]).update(role=hirer)


def test_problems_are_counted_beyond_the_fiftieth(company: Company) -> None:
    with pytest.raises(Invalid) as caught:
        import_people(company.actor("erin"), HEADER + "x y,,,,Logistics,Member\n" * 70)
    assert (len(caught.value.details["problems"]), caught.value.details["more"]) == (50, 20)


def test_who_manages_nobody_imports_nobody(company: Company) -> None:
    for name in ("alice", "frank"):
        with pytest.raises(Forbidden):
            import_people(company.actor(name), HEADER + IVY)


def test_departments_are_named_by_path_or_id(company: Company) -> None:
    dana = company.actor("dana")
    for upper in ("Legal", "Finance"):
        create_department(dana, "Archive", Department.objects.get(name=upper))
    legal = Department.objects.get(name="Legal")
    table = "username;department;role\n"
    with pytest.raises(Invalid) as caught:
        import_people(dana, table + "a;Archive;Member\n")
    assert caught.value.details["problems"][0]["code"] == "ambiguous_department"
    lines = f"a;Legal/Archive;Member\nb;Company/Finance/Archive;Member\nc;{legal.pk};Member\n"
    assert import_people(dana, table + lines).people == 3
    found = Membership.objects.filter(person__username__in="abc").order_by("person__username")
    parents = [Department.objects.get_parent(item.department) for item in found.select_related("department")]
    assert [parent.name for parent in parents] == ["Legal", "Finance", "Company"]


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffusername,department,role\r\nivy,Logistics,Member\r\n",
        "Username;Department;Role\nivy;Logistics;Member",
        "role\tusername\tdepartment\nMember\tivy\tLogistics\n\n\n",
        '"username","department","role"\n"ivy","Logistics","Member"\n',
        "username, department, role\n ivy , Logistics , Member \n",
    ],
    ids=["BOM", "semicolons", "tabs", "quotes", "spaces"],
)
def test_tables_as_spreadsheets_write_them(table: str, company: Company) -> None:
    assert import_people(company.actor("erin"), table).people == 1


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ("", "empty"),
        ("username,department,role\nivy\0,Logistics,Member\n", "bad_characters"),
        ("username,department\nivy,Logistics\n", "missing_column"),
        ("username,department,role,is_superuser\nivy,Logistics,Member,1\n", "unknown_column"),
        ("username,username,department,role\n", "unknown_column"),
        ('username,department,role\n"ivy,Logistics,Member\n', "not_csv"),
        (f"username,department,role\n{'x' * 200_000},Logistics,Member\n", "not_csv"),
        ("\n\n", "missing_column"),
    ],
)
def test_what_is_no_table_is_refused(table: str, code: str, company: Company) -> None:
    before = stored()
    assert refused(company, table) == code
    assert stored() == before


def test_a_table_has_a_limit(company: Company, settings: object) -> None:
    settings.PEOPLE_IMPORT_LINES = 2  # type: ignore[attr-defined]
    lines = [f"p{number},,,,Logistics,Member\n" for number in range(3)]
    assert import_people(company.actor("erin"), HEADER + "".join(lines[:2])).people == 2
    with pytest.raises(TooLarge):
        import_people(company.actor("erin"), HEADER + "".join(lines))


def test_many_lines_take_few_statements(company: Company) -> None:
    table = HEADER + "".join(f"person{number},,,,Logistics,Member\n" for number in range(500))
    with CaptureQueriesContext(
        connection,
    ) as made:
        assert import_people(company.actor("erin"), table).people == 500
    assert len(made) < 40
    with CaptureQueriesContext(connection) as again:
        assert import_people(company.actor("erin"), table).unchanged == 500
    assert len(again) < 40


def test_the_command_imports_as_somebody(company: Company, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"\xef\xbb\xbf" + (HEADER + IVY).encode())
    out, err = io.StringIO(), io.StringIO()
    call_command("import_people", str(file), "--as", "erin", "--dry-run", stdout=out)
    call_command("import_people", str(file), "--as", "erin", stdout=out)
    assert out.getvalue().startswith("Dry run: 1 people invited")
    file.write_text(HEADER + "jo,,,,Legal,Member\n")
    with pytest.raises(CommandError, match="Nothing was imported"):
        call_command("import_people", str(file), "--as", "erin", stderr=err)
    assert "line 2: There is no such department." in err.getvalue()
    for name in ("nobody", "grace", "alice"):
        with pytest.raises(CommandError):
            call_command("import_people", str(file), "--as", name)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(CommandError, match="UTF-8"):
        call_command("import_people", str(file), "--as", "erin")
