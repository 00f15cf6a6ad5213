"""Why a file, or a conversation in it, could not be imported, in words."""

from django.utils.translation import gettext as _


def why(code: str) -> str:
    known = {
        # Of one conversation.
        "not_a_conversation": _("It is no conversation of a program that is known here."),
        "empty": _("It holds no messages."),
        "cycle": _("Its messages follow each other in a circle."),
        "duplicate_message": _("Two of its messages have the same id."),
        "duplicate_id": _("Another conversation of the file has the same id; the first one counts."),
        "bad_id": _("It has an id that is too long."),
        "bad_characters": _("It holds characters that are not text."),
        "too_many_messages": _("It has more messages than a conversation may have."),
        "message_too_long": _("One of its messages is too long."),
        "too_deep": _("It is nested too deeply."),
        "too_large": _("It is too large."),
        "unknown_version": _("It was exported by a later version of this appliance."),
        "unknown_author": _("It has a message that neither a person nor a model wrote."),
        # Of the file.
        "truncated": _(
            "The file ends too early: the export or its download was cut off. What was complete is imported."
        ),
        "not_json": _("The file is no JSON, or is damaged. Choose the export as the other program wrote it."),
        "no_conversations": _("The file holds no conversations."),
        "bad_zip": _("The ZIP file is damaged."),
        "encrypted": _("The ZIP file is encrypted. Unpack it first, and import the JSON file in it."),
        "zip_bomb": _("The ZIP file unpacks to far more than it holds. It was not read on."),
        "too_many_files": _("The ZIP file holds too many files."),
        "too_many_conversations": _("The file holds more conversations than can be imported at once."),
        "not_allowed": _("You may no longer start conversations in this workspace."),
        "file_missing": _("The uploaded file is gone. Upload it again."),
        "stuck": _("Reading the file took too long."),
        "interrupted": _("The import was interrupted again and again. Try it once more, or ask your support."),
        "never_completed": _("The upload was not completed within a day."),
    }
    return known.get(code, _("It could not be read."))
