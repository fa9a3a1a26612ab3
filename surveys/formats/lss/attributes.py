"""What LimeSurvey's question attributes and settings come to here.

An attribute is carried over by the question that reads it (``surveys.formats.lss.questions``), or
has its default value and says nothing, or is reported with the reason given here.
"""

# Values that change nothing. An empty value and, unless listed otherwise, 0 never do.
DEFAULTS: dict[str, frozenset[str]] = {
    name: frozenset(values.split("|"))
    for name, values in {
        "answer_order": "normal", "assessment_value": "1", "category_separator": "",
        "choice_input_columns": "12", "commented_checkbox": "allways|always|checked",
        "commented_checkbox_auto": "1", "cssclass": "", "date_format": "",
        "display_columns": "1", "display_type": "", "dropdown_dates_minute_step": "1",
        "dropdown_dates_month_style": "0", "dropdown_prepostfix": "", "dropdown_size": "",
        "em_validation_q_tip": "", "em_validation_sq_tip": "", "exclude_all_others_auto": "0",
        "input_boxes": "1", "input_size": "", "keep_aspect": "", "location_mapheight": "300",
        "location_mapservice": "0", "location_mapwidth": "500", "location_mapzoom": "11",
        "location_nodefaultfromip": "0", "location_defaultcoordinates": "", "max_subquestions": "",
        "multiflexible_step": "1", "other_position": "default|end", "other_position_code": "",
        "page_break": "0", "printable_help": "", "public_statistics": "0",
        "random_group": "", "repeat_headings": "", "reverse": "0", "samechoiceheight": "1",
        "samelistheight": "1", "save_as_default": "N", "scale_export": "0", "show_comment": "1",
        "show_grand_total": "0", "show_title": "1", "show_totals": "X", "showpopups": "1",
        "slider_custom_handle": "f1ae", "slider_default_set": "1", "slider_handle": "0",
        "slider_layout": "0", "slider_orientation": "0", "slider_separator": "|",
        "statistics_graphtype": "0", "statistics_showgraph": "1", "statistics_showmap": "1",
        "text_input_columns": "", "text_input_width": "", "time_limit_action": "1",
        "time_limit_disable_next": "0", "time_limit_disable_prev": "0", "use_dropdown": "0",
        "value_range_allows_missing": "1",
    }.items()
}  # fmt: skip

_LOOK = "It is about how the question looks, which our pages decide themselves."
_CHECK = "Answers are not checked by this here."
_ORDER = "Answers are always shown in the order given."
_ROWS_ONLY = "Only the rows of a matrix can be shown or hidden, and only by codes they share."

# Why, by name; the first prefix that fits.
_REASONS: tuple[tuple[str, str], ...] = (
    ("array_filter", _ROWS_ONLY),
    ("random_order", _ORDER),
    ("subquestion_order", _ORDER),
    ("answer_order", _ORDER),
    ("alphasort", _ORDER),
    ("keep_codes_order", _ORDER),
    ("random_group", "Questions are always asked in the order given."),
    ("em_validation", "Validation by an expression is not supported."),
    ("min_answers", "Here this must be a number and the question a multiple choice."),
    ("max_answers", "Here this must be a number and the question a multiple choice."),
    ("min_num_value_n", "Here this must be a number, not an expression."),
    ("max_num_value_n", "Here this must be a number, not an expression."),
    ("multiflexible_m", "Here this must be a number, not an expression."),
    ("date_m", "Here this must be a date such as 2026-11-22, not an expression."),
    ("date_format", "Dates are asked as day, month and year; there is no time of day."),
    ("equals_num_value", "Sums over several answers are not checked."),
    ("min_num_value", "Sums over several answers are not checked."),
    ("max_num_value", "Sums over several answers are not checked."),
    ("num_value_equals", "Sums over several answers are not checked."),
    ("exclude_all_others", "It names an option that is not there, or applies in another way."),
    ("time_limit", "There are no time limits: they shut people out."),
    ("location_", "There are no maps."),
    ("prefix", "Only a unit after the answer is supported."),
    ("suffix", "A unit is supported for numbers only."),
    ("multiflexible_step", _CHECK),
    ("maximum_chars", "The length is limited for texts only."),
    ("numbers_only", "It applies to single short texts and matrices of texts only."),
    ("hidden", "The question cannot be asked."),
    ("relevance", "It differs from the relevance of the question itself, which applies."),
    ("other_", "It is about an option “other”, which the question does not have in this form."),
)  # fmt: skip
_SHOWN = (
    "display_", "hide_tip", "text_input", "input_", "label_", "answer_width", "cssclass", "css",
    "dropdown_", "slider_", "use_dropdown", "repeat_", "page_break", "public_statistics",
    "statistics_", "printable", "rank_title", "choice_title", "samechoice", "samelist", "show",
    "commented_checkbox", "category_separator", "other_position", "placeholder", "reverse",
    "keep_aspect", "horizontal", "fix_", "crop_", "choice_input", "parent_order", "question_theme",
)  # fmt: skip


# Where 0 is a value like any other.
_ZERO_COUNTS = (
    "min_num_value", "max_num_value", "equals_num_value", "multiflexible_m", "slider_default",
    "slider_min", "slider_max", "time_limit_action",
)  # fmt: skip


def is_default(name: str, value: str) -> bool:
    """Whether the attribute says nothing with this value."""
    if value in ("", "N") or value in DEFAULTS.get(name, frozenset()):
        return True
    return value == "0" and not name.startswith(_ZERO_COUNTS)


def reason(name: str) -> str:
    """Why an attribute with this name is not carried over."""
    for prefix, why in _REASONS:
        if name.startswith(prefix):
            return why
    if name.startswith(_SHOWN):
        return _LOOK
    return "There is no counterpart for it."


# Settings of the whole survey: only these matter to those who are asked; the rest is about how
# LimeSurvey itself runs the survey.
SETTINGS: dict[str, tuple[frozenset[str], str]] = {
    name: (frozenset(defaults.split("|")), why)
    for name, defaults, why in (
        ("expires", "", "Say when the consultation closes when you schedule it."),
        ("startdate", "", "Say when the consultation opens when you schedule it."),
        ("anonymized", "N|I", "Say whether it is anonymous when you create the consultation."),
        ("assessments", "N|I", "Answers are not scored."),
        ("usetokens", "N|I", "Make the consultation targeted and send invitations from here."),
        ("allowregister", "N|I", "People do not register; invite them, or make it public."),
        ("usecaptcha", "N|D|I|X|E", "There are no picture puzzles."),
        ("printanswers", "N|I", "Everyone gets a receipt with the answers."),
        ("format", "G|A|I", "Questions are asked one section a page, or all on one."),
        ("publicstatistics", "N|I", "Publish the results from the page of the consultation."),
        ("questionindex", "0|I", "Sections can always be gone back to."),
        ("navigationdelay", "0", "There are no waiting times."),
        ("showsurveypolicynotice", "0", "The privacy notice of the platform applies."),
        ("alloweditaftercompletion", "N|I", "A response is final once it is submitted."),
    )
}  # fmt: skip

# Texts of the whole survey that have no place in a questionnaire.
SURVEY_TEXTS: tuple[tuple[str, str], ...] = (
    ("surveyls_endtext", "The receipt page has a text of its own."),
    ("surveyls_url", "People stay on the receipt page at the end."),
    ("surveyls_policy", "The privacy notice of the platform applies."),
    ("surveyls_legal", "The legal notice of the platform applies."),
    ("surveyls_email", "E-mails are written from the platform's own templates."),
    ("email_", "E-mails are written from the platform's own templates."),
    ("surveyls_attributecaptions", "It describes invitations, not the questionnaire."),
    ("attachments", "E-mails have no attachments."),
)
