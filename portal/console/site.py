"""The administration console at /console/: django-unfold's site, entered by those who may use a section of it."""

from portal.accounts.models import User
from portal.chat.break_glass.models import BreakGlass
from portal.console.break_glass import BreakGlassAdmin
from portal.console.completion import WorkspaceChoice
from portal.console.entrance import ConsoleSite
from portal.console.operation import EngineAdmin, RunAdmin
from portal.console.people import PersonAdmin
from portal.console.retention import HoldAdmin, RuleAdmin
from portal.departments.models import Workspace
from portal.engines.models import Engine
from portal.retention.models import Hold, Rule
from portal.runs.models import Run

# The templates of django-unfold look for their addresses under this name.
site = ConsoleSite(name="admin")
# What is plain administration; the company has pages of its own. Conversations, messages and journals are not here.
site.register(User, PersonAdmin)
site.register(Workspace, WorkspaceChoice)
site.register(Engine, EngineAdmin)
site.register(Run, RunAdmin)
site.register(BreakGlass, BreakGlassAdmin)
site.register(Rule, RuleAdmin)
site.register(Hold, HoldAdmin)

console_urls = site.urls
