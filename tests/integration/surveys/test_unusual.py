"""The report on unusual responses, from rows, on both databases and on real responses."""

import csv
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.ids import random_uuid
from surveys.consultations import get_consultation
from surveys.counting.marks import LEAST_ROWS
from surveys.counting.projection import bring_up_to_date, rebuild
from surveys.counting.text_groups import words_of
from surveys.counting.unusual import disclosed_campaigns, read_sample, report_unusual
from surveys.imported_responses import import_have_your_say
from surveys.models import Consultation, Response
from tests.questionnaire_factory import definition, open_consultation

LETTER = "We ask for rural networks first, because people there have waited for many years."


def answered(consultation: Consultation, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": random_uuid(), "consultation_id": consultation.id,
        "version_id": consultation.current_version_id, "reference": random_uuid().hex[:24],
        "publication": "anonymous", "consents": {}, "answers": answers, "seconds": None,
    } | more  # fmt: skip


def with_rows(session: Session, now: datetime, rows: list[dict[str, Any]], tmp_path: Path) -> Any:
    """An open consultation with a matrix of six rows, and responses to it."""
    document = definition()
    matrix = document["sections"][1]["questions"][0]
    matrix["rows"] = [{"code": f"r{n}", "label": {"en": f"Row {n}"}} for n in range(1, 7)]
    consultation = open_consultation(session, now, slug="unusual", definition=document)
    session.execute(insert(Response), [answered(consultation, **row) for row in rows])
    rebuild(session, directory=tmp_path, consultation=consultation, actor=OPERATOR, now=now)
    return consultation


def test_every_mark_with_its_share_and_what_would_be_without(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    straight = {f"r{n}": "1" for n in range(1, 7)}
    mixed = straight | {"r6": "2"}
    rows = [{"answers": {"Q1": "yes", "Q2": LETTER, "Q4": mixed}, "seconds": 300}] * 12
    rows += [{"answers": {"Q1": "yes", "Q2": LETTER.replace("many", "ten")}, "seconds": 300}]
    rows += [{"answers": {"Q1": "no", "Q4": straight}, "seconds": 300}] * 3
    rows += [{"answers": {"Q1": "no", "Q4": mixed}, "seconds": 300}] * 20
    rows += [{"answers": {"Q1": "no"}, "seconds": 45}, {"answers": {"Q1": "no"}}]
    consultation = with_rows(session, now, rows, tmp_path)
    report = report_unusual(session, consultation=consultation, now=now)

    assert report["responses"] == 38
    marks = report["marks"]
    assert marks["speed"] == {
        "judged": 37, "responses": 1, "share": 0.027, "median_seconds": 300.0,
        "limit_seconds": 100.0, "timed": 37,
    }  # fmt: skip
    assert marks["straight_lining"] == {
        "judged": 35, "responses": 3, "share": 0.0857,
        "batteries": [{"code": "Q4", "judged": 35, "responses": 3}],
    }  # fmt: skip
    texts = marks["identical_text"]
    assert (texts["judged"], texts["responses"], texts["share"], texts["found"]) == (13, 13, 1, 1)
    (campaign,) = texts["campaigns"]
    assert (campaign["responses"], campaign["identical"], campaign["questions"]) == (13, 12, ["Q2"])
    assert disclosed_campaigns(report) == [10]
    assert report["marked"] == {"responses": 17, "share": 0.4474}
    urgent = report["questions"][0]
    assert (urgent["answered"], urgent["answered_unmarked"]) == (38, 21)
    assert urgent["options"] == [
        {"label": "Yes", "count": 13, "count_unmarked": 0},
        {"label": "No", "count": 25, "count_unmarked": 21},
    ]

    # No text is kept with the report, so none stays behind when a response is withdrawn.
    assert LETTER not in str(report)
    response_id = UUID(campaign["sample"]["response"])
    assert read_sample(session, response_id=response_id, question="Q2") == LETTER
    session.execute(delete(Response).where(Response.id == response_id))
    assert read_sample(session, response_id=response_id, question="Q2") == ""


def test_small_campaigns_are_not_disclosed(session: Session, now: datetime, tmp_path: Path) -> None:
    consultation = with_rows(session, now, [{"answers": {"Q2": LETTER}}] * 9, tmp_path)
    report = report_unusual(session, consultation=consultation, now=now)
    assert report["marks"]["identical_text"]["responses"] == 9
    assert disclosed_campaigns(report) == []


def test_without_responses_there_is_nothing_to_say(
    session: Session, now: datetime, tmp_path: Path
) -> None:
    consultation = open_consultation(session, now)
    bring_up_to_date(session, directory=tmp_path, now=now)
    report = report_unusual(session, consultation=consultation, now=now)
    assert report["marked"] == {"responses": 0, "share": None}


def test_real_responses_give_what_a_count_by_hand_gives(
    session: Session, now: datetime, tmp_path: Path, shared_data: Path
) -> None:
    data = (shared_data / "ec" / "white-paper-ai-2020-pseudonymised.csv").read_bytes()
    import_have_your_say(session, data=data, slug="white-paper", actor=OPERATOR, now=now)
    bring_up_to_date(session, directory=tmp_path, now=now)
    consultation = get_consultation(session, slug="white-paper")
    report = report_unusual(session, consultation=consultation, now=now)

    # By hand, from the rows alone: which free texts come word for word from several people, …
    senders: dict[str, set[int]] = defaultdict(set)
    straight = set()
    answers = session.scalars(
        select(Response.answers).where(Response.consultation_id == consultation.id)
    )
    for number, given in enumerate(answers):
        for answer in given.values():
            if isinstance(answer, str) and "free text" in answer:
                senders[" ".join(words_of(answer))].add(number)
            # … and who gave one answer to all rows.
            if isinstance(answer, dict) and len(answer) >= LEAST_ROWS:
                straight |= {number} if len(set(answer.values())) == 1 else set()
    texts = report["marks"]["identical_text"]
    largest = max(campaign["identical"] for campaign in texts["campaigns"])
    assert largest == max(map(len, senders.values())) >= 10
    # Placeholders of other lengths differ in one word of twelve: nearly identical.
    assert texts["campaigns"][0]["responses"] > largest
    alike = set().union(*(people for people in senders.values() if len(people) > 1))
    assert texts["responses"] >= len(alike)
    assert report["marks"]["straight_lining"]["responses"] == len(straight)
    # The same again from the file: a placeholder that stands in for a text of the same length.
    with (shared_data / "ec" / "white-paper-ai-2020-pseudonymised.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.reader(file, delimiter=";"))
    in_file = [
        row for row in rows if any(cell.strip() == "(free text, 500 characters)" for cell in row)
    ]
    assert largest == len(in_file)
