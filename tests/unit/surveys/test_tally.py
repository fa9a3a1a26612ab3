"""What is counted, and that counts of parts add up to the counts of the whole."""

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.counting.tally import Counts, count_responses, entries_of, merge, tally_document
from surveys.definition import parse_definition

QUESTIONNAIRE = parse_definition(
    {
        "schema": "waymark/questionnaire/1",
        "title": {"en": "Test"},
        "languages": ["en", "fr"],
        "sections": [
            {
                "code": "all",
                "title": {"en": "All"},
                "questions": [
                    {"code": "T", "type": "information", "title": {"en": "Read this"}},
                    {"code": "S", "type": "single_choice", "title": {"en": "One?", "fr": "Un ?"},
                     "options": [{"code": "y", "label": {"en": "Yes", "fr": "Oui"}},
                                 {"code": "n", "label": {"en": "No", "fr": "Non"}}]},
                    {"code": "M", "type": "multiple_choice", "title": {"en": "Many?"},
                     "options": [{"code": "a", "label": {"en": "A"}},
                                 {"code": "b", "label": {"en": "B"}}]},
                    {"code": "X", "type": "matrix", "cell": "single", "title": {"en": "Grid"},
                     "rows": [{"code": "r1", "label": {"en": "Row 1"}},
                              {"code": "r2", "label": {"en": "Row 2"}}],
                     "options": [{"code": "1", "label": {"en": "Low"}},
                                 {"code": "5", "label": {"en": "High"}}]},
                    {"code": "N", "type": "number", "title": {"en": "How many?"}},
                    {"code": "L", "type": "long_text", "title": {"en": "Why?"}},
                ],
            }
        ],
    }
)  # fmt: skip
ENTRIES = entries_of(QUESTIONNAIRE)

ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "S": st.sampled_from(["y", "n"]),
        "M": st.lists(st.sampled_from(["a", "b"]), unique=True),
        "X": st.dictionaries(st.sampled_from(["r1", "r2"]), st.sampled_from(["1", "5"])),
        "N": st.integers(0, 3),
        "L": st.sampled_from(["", " ", "because"]),
    },
)
PROFILES = st.fixed_dictionaries(
    {
        "country": st.sampled_from([None, "", "DE", "EL"]),
        "respondent_type": st.sampled_from(["ngo", None]),
    }
)
RESPONSES = st.lists(st.tuples(PROFILES, ANSWERS), max_size=12)


def test_a_matrix_row_is_an_entry_and_an_information_text_is_none():
    assert [entry.code for entry in ENTRIES] == ["S", "M", "X.r1", "X.r2", "N", "L"]
    assert ENTRIES[2].title.in_language("en") == "Grid: Row 1"


def test_people_are_counted_per_option_and_zero_is_an_answer_to_a_number():
    counts = count_responses(
        ENTRIES,
        [
            ({"country": "DE"}, {"S": "y", "M": ["a", "b"], "X": {"r1": "5"}, "N": 0}),
            ({"country": None}, {"M": ["b"], "L": "  "}),
        ],
    )
    document = tally_document(counts.total, ENTRIES)
    assert document["responses"] == 2
    shown = {
        q["code"]: (q["answered"], [o["count"] for o in q["options"]])
        for q in document["questions"]
    }
    assert shown == {
        "S": (1, [1, 0]), "M": (2, [1, 2]), "X.r1": (1, [0, 1]), "X.r2": (0, [0, 0]),
        "N": (1, []), "L": (0, []),
    }  # fmt: skip
    assert {value: tally.responses for value, tally in counts.by["country"].items()} == {
        "DE": 1, "unknown": 1,
    }  # fmt: skip


def test_labels_are_in_the_fallback_language_unless_another_is_asked_for():
    counts = Counts()
    first = tally_document(counts.total, ENTRIES)["questions"][0]
    french = tally_document(counts.total, ENTRIES, language="fr")["questions"][0]
    assert [o["label"] for o in first["options"]] == ["Yes", "No"]
    assert (french["title"], [o["label"] for o in french["options"]]) == ("Un ?", ["Oui", "Non"])


@given(RESPONSES, RESPONSES)
@settings(deadline=None, max_examples=60)
def test_counts_of_parts_add_up(first, second):
    whole = count_responses(ENTRIES, first + second)
    assert merge([count_responses(ENTRIES, first), count_responses(ENTRIES, second)]) == whole
    assert Counts.from_document(whole.as_document()) == whole


@given(RESPONSES)
@settings(deadline=None, max_examples=60)
def test_every_dimension_adds_up_to_the_total(responses):
    counts = count_responses(ENTRIES, responses)
    for split in counts.by.values():
        assert sum(tally.responses for tally in split.values()) == counts.total.responses
