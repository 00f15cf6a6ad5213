from ninja import Router

from portal.api.administration import departments, openings, people, rights, roles, workspaces

ADMINISTRATION: tuple[tuple[str, Router], ...] = (
    ("departments", departments.router),
    ("workspaces", workspaces.router),
    ("people", people.router),
    ("", roles.router),
    ("", rights.router),
    ("", openings.router),
)
