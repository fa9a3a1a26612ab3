"""The form of ``content/simulation/*.json``: who answers a consultation, and how likely what is."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from surveys.statements import Status

Stance = Literal["agree", "disagree", "pass"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RowModel(_Strict):
    """What is judged by itself: a ``level`` on a numeric scale, or ``weights`` of its options."""

    level: float | None = None
    weights: dict[str, float] = {}
    # On a scale: steps added per respondent type. Otherwise: factors per type and option.
    lean: dict[str, Any] = {}


class NumberModel(_Strict):
    """Log-normal around ``median`` with ``spread``; a share of ``zero`` answers 0."""

    median: float
    spread: float
    zero: float = 0.0


class DateModel(_Strict):
    """Normal around ``median`` with ``spread_days``."""

    median: str
    spread_days: float


class YearModel(_Strict):
    """Normal around ``median`` with ``spread`` years; a share says it will ``never`` happen."""

    median: float
    spread: float
    never: float = 0.0


class Opinions(_Strict):
    """Weights of the stances on a statement in each of the two groups of opinion."""

    first: dict[Stance, float]
    second: dict[Stance, float]


class ProposedModel(_Strict):
    """Something proposed, and how likely; ``texts``: pool of the words that go with it.

    ``pairs``: "A>B" by kind, for dependencies; milestones take title and description from the pool.
    """

    rate: float
    texts: str
    pairs: dict[str, str] = {}


class AnswerModel(_Strict):
    """How a question is answered. ``rate``: the share that answers it when it may be left out."""

    rate: float = 1.0
    weights: dict[str, float] = {}
    lean: dict[str, dict[str, float]] = {}
    rows: dict[str, RowModel] = {}
    # Steps of a scale; ``lean`` has no options then: respondent type → {"level": steps}.
    level: float | None = None
    # The share that ticks "I do not know" on a scale.
    unsure: float = 0.0
    # Of several choices nobody takes more than this many.
    most: int = 3
    number: NumberModel | None = None
    date: DateModel | None = None
    year: YearModel | None = None
    # Milestones by code, each with the years people expect.
    years: dict[str, YearModel] = {}
    statements: dict[str, Opinions] = {}
    # The share that disputes a dependency "A>B".
    disputed: dict[str, float] = {}
    proposed: ProposedModel | None = None
    # The pool of sentences a text is taken from, each wording once.
    texts: str | None = None
    # The text names a border of the respondent's country.
    borders: bool = False


class AddedStatement(_Strict):
    """A statement that a participant adds, and what the moderator makes of it.

    ``position``: when, from 0 (opening) to 1 (closing).
    """

    question: str
    text: str
    language: str
    position: float
    decision: Status
    reason: str = ""
    opinions: Opinions | None = None


class Campaign(_Strict):
    """People who send a text that they were offered, in one of its ``wordings``, the first mostly.

    The first ``people`` of a respondent type and language who answer after ``position``; what is
    ``fixed`` they all answer alike.
    """

    question: str
    people: int
    respondent_type: str
    language: str
    position: float
    wordings: list[str]
    fixed: dict[str, Any] = {}


class SimulationModel(_Strict):
    """Who answers one consultation, and how. Countries are weights, each answered at least once."""

    consultation: str
    responses: int
    respondent_types: dict[str, float]
    countries: dict[str, float]
    questions: dict[str, AnswerModel]
    # Respondent type → the share that belongs to the second group of opinion; "" for all others.
    second_group: dict[str, float] = {}
    added_statements: list[AddedStatement] = []
    campaign: Campaign | None = None
    # Seconds that a person takes for one answer, in the middle, and the share of those who rush.
    pace: float = 18.0
    hurried: float = 0.0
    # The share that consents to each purpose of the consultation.
    consents: dict[str, float] = {}


class Surroundings(_Strict):
    """What a simulated person has around: languages spoken and borders crossed, by country."""

    languages: dict[str, list[str]]
    borders: dict[str, list[str]]
