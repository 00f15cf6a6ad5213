"""What the sample company's conversations begin with: first questions, instructions and prompts."""

from collections.abc import Mapping

from portal.core.actor import Actor
from portal.departments.models import Department, Workspace
from portal.prompts.services.instructions import set_instructions
from portal.prompts.services.library import Fields, create_prompt
from portal.prompts.services.questions import set_first_questions

# They fit the documents of the same department.
QUESTIONS = {
    "Logistics": (
        "Which bookings of week 27 are at risk, by the mails and the workbook? Say for each what has to be "
        "done, and by when.",
        "Draft an answer to Halden Line about the rolled container of MF-2704, and name the two ways that we have.",
        "Compare both carriers to New York and Lagos by rate, free days and demurrage, as a table.",
        "What is still missing for MF-2703, and what happens if it does not come in time?",
    ),
    "Legal": (
        "Compare the two carrier agreements clause by clause, as a table, and mark what is worse for us.",
        "What may we claim for a rolled container, under each of the agreements?",
        "Until when can each agreement be ended, and how?",
        "A reefer arrived too warm. What does each agreement say about liability, time limits and logs?",
    ),
    "Finance": (
        "Check the ledger for invoices that were paid twice, are overdue or lack something.",
        "Does the scanned invoice HL-2291 agree with the ledger and the reminder?",
        "What falls due in the next 30 days, by party and in total?",
        "Explain the demurrage on invoice HL-2291 in two sentences for a colleague.",
    ),
    "Support": (
        "Draft an answer to Harbour Foods about S-1188: apologise, say what we check, promise nothing.",
        "What has happened with shipments of Harbour Foods this year?",
        "Which shipments are late, and what do we tell their customers?",
    ),
    "IT": (
        "What is the cause of the time-outs in the gateway's log, and what proves it?",
        "Which servers need something done in the next 30 days?",
        "Turn change request 412 into a checklist with a test after each step and the way back.",
    ),
}
INSTRUCTIONS = {
    "Contracts": "Name the clause for each statement. Where the documents do not answer, say so instead of guessing. "
    "Nothing here is legal advice.",
    "Customer questions": "Write as Meridian Freight to a customer: friendly, short, in the customer's language. "
    "Never admit liability and never promise an amount.",
    "Declarations": "Give tariff codes with their headings, and mark what a customs officer has to confirm.",
}
PROMPTS = {
    "Meridian Freight": (
        Fields(
            "Translate",
            "Keeps names, numbers and layout",
            "Translate into {{language|choice:English|German|French|Arabic|Chinese}}. Keep names, numbers and "
            "the layout."
            "\n\n{{text|long}}",
        ),
        Fields(
            "Minutes",
            "From notes to decisions",
            "Make minutes of these notes: decisions, tasks with names, open "
            "points.\n\nMeeting of {{day|date:today}}\n{{notes|long}}",
        ),
    ),
    "Logistics": (
        Fields(
            "Letter to a carrier",
            "Booking, reason, what we want by when",
            "Write to {{carrier|choice:Halden Line|Orion Carriers}} about booking {{booking:MF-27}}.\nReason: "
            "{{reason}}\n"
            "We want: {{what we want|long}}\nBy: {{by|date}}\nTone: {{tone|choice:friendly|firm}}.",
        ),
    ),
    "Legal": (
        Fields(
            "Compare two contracts",
            "By clause, with what is worse for us",
            "Compare the attached contracts on "
            "{{subject:liability}}. A table: clause, first, second, which is worse for {{for whom:us}}.",
        ),
    ),
}


def fill_library(actor: Actor, departments: Mapping[str, Department], workspaces: Mapping[str, Workspace]) -> None:
    for name, questions in QUESTIONS.items():
        set_first_questions(actor, departments[name], questions)
    for name, text in INSTRUCTIONS.items():
        set_instructions(actor, workspaces[name], text)
    for name, prompts in PROMPTS.items():
        for fields in prompts:
            create_prompt(actor, fields, departments[name])
