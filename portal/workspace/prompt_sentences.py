"""What the browser modules of the prompt library say."""

from django.utils.translation import gettext as _


def sentences_of_prompts() -> dict[str, str]:
    return {
        "prompts": _("Prompts"),
        "promptOwn": _("Yours"),
        "promptInsert": _("Insert"),
        "promptInserted": _("In your question. Nothing is sent yet."),
        "promptNone": _("There are no prompts here yet."),
        "promptMake": _("Make one"),
        "keyPrompt": _("Insert a prompt, at the start of the question"),
        "meterInstructions": _("Instructions of the workspace"),
        "sentInstructions": _("Of these the workspace's: {tokens} tokens"),
    }
