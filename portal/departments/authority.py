"""Who may change rights: by a right at the place, never beyond what one holds there oneself, and never one's own.

Platform administrators administer everywhere and open nobody's content: they give what they do not hold, but to
others only. The system itself (the sample company, an import at the first start) is not asked.
"""

from collections.abc import Callable, Collection
from typing import Any

from django.db import connection
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.audit.scene import because, because_of_department, because_of_platform_role
from portal.core.actor import Actor
from portal.core.catalogue import RIGHTS, WORKSPACE
from portal.core.errors import Forbidden, NotFound
from portal.departments.models import KINDS, Department, Kind, reason_of
from portal.departments.subjects import Subject

BEYOND = gettext_lazy("You can only give what you hold yourself at this place.")
OWN = gettext_lazy("Nobody changes their own rights. Ask another administrator.")


Authority = Callable[[Actor, Any], None]
"""Refuses an actor who may not give rights on an object, with Forbidden or NotFound."""

_authorities: dict[str, Authority] = {}


def register_authority(kind: str, authority: Authority) -> None:
    """Called once by the room that owns the kind."""
    _authorities[kind] = authority


def authorise(actor: Actor, kind: Kind, target: Model) -> None:
    """Raises what the kind's authority does; without one nobody gives rights on it."""
    _authorities[kind.name](actor, target)


def one_change_at_a_time() -> None:
    """Changes of rights and of the tree, one after the other until their commits, in the caller's transaction.

    Each is checked against what those before it have left: two that are harmless alone may not be together. Whoever
    loses a right while using it has used it before, or not at all. A path in the tree is computed from those of other
    rows besides, so two changes at once would tear a subtree off.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('tree of departments', 0))")


def is_unbound(actor: Actor) -> bool:
    return actor.kind == "system" or actor.is_platform_administrator


def require_platform(actor: Actor) -> None:
    """Raises Forbidden: neither a platform administrator nor the system."""
    if not is_unbound(actor):
        raise Forbidden
    because_of_platform_role(actor)


def require_at(actor: Actor, right: str, department: Department | None) -> None:
    """The right at a department; at the top of the tree only platform administrators have it.

    Raises:
        NotFound: the actor does not see the department.
        Forbidden: he sees it, and lacks the right.
    """
    if actor.kind == "system":
        return
    if department is None:
        require_platform(actor)
    elif not Department.visible.allowed(actor, right).filter(pk=department.pk).exists():
        if Department.visible.visible_to(actor).filter(pk=department.pk).exists():
            raise Forbidden
        raise NotFound
    because_of_department(actor, right)


def require_on(actor: Actor, right: str, kind: Kind, target: Model, *, seen_by: str) -> None:
    """The right on an object; ``seen_by`` is the right by which one knows of it. Raises as ``require_at``."""
    if actor.kind == "system":
        return
    objects: Any = kind.model._default_manager
    found = objects.allowed(actor, right).filter(pk=target.pk)
    reason = found.values_list(reason_of(actor, [right], kind), flat=True).first() if actor.is_person else None
    if reason is None:
        if objects.allowed(actor, seen_by).filter(pk=target.pk).exists():
            raise Forbidden
        raise NotFound
    because(reason)


def require_held_at(actor: Actor, rights: Collection[str], department: Department) -> None:
    """Raises Forbidden: the actor would give what he does not hold at the department."""
    if not is_unbound(actor):
        _refuse_missing(
            right for right in rights if not Department.visible.allowed(actor, right).filter(pk=department.pk).exists()
        )


def require_held_on(actor: Actor, rights: Collection[str], kind: Kind, target: Model) -> None:
    """Raises Forbidden: the actor would give what he does not hold on the object."""
    if not is_unbound(actor):
        objects: Any = kind.model._default_manager
        _refuse_missing(right for right in rights if not objects.allowed(actor, right).filter(pk=target.pk).exists())


def refuse_own(actor: Actor, subject: Subject) -> None:
    """Raises Forbidden: the change is of the actor's own rights."""
    if actor.is_person and subject.pk == actor.id:
        raise Forbidden(OWN, code="own_rights")


def refuse_administrative(actor: Actor, right: str) -> None:
    """Only platform administrators deny administration: nobody shuts out those who stand above him.

    Raises Forbidden.
    """
    if not is_unbound(actor) and (not right or RIGHTS[right].administrative):
        raise Forbidden(_("Only platform administrators deny administration."), code="administration_denied")


def _refuse_missing(missing: Any) -> None:
    names = sorted(missing)
    if names:
        raise Forbidden(BEYOND, code="not_held", details={"rights": names})


def _workspace(actor: Actor, workspace: Any) -> None:
    require_on(actor, "grant.manage", KINDS[WORKSPACE], workspace, seen_by="workspace.view")


register_authority(WORKSPACE, _workspace)
