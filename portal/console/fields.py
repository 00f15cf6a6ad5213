from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.utils.translation import gettext_lazy
from treebeard.forms import TreeNodeChoiceField
from unfold.widgets import UnfoldAdminSelectWidget

from portal.departments.models import Department

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Django's form is generic for the type checker only.
if TYPE_CHECKING:
    ConsoleForm: TypeAlias = forms.ModelForm[Any]
else:
    ConsoleForm = forms.ModelForm


DEPARTMENT = gettext_lazy("Department")
CHOOSE = gettext_lazy("Choose a department")


def department_field(
    *,
    label: "StrOrPromise" = DEPARTMENT,
    required: bool = True,
    empty_label: "StrOrPromise" = CHOOSE,
) -> forms.Field:
    """A choice of departments in the order of the tree, indented by depth; nothing is chosen beforehand."""
    return TreeNodeChoiceField(
        queryset=Department.objects.order_by("path"),
        label=label,
        required=required,
        empty_label=empty_label,
        widget=UnfoldAdminSelectWidget,
    )
