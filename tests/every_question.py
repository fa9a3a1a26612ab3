"""A questionnaire with every type of question, and an answer to each as a form sends it."""

from typing import Any


def text(words: str, french: str = "") -> dict[str, str]:
    return {"en": words, "fr": french or f"{words} (fr)"}


def options(*labels: str, **more: Any) -> list[dict[str, Any]]:
    return [{"code": label.lower(), "label": text(label)} | more for label in labels]


def question(code: str, kind: str, title: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "type": kind, "title": text(title)} | more


QUESTIONS: list[dict[str, Any]] = [
    question("INFO", "information", "Please read this first."),
    question("ONE", "single_choice", "Choose one", options=options("Red", "Blue"),
             other={"code": "other", "label": text("Other"), "required": True}),
    question("DROP", "single_choice", "Choose from a list", display="dropdown",
             options=options("North", "South")),
    question("LIKERT", "single_choice", "The plan is sound", display="scale", options=[
        *options("Disagree", "Neutral", "Agree"),
        {"code": "dk", "label": text("Do not know"), "no_opinion": True}]),
    question("MANY", "multiple_choice", "Choose some", max_choices=2, options=[
        *options("Radio", "Cloud", "Security"),
        {"code": "none", "label": text("None of these"), "exclusive": True}]),
    question("GRID", "matrix", "How important?", cell="single", display="scale",
             rows=options("Speed", "Energy"), options=options("Low", "High")),
    question("MULTI", "matrix", "Who needs it?", cell="multiple",
             rows=options("Speed", "Energy"), options=options("Citizens", "Industry")),
    question("TABLE", "matrix", "How much?", cell="number", minimum=0, maximum=100,
             rows=options("Speed", "Energy"), options=options("Now", "Later")),
    question("LINES", "matrix", "In your words", cell="text", rows=options("Speed", "Energy")),
    question("RATE", "rating", "Rate the draft", low=text("poor"), high=text("excellent"),
             no_opinion=text("No opinion")),
    question("RANK", "ranking", "Put them in order", options=options("Radio", "Cloud", "Security")),
    question("NUM", "number", "How many?", minimum=0, maximum=100, unit=text("sites")),
    question("DATE", "date", "By when?", minimum="2026-01-01"),
    question("YEAR", "year", "Which year?", minimum=2026, maximum=2040),
    question("QUART", "quarter", "Which quarter?", minimum="2026-Q1", maximum="2035-Q4"),
    question("SHORT", "short_text", "In a word", max_length=40),
    question("LONG", "long_text", "In detail", max_length=400),
    question("FILE", "upload", "Your position paper", max_files=2, max_megabytes=1,
             accept=["pdf", "text"]),
    question("POINTS", "points", "Share out the points", total=10,
             options=options("Radio", "Cloud")),
    question("BUDGET", "budget", "Spend the budget", total=100, unit=text("million euro"),
             options=[{"code": "lab", "label": text("A laboratory"), "cost": 60},
                      {"code": "net", "label": text("A test network"), "cost": 50}]),
    question("AGREE", "consent", "You may write to me.", purpose="contact", version="contact-2"),
    question("SAY", "statements", "Do you agree?", allow_own=True,
             options=options("One", "Two", "Three")),
    question("PRIO", "milestone_priorities", "What matters?", options=options("M1", "M2")),
    question("WHEN", "milestone_years", "When will it be reached?", minimum=2026, maximum=2060,
             options=options("M1", "M2")),
    question("NEW", "milestone_proposals", "What is missing?"),
    question("DEPS", "dependencies", "What waits for what?", options=options("M1", "M2", "M3"),
             dependencies=[{"from": "m1", "to": "m2", "kind": "FS"}]),
    question("PARAS", "paragraph_comments", "The draft", options=options("P1", "P2")),
    question("CALC", "calculation", "You counted {{ NUM }} sites.", value="NUM * 2",
             display="text"),
    question("WHY", "long_text", "Why {{ NUM }}?", show_if="NUM > 50", required=True),
]  # fmt: skip


def definition(**changes: Any) -> dict[str, Any]:
    """Every type in one section, and a second section after it."""
    return {
        "schema": "waymark/questionnaire/1",
        "title": text("Every question"),
        "languages": ["en", "fr"],
        "sections": [
            {"code": "all", "title": text("Everything", "Tout"), "questions": QUESTIONS},
            {"code": "end", "title": text("At last", "Enfin"),
             "questions": [question("LAST", "short_text", "Anything else?")]},
        ],
    } | changes  # fmt: skip


FIELDS: dict[str, Any] = {
    "ONE": "other", "ONE_other": "Green", "DROP": "south", "LIKERT": "dk",
    "MANY": ["radio", "cloud"], "GRID.speed": "high", "GRID.energy": "low",
    "MULTI.speed": ["citizens", "industry"], "TABLE.speed.now": "1,5", "TABLE.energy.later": "7",
    "LINES.speed": "fast", "RATE": "4",
    "RANK.cloud": "1", "RANK.radio": "2", "NUM": "12", "DATE": "2030-06-30", "YEAR": "2031",
    "QUART.year": "2028", "QUART.quarter": "Q3", "SHORT": "Yes", "LONG": "Because.",
    "POINTS.radio": "7", "POINTS.cloud": "3", "BUDGET": ["lab"], "AGREE": "yes",
    "SAY.one": "agree", "SAY.two": "pass", "PRIO.m1": "5", "PRIO.m2": "no_opinion",
    "WHEN.m1.earliest": "2027", "WHEN.m1.likely": "2029", "WHEN.m2.never": "yes",
    "NEW.1.title": "A twin", "NEW.1.description": "Of the network", "NEW.1.year": "2032",
    "DEPS.disputed.m1>m2": "yes", "DEPS.disputed.m1>m2.reason": "They are independent.",
    "DEPS.1.from": "m2", "DEPS.1.to": "m3", "DEPS.1.kind": "SS", "DEPS.1.reason": "Same team.",
    "PARAS.p1.stance": "change", "PARAS.p1.text": "Shorter, please.",
}  # fmt: skip

ANSWERS: dict[str, Any] = {
    "ONE": "other", "ONE_other": "Green", "DROP": "south", "LIKERT": "dk",
    "MANY": ["radio", "cloud"], "GRID": {"speed": "high", "energy": "low"},
    "MULTI": {"speed": ["citizens", "industry"]},
    "TABLE": {"speed": {"now": 1.5}, "energy": {"later": 7}}, "LINES": {"speed": "fast"},
    "RATE": 4, "RANK": ["cloud", "radio"], "NUM": 12, "DATE": "2030-06-30", "YEAR": 2031,
    "QUART": "2028-Q3", "SHORT": "Yes", "LONG": "Because.", "POINTS": {"radio": 7, "cloud": 3},
    "BUDGET": ["lab"], "AGREE": True, "SAY": {"one": "agree", "two": "pass"},
    "PRIO": {"m1": 5, "m2": "no_opinion"},
    "WHEN": {"m1": {"earliest": 2027, "likely": 2029}, "m2": {"never": True}},
    "NEW": [{"title": "A twin", "description": "Of the network", "year": 2032}],
    "DEPS": {"disputed": {"m1>m2": "They are independent."},
             "proposed": [{"from": "m2", "to": "m3", "kind": "SS", "reason": "Same team."}]},
    "PARAS": {"p1": {"stance": "change", "text": "Shorter, please."}},
}  # fmt: skip
