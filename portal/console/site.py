"""The administration console at /console/: django-unfold's site, entered by those who may use a section of it."""

from portal.accounts.models import User
from portal.chat.break_glass.models import BreakGlass
from portal.console.break_glass import BreakGlassAdmin
from portal.console.departments import DepartmentAdmin
from portal.console.entrance import ConsoleSite
from portal.console.memberships import MembershipAdmin
from portal.console.operation import EngineAdmin, RunAdmin
from portal.console.people import PersonAdmin
from portal.console.retention import HoldAdmin, RuleAdmin
from portal.console.workspaces import GrantAdmin, WorkspaceAdmin
from portal.departments.models import Department, Membership, Workspace, WorkspaceGrant
from portal.engines.models import Engine
from portal.retention.models import Hold, Rule
from portal.runs.models import Run

# The templates of django-unfold look for their addresses under this name.
site = ConsoleSite(name="admin")
# Everything that the console shows. Conversations, messages and journals of runs are not here, and the
# audit journal has pages of its own, for auditors.
site.register(User, PersonAdmin)
site.register(Department, DepartmentAdmin)
site.register(Membership, MembershipAdmin)
site.register(Workspace, WorkspaceAdmin)
site.register(WorkspaceGrant, GrantAdmin)
site.register(Engine, EngineAdmin)
site.register(Run, RunAdmin)
site.register(BreakGlass, BreakGlassAdmin)
site.register(Rule, RuleAdmin)
site.register(Hold, HoldAdmin)

console_urls = site.urls
