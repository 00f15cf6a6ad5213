"""Settings of the appliance; values come from the environment through :mod:`appliance.settings.env` only."""

from appliance.settings.audit import *
from appliance.settings.base import *
from appliance.settings.console import *
from appliance.settings.logs import *
from appliance.settings.security import *
from appliance.settings.services import *
