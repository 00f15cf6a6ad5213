from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from treebeard.forms import TreeNodeChoiceField
from unfold.widgets import UnfoldAdminSelectWidget

from portal.departments.models import Department

# Django's form is generic for the type checker only.
if TYPE_CHECKING:
    ConsoleForm: TypeAlias = forms.ModelForm[Any]
else:
    ConsoleForm = forms.ModelForm


def department_field(
    *, label: str = "Department", required: bool = True, empty_label: str = "Choose a department"
) -> forms.Field:
    """A choice of departments in the order of the tree, indented by depth; nothing is chosen beforehand."""
    return TreeNodeChoiceField(
        queryset=Department.objects.order_by("path"),
        label=label,
        required=required,
        empty_label=empty_label,
        widget=UnfoldAdminSelectWidget,
    )
