"""How the types of question are called and explained to those who write questionnaires."""

from flask_babel import lazy_gettext as _l

TYPE_LABELS = {
    "single_choice": _l("One choice"),
    "multiple_choice": _l("Several choices"),
    "matrix": _l("Matrix"),
    "rating": _l("Rating"),
    "ranking": _l("Ranking"),
    "number": _l("Number"),
    "date": _l("Date"),
    "year": _l("Year"),
    "quarter": _l("Quarter of a year"),
    "short_text": _l("Short text"),
    "long_text": _l("Long text"),
    "upload": _l("File upload"),
    "points": _l("Sharing out points"),
    "budget": _l("Budget"),
    "consent": _l("Consent"),
    "statements": _l("Statements"),
    "milestone_priorities": _l("Priorities of milestones"),
    "milestone_years": _l("Years of milestones"),
    "milestone_proposals": _l("New milestones"),
    "dependencies": _l("Dependencies"),
    "paragraph_comments": _l("Comments on paragraphs"),
    "calculation": _l("Calculation"),
    "information": _l("Information text"),
}

TYPE_GROUPS = (
    (_l("Choosing"), ("single_choice", "multiple_choice", "matrix", "rating", "ranking")),
    (_l("Writing"), ("short_text", "long_text", "number", "date", "year", "quarter", "upload")),
    (_l("Weighing"), ("points", "budget", "statements")),
    (
        _l("The roadmap"),
        (
            "milestone_priorities", "milestone_years", "milestone_proposals", "dependencies",
            "paragraph_comments",
        ),
    ),
    (_l("Not questions"), ("information", "consent", "calculation")),
)  # fmt: skip
"""The types as they are offered: (heading, types)."""

TYPE_HINTS = {
    "single_choice": _l("One of the options is chosen, as a list, a menu or a scale."),
    "multiple_choice": _l("Any number of options, with a lowest and a highest number."),
    "matrix": _l("Several lines with the same options, numbers or texts."),
    "rating": _l("A number from a scale of points, with words at both ends."),
    "ranking": _l("Options are put in order, the best first."),
    "number": _l("A number, with unit and range."),
    "date": _l("A day."),
    "year": _l("A year, such as 2028."),
    "quarter": _l("A quarter, such as 2028-Q3."),
    "short_text": _l("A line of text."),
    "long_text": _l("A text of several lines."),
    "upload": _l("Files, kept apart and never shown in a page."),
    "points": _l("A number of points is shared out over the options."),
    "budget": _l("Options with a price are chosen within a budget."),
    "consent": _l("A box to tick, kept with its purpose and version."),
    "statements": _l("Short sentences to agree with, disagree with or pass on."),
    "milestone_priorities": _l("How important each milestone is, from 1 to 5."),
    "milestone_years": _l(
        "When each milestone will be reached: earliest, likely, latest, or never."
    ),
    "milestone_proposals": _l("Milestones that are missing."),
    "dependencies": _l("Dependencies of the draft are disputed, new ones proposed."),
    "paragraph_comments": _l("Paragraphs of the draft are commented."),
    "calculation": _l("A value worked out from other answers, to be used in texts and conditions."),
    "information": _l("A text between the questions."),
}

COMPARISON_LABELS = {
    "is": _l("is"),
    "is_not": _l("is answered and is not"),
    "includes": _l("includes"),
    "includes_not": _l("does not include"),
    "more_than": _l("is more than"),
    "at_least": _l("is at least"),
    "less_than": _l("is less than"),
    "at_most": _l("is at most"),
    "is_answered": _l("is answered"),
    "is_not_answered": _l("is not answered"),
    "contains": _l("contains the text"),
}

ACTION_LABELS = {
    "begun": _l("the beginning"),
    "imported": _l("importing a file"),
    "section_added": _l("adding a section"),
    "section_changed": _l("changing a section"),
    "section_moved": _l("moving a section"),
    "section_duplicated": _l("duplicating a section"),
    "section_deleted": _l("deleting a section"),
    "block_inserted": _l("inserting a block"),
    "question_added": _l("adding a question"),
    "question_changed": _l("changing a question"),
    "question_moved": _l("moving a question"),
    "question_duplicated": _l("duplicating a question"),
    "question_deleted": _l("deleting a question"),
    "type_changed": _l("changing the type of a question"),
    "options_filled": _l("filling in options from a roadmap"),
    "settings_changed": _l("changing the settings"),
    "translated": _l("translating"),
}
"""What undo and redo say about a step (``QuestionnaireEdit.action``)."""
