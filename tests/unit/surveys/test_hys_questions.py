"""Questions are inferred from the columns of an export without losing or splitting an answer."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.formats.hys_questions import (
    find_joined_labels,
    in_scale_order,
    infer_questions,
    option_code,
)


def only(header, cells):
    (question,) = infer_questions([header], [cells])
    return question


def test_few_repeated_labels_are_a_single_choice():
    question = only("Do you agree?", ["Fully"] * 4 + ["Not at all"] * 3 + ["", "  "])
    assert question.kind == "single_choice"
    assert question.options == ("Fully", "Not at all")


def test_a_comma_in_a_label_does_not_split_it():
    cells = ["Yes", "Yes, for all uses", "Yes, for some uses", "No"] * 3
    assert set(only("Adapt the rules?", cells).options) == set(cells)


def test_joined_labels_become_a_multiple_choice():
    cells = ["Health", "Energy, grids and storage", "Mobility",
             "Health, Energy, grids and storage", "Health, Mobility", "", "Health"]  # fmt: skip
    question = only("Which areas?", cells)
    assert question.kind == "multiple_choice"
    assert set(question.options) == {"Health", "Energy, grids and storage", "Mobility"}
    assert question.labels_in("Health, Energy, grids and storage") == (
        "Health",
        "Energy, grids and storage",
    )


def test_options_come_in_the_order_in_which_cells_join_them():
    cells = ["C", "A", "B", "A, B", "B, C", "A, C", "A, B, C", "C"]
    assert only("Which?", cells).options == ("A", "B", "C")


def test_an_option_that_never_occurs_alone_is_found_beside_others():
    cells = ["Health", "Mobility", "Health, Mobility", "Health, Space", "Mobility, Space",
             "Health, Mobility, Space", "Health", "Mobility"]  # fmt: skip
    assert set(only("Which?", cells).options) == {"Health", "Mobility", "Space"}


def test_what_always_follows_the_same_label_stays_one_label():
    cells = ["Health", "Energy", "Mobility", "Health, Mobility", "Energy, transport and climate",
             "Health, Energy, transport and climate", "Health", "Energy", "Mobility"]  # fmt: skip
    assert set(only("Which?", cells).options) == {
        "Health", "Energy", "Mobility", "Energy, transport and climate",
    }  # fmt: skip


def test_a_column_that_reads_in_two_ways_is_not_split():
    # The last one is A with "b, c" and D, or "A, b" with "c, D".
    cells = ["A", "D", "A, b", "b, c", "c, D", "A, D", "A, b, c, D"] * 2
    question = only("Which?", cells)
    assert question.kind == "single_choice"
    assert set(question.options) == set(cells)


def test_a_column_whose_labels_overlap_is_not_split():
    # "A, A, B" is A with "A, B", which the cells "A, B" alone would not show.
    cells = ["A", "B", "A, B", "A, A, B", "C, D", "A, C, D"] * 4
    question = only("Which?", cells)
    assert question.kind == "single_choice"
    assert set(question.options) == set(cells)


@pytest.mark.parametrize("separator", ["; ", ";", "\n", " | ", ",", ", "])
def test_several_separators_are_understood(separator):
    cells = ["Alpha", "Beta", separator.join(["Alpha", "Beta"]), "Gamma", "Alpha"]
    assert set(only("Which?", cells).options) == {"Alpha", "Beta", "Gamma"}


@pytest.mark.parametrize("seed", range(8))
def test_random_choices_are_counted_per_person(seed):
    chance = random.Random(seed)
    labels = ["Health", "Energy, grids and storage", "Mobility (road, rail)", "5G", "Space"]
    chosen = [[x for x in labels if chance.random() < 0.4] for _ in range(60)]
    question = only("Which?", [", ".join(labels) for labels in chosen])
    assert question.kind == "multiple_choice"
    counted = Counter(label for labels in chosen for label in question.labels_in(", ".join(labels)))
    assert counted == Counter(label for labels in chosen for label in labels)


def test_free_text_stays_text():
    cells = [f"I think that number {n} is best, and others agree" for n in range(40)]
    assert only("Why?", cells).kind == "short_text"
    assert only("Why?", [*cells, "a\nb"]).kind == "long_text"


def test_a_few_equal_remarks_do_not_close_a_free_text():
    cells = ["No"] * 12 + [f"Remark {n}" for n in range(9)]
    assert only("Anything else?", cells).kind == "short_text"


def test_uploaded_documents_are_text():
    assert only("Upload", ["file.pdf"] * 9 + ["our position.docx"] * 3).kind == "short_text"


def test_neighbours_with_one_stem_are_a_matrix():
    scale = ["5 - Very important", "1 - Not important at all", "No opinion", "4 - Important"]
    questions = infer_questions(
        ["How important (1: not, 5: very)?\n: Skills",
         "How important (1: not, 5: very)?\n: AI: uses", "Please specify: why"],
        [scale * 2, [*scale[1:], *scale[:1]] * 2, [f"because {n}" for n in range(8)]],
    )  # fmt: skip
    assert [question.kind for question in questions] == ["matrix", "short_text"]
    matrix = questions[0]
    assert matrix.title == "How important (1: not, 5: very)?"
    assert matrix.rows == ("Skills", "AI: uses")
    assert matrix.options == (
        "1 - Not important at all", "4 - Important", "5 - Very important", "No opinion",
    )  # fmt: skip


def test_a_colon_in_a_lone_title_makes_no_matrix():
    assert only("Your choice: tell us", ["a", "b", "a", "b"]).kind == "single_choice"


def test_rows_that_begin_alike_are_still_rows():
    cells = ["Yes", "No", "Yes"]
    (matrix,) = infer_questions(
        ["Use?: AI: at work", "Use?: AI: at home", "Use?: Maps"], [cells, cells, cells]
    )
    assert matrix.title == "Use?"
    assert matrix.rows == ("AI: at work", "AI: at home", "Maps")


def test_equal_titles_that_follow_each_other_are_two_questions():
    questions = infer_questions(["Other, please specify:"] * 2, [["x y"], ["z"]])
    assert len(questions) == 2


def test_a_matrix_of_texts_is_several_questions():
    questions = infer_questions(
        ["Tell us: good", "Tell us: bad"],
        [[f"g{n}" for n in range(9)], [f"b{n}" for n in range(9)]],
    )
    assert [q.title for q in questions] == ["Tell us: good", "Tell us: bad"]


def test_scales_are_ordered_and_coded_by_number():
    labels = ["No opinion", "10 - Most", "2 - Some", "Other", "Yes"]
    assert in_scale_order(labels) == ("2 - Some", "10 - Most", "Yes", "Other", "No opinion")
    assert option_code("5 - Very important", []) == "5"
    assert option_code("Yes, for all", ["yes-for-all"]) == "yes-for-all-2"
    assert option_code("Ναι", []) == "option"


def pieces(cell):
    return [piece.strip() for piece in cell.split(",") if piece.strip()]


@given(
    labels=st.lists(
        st.text(alphabet="abXY, ", min_size=1, max_size=6), min_size=1, max_size=5, unique=True
    ),
    picks=st.lists(st.lists(st.integers(0, 4), max_size=4, unique=True), max_size=25),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_split_reads_back_to_the_cell(labels, picks):
    cells = [", ".join(labels[at] for at in pick if at < len(labels)).strip() for pick in picks]
    question = only("Which?", cells)
    if question.kind in {"single_choice", "multiple_choice"}:
        for cell in cells:
            read = question.labels_in(cell)
            assert set(read) <= set(question.options)
            assert pieces(", ".join(read)) == pieces(cell)


def test_a_long_text_column_is_judged_quickly():
    cells = Counter(", ".join(f"w{(n * k) % 97}" for k in range(400)) for n in range(300))
    assert find_joined_labels(cells, ",") == ()
