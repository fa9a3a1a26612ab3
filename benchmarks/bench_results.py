"""How fast results are counted: columnar segments beside JSON rows, in one run.

    .venv/bin/python -m benchmarks.bench_results [RESPONSES]

Makes RESPONSES (default 100,000) synthetic responses of 30 answers, keeps them as JSON rows in
SQLite and as segments of the projection, counts everything both ways, checks that both give the
same counts, and prints times, sizes and their ratios. Nothing is kept.
"""

import json
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from core.ids import random_uuid
from surveys.counting.segments import Layout, Row, count_segments, write_segment
from surveys.counting.tally import DIMENSIONS, UNKNOWN, Counts, entries_of, merge
from surveys.definition import parse_definition

QUESTIONS = 30
SEGMENT_ROWS = 50_000
COUNTRIES = ["DE"] * 70 + ["FR", "IT", "ES", "PL", "EL", "SE", None]
PROFILES = {
    "respondent_type": ["eu_citizen"] * 9 + ["ngo", "company_business"],
    "country": COUNTRIES,
    "organisation_size": [None, None, "small", "large"],
    "scope": [None],
    "language": ["de", "fr", "en"],
}


def definition() -> dict[str, Any]:
    """Thirty questions: 20 single choices, 5 multiple choices, 5 texts."""
    options = [{"code": str(n), "label": {"en": f"Option {n}"}} for n in range(1, 7)]
    kinds = ["single_choice"] * 20 + ["multiple_choice"] * 5 + ["short_text"] * 5
    questions = [
        {"code": f"Q{n}", "type": kind, "title": {"en": f"Question {n}"}}
        | ({"options": options} if kind.endswith("choice") else {})
        for n, kind in enumerate(kinds, start=1)
    ]
    return {
        "schema": "waymark/questionnaire/1", "title": {"en": "Benchmark"}, "languages": ["en"],
        "sections": [{"code": "all", "title": {"en": "All"}, "questions": questions}],
    }  # fmt: skip


def responses(count: int, seed: int = 1) -> Iterator[Row]:
    """Random responses in which people agree more with some options than with others."""
    chance = random.Random(seed)
    for _ in range(count):
        answers: dict[str, Any] = {}
        for n in range(1, 21):
            answers[f"Q{n}"] = chance.choice("1233445556")
        for n in range(21, 26):
            answers[f"Q{n}"] = sorted({chance.choice("123456") for _ in range(2)})
        for n in range(26, 31):
            answers[f"Q{n}"] = "A sentence that somebody wrote in their own words."
        profile = {name: chance.choice(values) for name, values in PROFILES.items()}
        yield Row(random_uuid(), date(2026, 1, 1 + chance.randrange(28)), profile, answers)


def batches(count: int) -> Iterator[list[Row]]:
    for number, start in enumerate(range(0, count, SEGMENT_ROWS)):
        yield list(responses(min(SEGMENT_ROWS, count - start), seed=number))


def count_json_rows(database: sqlite3.Connection) -> Counter[tuple[str, str, str, str]]:
    """People by (dimension, value, question, option): one tight loop over the rows.

    The option is empty where the question was answered at all.
    """
    counts: Counter[tuple[str, str, str, str]] = Counter()
    for profile_text, answers_text in database.execute("SELECT profile, answers FROM responses"):
        profile = json.loads(profile_text)
        chosen = []
        for code, value in json.loads(answers_text).items():
            chosen.append((code, ""))
            if isinstance(value, list):
                chosen.extend((code, option) for option in value)
            elif len(value) == 1:
                chosen.append((code, value))
        groups = [("", ""), *((name, profile[name] or UNKNOWN) for name in DIMENSIONS)]
        counts.update((*group, *choice) for group in groups for choice in chosen)
    return counts


def flatten(counts: Counts) -> Counter[tuple[str, str, str, str]]:
    """The same keys from counts of the projection."""
    flat: Counter[tuple[str, str, str, str]] = Counter()
    groups = [("", "", counts.total)]
    groups += [
        (name, value, tally) for name, split in counts.by.items() for value, tally in split.items()
    ]
    for name, value, tally in groups:
        for code, question in tally.questions.items():
            flat[name, value, code, ""] = question.answered
            for option, people in question.options.items():
                flat[name, value, code, option] = people
    return flat


def main(count: int) -> None:
    entries = entries_of(parse_definition(definition()))
    layout = Layout(entries)
    with tempfile.TemporaryDirectory() as folder:
        rows_file, segments = Path(folder) / "rows.sqlite", []
        database = sqlite3.connect(rows_file)
        database.execute("CREATE TABLE responses (id BLOB, profile TEXT, answers TEXT)")
        kept: list[Counts] = []
        writing = 0.0
        for number, batch in enumerate(batches(count)):
            database.executemany(
                "INSERT INTO responses VALUES (?, ?, ?)",
                (
                    (row.response_id.bytes, json.dumps(row.profile), json.dumps(row.answers))
                    for row in batch
                ),
            )
            segment = Path(folder) / f"{number}.parquet"
            began = time.perf_counter()
            kept.append(write_segment(segment, layout, batch)[1])
            writing += time.perf_counter() - began
            segments.append(segment)
        database.commit()

        began = time.perf_counter()
        from_json = count_json_rows(database)
        json_time = time.perf_counter() - began
        began = time.perf_counter()
        from_columns = count_segments(layout, segments)
        column_time = time.perf_counter() - began
        began = time.perf_counter()
        from_counts = merge(kept)
        merge_time = time.perf_counter() - began
        database.close()
        if from_columns != from_counts or flatten(from_counts) != from_json:
            raise SystemExit("the three ways of counting disagree")
        json_size = rows_file.stat().st_size
        column_size = sum(segment.stat().st_size for segment in segments)

    splits = len(DIMENSIONS)
    print(f"{count:,} responses x {QUESTIONS} answers, counted overall and by {splits} dimensions")
    print(f"  JSON rows         {json_time:8.2f} s  {json_size / 1e6:8.1f} MB")
    print(f"  columnar segments {column_time:8.2f} s  {column_size / 1e6:8.1f} MB")
    print(f"  kept counts       {merge_time:8.4f} s")
    print(f"  writing segments  {writing:8.2f} s  ({count / writing:,.0f} responses/s)")
    print(f"  columns are {json_time / column_time:.0f} times faster than rows and "
          f"{json_size / column_size:.0f} times smaller; "
          f"kept counts are {json_time / merge_time:,.0f} times faster")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
