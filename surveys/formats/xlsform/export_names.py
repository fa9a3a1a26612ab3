"""Names in an XLSForm for our codes: one namespace for groups, questions and their parts."""

from surveys.formats.xlsform.export_parts import Part, Sheet
from surveys.questionnaire import Question, Questionnaire

# Names that the form has of its own.
_RESERVED = frozenset({"data", "meta", "instanceid", "instancename", "audit", "entity"})


class FormNames:
    """``sections`` and ``groups`` by code; ``answers`` by reference (``Q3.r1``)."""

    def __init__(self, questionnaire: Questionnaire, sheets: dict[str, Sheet]) -> None:
        self.taken: set[str] = set(_RESERVED)
        self.sections: dict[str, str] = {}
        self.groups: dict[str, str] = {}
        self.answers: dict[str, str] = {}
        for question in questionnaire.questions:
            name = self.groups[question.code] = self.free(question.code)
            if question.other is not None:
                self.answers[question.other_code] = self.free(f"{name}_other", exactly=True)
        for question in questionnaire.questions:
            for part in sheets[question.code].parts:
                self.name(question, part)
        for section in questionnaire.sections:
            self.sections[section.code] = self.free(section.code)

    def name(self, question: Question, part: Part) -> None:
        group = self.groups[question.code]
        if part.reference == question.code or part.name:
            part.name = group
        else:
            inner = part.reference.removeprefix(f"{question.code}.") or "text"
            # The code of an option may hold signs that a name cannot.
            plain = "".join(sign if sign.isalnum() or sign == "_" else "_" for sign in inner)
            part.name = self.free(f"{group}_{plain}")
        if part.reference:
            self.answers[part.reference] = part.name

    def free(self, wanted: str, *, exactly: bool = False) -> str:
        """``wanted``, with a number where it is taken already; letter case does not count."""
        name, number = wanted, 2
        while name.lower() in self.taken and not exactly:
            name = f"{wanted}_{number}"
            number += 1
        self.taken.add(name.lower())
        return name
