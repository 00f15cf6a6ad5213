"""What the browser modules say; they get the sentences with the page, in its language."""

from django.utils.translation import gettext as _

from portal.configuration import live
from portal.workspace.prompt_sentences import sentences_of_prompts
from portal.workspace.sharing_sentences import of_sharing


def sentences() -> dict[str, str]:
    return {
        "product": live.text("product_name"),
        "queued": _("Waiting for the model…"),
        "waitsFor": _("Waiting for {name}’s question…"),
        "waitsForYou": _("Waiting for your question…"),
        "typingOne": _("{name} is typing…"),
        "typingTwo": _("{name} and {other} are typing…"),
        "typingMany": _("Several people are typing…"),
        "working": _("Reading your question…"),
        "thinking": _("Thinking… {seconds} s, {tokens} tokens"),
        "thought": _("Thought for {seconds} s, {tokens} tokens"),
        "effortOff": _("off"),
        "effortBudgeted": _("up to {tokens} tokens"),
        "effortDeep": _("deep"),
        "answeringNow": _("The model goes on to its answer."),
        "compacting": _("Summarising earlier messages…"),
        "readingPart": _("Reading part {part} of {of}…"),
        "meterShare": _("{percent}%"),
        "meterHistory": _("Conversation so far"),
        "meterDraft": _("Your question"),
        "meterLeft": _("Left for the answer"),
        "meterLimit": _("The model reads at most"),
        "about": _("about {count}"),
        "sentWhole": _("The model read {count} of at most {limit} tokens."),
        "sentAbout": _("The model read about {count} tokens; the engine has not counted them."),
        "sentHistory": _("Earlier messages in full: {messages} ({tokens} tokens)"),
        "sentQuestion": _("The question: {tokens} tokens"),
        "sentDocument": _("Document {number}: {tokens} tokens"),
        "sentSystem": _("Instructions: {tokens} tokens"),
        "sentCompacted": _("Compacted: a summary in place of {messages} messages"),
        "sentParts": _("Read in {parts} parts; the answer is made from notes on them"),
        "sentDropped": _("Left out: the thoughts of {count} earlier answers"),
        "sentNothingDropped": _("Nothing was left out."),
        "sentUnknown": _("Nothing is known of this answer's prompt."),
        "sentFailed": _("The prompt was too long: about {count} of at most {limit} tokens. It was not sent."),
        "chooseCompact": _("Summarise earlier messages"),
        "chooseParts": _("Read in parts"),
        "chooseEngine": _("Use {name} ({tokens} tokens)"),
        "chooseNoEngine": _("No engine that you may use reads this much."),
        "tokens": _("{count} tokens"),
        "counter": _("{length} of {limit} characters"),
        "copied": _("Copied."),
        "table": _("Table"),
        "tryAgain": _("That did not work. Try again"),
        "place": _("{place} of {count}"),
        "lengthReached": _("The answer reached its longest length."),
        "stopped": _("Stopped."),
        "waitToSwitch": _("An answer is being written. Stop it first, or wait, then switch."),
        "againThinking": _("Thinking: {depth}"),
        "againEngine": _("With {engine}"),
        "you": _("You"),
        "model": _("Answer"),
        "quoted": _("Quoted in your question."),
        "noAnswer": _("The model gave no answer."),
        "answerReady": _("The answer is ready."),
        "notifyReady": _("Your answer is ready"),
        "answerStopped": _("The answer was stopped."),
        "answerFailed": _("The answer failed."),
        "reconnecting": _("Reconnecting… Your answer continues meanwhile."),
        "offline": _("You are offline. What is being answered continues, and is shown when you are back."),
        "noConnection": _("The appliance cannot be reached. Check your connection and send the question again."),
        "signedOut": _("You are signed out. Reload the page and sign in again."),
        "outOfDate": _("This page is out of date. Reload it, then send the question again."),
        "tooMany": _("Too many questions at once. Wait {seconds} seconds, then send it again."),
        "tooLong": _("This question is too long. Shorten it, then send it again."),
        "serverTrouble": _("Something went wrong on the appliance. Wait a moment, then send the question again."),
        "refused": _("This was not accepted. Reload the page and try again."),
        **_of_drawings(),
        **_of_files(),
        **_of_the_side_list(),
        **_of_the_palette(),
        **sentences_of_prompts(),
        **of_sharing(),
        **{f"failed {code}".strip(): sentence for code, sentence in _failures().items()},
    }


def _of_drawings() -> dict[str, str]:
    return {
        "draw": _("Draw"),
        "drawingNow": _("Drawing…"),
        "drawingSource": _("Show the source"),
        "drawing": _("Diagram"),
        "drawingAlt": _("A drawing of the diagram. Its source can be shown instead."),
        "drawingFailed": _("This diagram cannot be drawn: {message}"),
        "drawingTooLong": _("it takes too long"),
        "drawingBroken": _("what came out is no drawing"),
    }


def _of_files() -> dict[str, str]:
    return {
        "uploading": _("Uploading…"),
        "readingFile": _("Reading…"),
        "filePagesSoFar": _("Reading… pages so far: {count}"),
        "filePages": _("Pages: {count} · about {tokens} tokens"),
        "fileRead": _("What the model reads. Pages: {count} · about {tokens} tokens."),
        "fileReady": _("{name} is ready."),
        "fileNotReady": _("Your question goes as soon as {name} is read. Go on writing to hold it back."),
        "fileFailed": _("{name} could not be read. Remove it, then send the question."),
        "fileTooLarge": _("This file is too large. Send it in parts."),
        "tooManyFiles": _("A question takes at most {count} files."),
        "noUpload": _("The appliance cannot be reached. Remove the file and add it again."),
        "ofPages": _("of {count}"),
        "emptyPage": _("There is no text on this page."),
        "loading": _("Loading…"),
        "uploadingShare": _("Uploading: {share}%"),
        "uploadEnded": _("Uploaded. The conversations appear as they are imported; you may leave this page."),
        "uploadStopped": _("The upload stopped. Choose the same file again to go on where it stopped."),
    }


def _of_the_side_list() -> dict[str, str]:
    return {
        "rename": _("Rename"),
        "titleOf": _("Title"),
        "pin": _("Pin"),
        "unpin": _("Unpin"),
        "move": _("Move to a folder"),
        "noFolder": _("Out of the folder"),
        "newFolder": _("New folder"),
        "renameFolder": _("Rename the folder"),
        "deleteFolder": _("Remove the folder"),
        "folderName": _("Name of the folder"),
        "archive": _("Archive"),
        "delete": _("Delete"),
        "deleted": _("“{title}” was deleted."),
        "archived": _("“{title}” was archived."),
        "gone": _("This conversation was deleted, or is no longer shared with you."),
        "undo": _("Undo"),
        "undone": _("Undone."),
        "save": _("Save"),
        "cancel": _("Cancel"),
        "close": _("Close"),
        "menu": _("What to do with it"),
        "notShown": _("The message cannot be shown. It may have been deleted."),
    }


def _of_the_palette() -> dict[str, str]:
    return {
        "paletteLabel": _("Search conversations, messages, workspaces and commands"),
        "paletteHint": _("Type to search"),
        "results": _("Results"),
        "commands": _("Commands"),
        "conversations": _("Conversations"),
        "workspaces": _("Workspaces"),
        "messages": _("Messages"),
        "newConversation": _("New conversation"),
        "allResults": _("Search all messages for “{query}”"),
        "searchPage": _("Search with filters"),
        "switchTheme": _("Light or dark"),
        "shortcuts": _("Keyboard shortcuts"),
        "archivedPage": _("Archived conversations"),
        "deletedPage": _("Recently deleted"),
        "noticesPage": _("Notices"),
        "nothingFound": _("Nothing was found."),
        "foundCount": _("{count} results"),
        "keyPalette": _("Search and commands"),
        "keyHelp": _("These shortcuts"),
        "keySend": _("Send the question"),
        "keyLine": _("New line in the question"),
        "keyStop": _("Stop the answer; close what is open"),
        "keyRename": _("Rename the conversation"),
        "keyDelete": _("Delete the conversation that has the focus in the list"),
        "keyMenu": _("Move in lists and menus"),
    }


def failure(code: str) -> str:
    """Why an answer failed, from its run's error code; the sentence says what to do."""
    known = _failures()
    return known.get(code, known[""])


def _failures() -> dict[str, str]:
    """By code; the empty one is for any other."""
    return {
        "": _("The answer failed. Try again."),
        "context_too_long": _("This is longer than the model can read at once. Choose what to do."),
        "engine_unavailable": _("The model is not available at the moment. Try again in a minute."),
        "engine_timeout": _("The model did not answer in time. Try again."),
        "worker_lost": _("The answer was interrupted. Try again."),
        "engine_interrupted": _("The answer was interrupted. Try again."),
        "engine_overloaded": _("The model has no free place at the moment. Try again in a minute."),
    }
