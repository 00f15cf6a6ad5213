"""What the browser modules say; they get the sentences with the page, in its language."""

from django.utils.translation import gettext as _

from portal.configuration import live


def sentences() -> dict[str, str]:
    return {
        "product": live.text("product_name"),
        "queued": _("Waiting for the model…"),
        "working": _("Reading your question…"),
        "thinking": _("Thinking… {seconds} s"),
        "thought": _("Thought for {seconds} s"),
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
        "uploading": _("Uploading: {share}%"),
        "uploadEnded": _("Uploaded. The conversations appear as they are imported; you may leave this page."),
        "uploadStopped": _("The upload stopped. Choose the same file again to go on where it stopped."),
        "refused": _("This was not accepted. Reload the page and try again."),
    }


def failure(code: str) -> str:
    """Why an answer failed, from its run's error code; the sentence says what to do."""
    known = {
        "context_too_long": _("The conversation is longer than the model can read. Start a new one."),
        "engine_unavailable": _("The model is not available at the moment. Try again in a minute."),
        "engine_timeout": _("The model did not answer in time. Try again."),
        "worker_lost": _("The answer was interrupted. Try again."),
    }
    return known.get(code, _("The answer failed. Try again."))
