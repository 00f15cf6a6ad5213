"""Commands leave a row, too: who runs one sits at the machine, and is no person of the appliance."""

import os
from typing import Any

from django.core.management.base import BaseCommand

from portal.audit.journal import Act
from portal.audit.scene import Scene, opened
from portal.audit.witness import witness
from portal.core.actor import Actor, system_actor


class RecordedCommand(BaseCommand):
    """Names its action; where nothing of it was recorded while it ran, one row says that it was run and how it ended.

    ``who`` are the commands' actor.
    """

    action = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.name = type(self).__module__.rpartition(".")[2]

    @property
    def who(self) -> Actor:
        return system_actor(f"{self.name} command")

    def action_of(self, options: dict[str, Any]) -> str:
        return self.action

    def execute(self, *args: Any, **options: Any) -> str | None:
        with opened(Scene(place=f"manage.py {self.name}", works_as="command")) as scene:
            details = {"uid": os.getuid()}
            try:
                said = super().execute(*args, **options)
            except BaseException as ending:
                if not scene.refused:
                    self._say_failed(options, type(ending).__name__, details)
                raise
            if not scene.recorded:
                witness(self.who, Act(self.action_of(options), details=details))
            return said

    def _say_failed(self, options: dict[str, Any], reason: str, details: dict[str, int]) -> None:
        try:
            witness(self.who, Act(self.action_of(options), outcome="failed", reason=reason, details=details))
        except Exception as problem:  # noqa: BLE001 - what the command failed by is what counts
            self.stderr.write(f"{self.name}: its failure is not in the audit journal ({type(problem).__name__})")
