"""Random questionnaires with questions of every type, and random answers to them."""

import random
from typing import Any

from surveys.questionnaire import Question
from surveys.schema import QUESTION_TYPES

ADDED = [f"p_{letter * 12}" for letter in "abcd"]
"""Codes of statements that participants added."""

_JUNK = [None, "", " ", "x", 0, -1, 3.5, True, False, [], {}, ["x"], {"x": 1}, [1, None], 10**20,
         {"a": "x", "b": -3, "c": True}, {"a": {"likely": "x"}}, [["a"]],
         {"disputed": 1}]  # fmt: skip
_LETTERS = "abcdefg"


def random_definition(chance: random.Random) -> dict[str, Any]:
    """A questionnaire with a question of each type (but upload's files), some of them twice."""
    kinds = [*QUESTION_TYPES, *chance.sample(QUESTION_TYPES, 6)]
    questions = [_question(chance, kind, f"Q{at}") for at, kind in enumerate(kinds)]
    return {
        "schema": "waymark/questionnaire/1", "title": {"en": "Random"}, "languages": ["en"],
        "sections": [{"code": "all", "title": {"en": "All"}, "questions": questions}],
    }  # fmt: skip


def random_answers(chance: random.Random, questions: tuple[Question, ...]) -> dict[str, Any]:
    """Answers to most questions; now and then something that is no answer at all."""
    answers = {}
    for question in questions:
        luck = chance.random()
        if luck < 0.06:
            answers[question.code] = chance.choice(_JUNK)
        elif luck < 0.85:
            answers[question.code] = random_answer(chance, question)
    return answers


def random_answer(chance: random.Random, question: Question) -> Any:
    """An answer of the right form."""
    codes = [option.code for option in question.options]
    some = chance.sample(codes, chance.randint(0, len(codes)))
    match question.type:
        case "single_choice":
            return chance.choice(codes)
        case "multiple_choice" | "budget" | "ranking":
            return some
        case "matrix":
            return {row.code: _cell(chance, question, codes) for row in question.rows}
        case "rating":
            return chance.choice([1, 2, 2.0, 3, "no_opinion"])
        case "number":
            return chance.choice([0, 1, 2.5])
        case "date":
            return "2026-11-22"
        case "year":
            return chance.randint(2024, 2032)
        case "quarter":
            return f"{chance.randint(2026, 2028)}-Q{chance.randint(1, 4)}"
        case "points":
            total = int(question.total or 100)
            cuts = sorted(chance.randint(0, total) for _ in codes[1:])
            given = [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]
            return dict(zip(codes, given, strict=True))
        case "consent":
            return True
        case "statements":
            judged = [*some, *chance.sample(ADDED, chance.randint(0, 2))]
            return {code: chance.choice(["agree", "disagree", "pass"]) for code in judged}
        case "milestone_priorities":
            return {code: chance.choice([1, 3, 5, "no_opinion"]) for code in some}
        case "milestone_years":
            return {code: _estimate(chance) for code in some}
        case "milestone_proposals":
            return [{"title": "Another one"}]
        case "dependencies":
            return {
                "disputed": {d.code: chance.choice(["why", True, ""])
                             for d in question.dependencies if chance.random() < 0.5},
                "proposed": [{"from": "a", "to": "b"}] if chance.random() < 0.3 else [],
            }  # fmt: skip
        case "paragraph_comments":
            return {
                code: chance.choice([{"stance": "support"}, {"text": "yes"}, {"text": " "},
                                     {"stance": "oppose", "text": "no"}])
                for code in some
            }  # fmt: skip
        case "upload":
            return [{"sha256": "0" * 64, "name": "a.pdf", "media_type": "", "size": 3}]
        case "calculation":
            return chance.choice([True, False, 3, 2.75, "low", "high"])
        case _:
            return chance.choice(["some words", ""])


def _cell(chance: random.Random, question: Question, codes: list[str]) -> Any:
    match question.cell:
        case "single":
            return chance.choice(codes)
        case "multiple":
            return chance.sample(codes, chance.randint(0, len(codes)))
        case "number":
            return chance.choice([0, 4.5, None])
        case _:
            return chance.choice(["words", " "])


def _estimate(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.3:
        return {"never": True}
    likely = chance.randint(2024, 2040)
    return {"earliest": likely - 1, "likely": likely, "latest": likely + 2}


def _question(chance: random.Random, kind: str, code: str) -> dict[str, Any]:
    letters = _LETTERS[: chance.randint(2, len(_LETTERS))]
    options = [{"code": letter, "label": {"en": letter.upper()}} for letter in letters]
    made: dict[str, Any] = {"code": code, "type": kind, "title": {"en": code}}
    match kind:
        case "budget":
            made |= {
                "options": [option | {"cost": chance.randint(0, 9)} for option in options],
                "total": 30,
            }
        case "matrix":
            cell = chance.choice(["single", "multiple", "number", "text"])
            made |= {"cell": cell, "rows": [{"code": "r1", "label": {"en": "R1"}},
                                            {"code": "r2", "label": {"en": "R2"}}]}  # fmt: skip
            if cell in ("single", "multiple"):
                made["options"] = options
        case "rating":
            made |= {"minimum": chance.choice([-1, 0, 1]), "maximum": chance.choice([3, 5])}
            if chance.random() < 0.5:
                made |= {"no_opinion": {"en": "Cannot say"}, "low": {"en": "bad"}}
        case "year":
            made |= chance.choice([{}, {"minimum": 2025, "maximum": 2030}, {"maximum": 2030},
                                   {"minimum": 1600, "maximum": 2100}])  # fmt: skip
        case "quarter":
            made |= chance.choice([{}, {"minimum": "2026-Q2", "maximum": "2028-Q1"}])
        case "milestone_years":
            made |= {"options": options}
            made |= chance.choice([{}, {"minimum": 2026, "maximum": 2035}])
        case "consent":
            made |= {"purpose": "contact", "version": "1"}
        case "statements":
            made |= {"options": options, "allow_own": True}
        case "dependencies":
            edges = [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}]
            made |= {"options": options, "dependencies": edges}
        case "calculation":
            values = ["1 + 1.5", "1 < 2", "if(1 < 2, 'low', 'high')", "'low'"]
            made |= {"value": chance.choice(values)}
        case ("single_choice" | "multiple_choice" | "ranking" | "points" | "milestone_priorities"
              | "paragraph_comments"):  # fmt: skip
            made |= {"options": options}
    return made
