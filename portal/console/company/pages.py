"""All pages about the company: departments, people, workspaces, roles, rights and usage."""

from django.urls import URLPattern

from portal.console.company.base import Site
from portal.console.company.department import DepartmentPages
from portal.console.company.members import MemberPages
from portal.console.company.openings import OpeningPages
from portal.console.company.people import PeoplePages, PlatformRolePages
from portal.console.company.rights import RightsPages
from portal.console.company.roles import RolePages
from portal.console.company.tree import TreePages
from portal.console.company.usage import UsagePages
from portal.console.company.why import WhyPages
from portal.console.company.workspaces import WorkspacePages

PAGES = (
    TreePages,
    DepartmentPages,
    MemberPages,
    WorkspacePages,
    OpeningPages,
    RolePages,
    RightsPages,
    WhyPages,
    PeoplePages,
    PlatformRolePages,
    UsagePages,
)


def company_urls(site: Site) -> list[URLPattern]:
    return [pattern for pages in PAGES for pattern in pages(site).urls()]
