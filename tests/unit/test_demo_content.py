"""The story that the demonstration tells holds together before anything is built from it."""

import csv
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from app.demo import story
from app.demo.consulting import SEED
from app.demo.simulation import SimulatedResponse, simulate
from core.text import LANGUAGES
from stakeholders.delegations import MEMBER_STATES
from surveys.counting.marks import find_marks, reader_of
from surveys.definition import parse_definition
from surveys.effort import minutes_for
from surveys.inviting.invitation_lists import read_invitation_list
from surveys.language.satisfiability import impossible_conditions
from surveys.profile import clean_profile
from surveys.questionnaire import Question
from surveys.routing import route
from surveys.schema import QUESTION_TYPES
from surveys.uploads import find_media_type
from surveys.validation import validate
from voting.populations import LATEST_YEAR, population_table

CONSULTATIONS = (story.PUBLIC_CONSULTATION, story.EXPERT_POLL, story.FEEDBACK_ROUND)


def rows_of(name: str) -> list[dict[str, str]]:
    with (story.roadmap_folder() / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=CONSULTATIONS)
def returned(request: pytest.FixtureRequest) -> tuple[str, list[SimulatedResponse]]:
    return request.param, responses_to(request.param)


@cache
def responses_to(slug: str) -> list[SimulatedResponse]:
    return simulated(slug)


def simulated(slug: str) -> list[SimulatedResponse]:
    return list(
        simulate(
            story.load_questionnaire(slug),
            story.load_simulation(slug),
            surroundings=story.load_surroundings(),
            texts=story.load_texts(),
            seed=SEED,
        )
    )


class TestTheRoadmap:
    def test_it_is_as_large_as_promised(self) -> None:
        milestones, dependencies = rows_of("milestones.csv"), rows_of("dependencies.csv")
        assert len(milestones) >= 40
        assert len({row["area"] for row in milestones}) >= 6
        assert {row["agenda"] for row in milestones} == {"SRIA", "SDA"}
        assert len(dependencies) >= 60
        assert {row["kind"] for row in dependencies} == {"FS", "SS", "FF", "SF"}

    def test_dependencies_name_milestones_that_exist(self) -> None:
        codes = [row["code"] for row in rows_of("milestones.csv")]
        assert len(codes) == len(set(codes))
        for row in rows_of("dependencies.csv"):
            assert {row["from"], row["to"]} <= set(codes)
            assert row["from"] != row["to"]

    def test_every_area_and_milestone_is_there_in_french(self) -> None:
        names = json.loads((story.roadmap_folder() / "roadmap.json").read_text())
        milestones = rows_of("milestones.csv")
        french = story.load_french_milestones()
        assert set(french) == {row["code"] for row in milestones}
        assert all(texts["title"] and texts["description"] for texts in french.values())
        assert set(names["areas"]) == {row["area"] for row in milestones}
        assert all(title["fr"] for title in names["areas"].values())


class TestTheQuestionnaires:
    def test_together_they_use_every_type_of_question(self) -> None:
        used = {question.type for slug in CONSULTATIONS for question in questions_of(slug).values()}
        assert used == set(QUESTION_TYPES)

    def test_the_public_one_uses_all_that_logic_can_do(self) -> None:
        questions = questions_of(story.PUBLIC_CONSULTATION).values()
        assert any(question.show_if for question in questions)
        assert any(question.required_if for question in questions)
        assert any(question.rules for question in questions)
        assert any(option.show_if for question in questions for option in question.options)
        assert any("{{" in question.title["en"] for question in questions)

    @pytest.mark.parametrize("slug", CONSULTATIONS)
    def test_every_text_is_there_in_every_language_declared(self, slug: str) -> None:
        document = story.questionnaire_document(slug)
        assert {"en", "fr", "de", "es"} <= set(document["languages"])
        for path, text in localised_texts(document):
            assert set(text) == set(document["languages"]), path
            assert all(value.strip() for value in text.values()), path

    @pytest.mark.parametrize("slug", CONSULTATIONS)
    def test_what_is_said_beside_the_questions_is_there_in_four_languages(self, slug: str) -> None:
        plan = next(plan for plan in story.load_consultations() if plan.slug == slug)
        for path, text in localised_texts(plan.model_dump(exclude={"draft"})):
            assert {"en", "fr", "de", "es"} <= set(text), path
            assert all(value.strip() for value in text.values()), path

    @pytest.mark.parametrize("slug", CONSULTATIONS)
    def test_french_keeps_high_punctuation_with_its_word(self, slug: str) -> None:
        plan = next(plan for plan in story.load_consultations() if plan.slug == slug)
        for part in (story.questionnaire_document(slug), plan.model_dump()):
            for path, text in localised_texts(part):
                said = re.sub(r"\{\{.*?\}\}", "x", text.get("fr", ""))
                assert not re.search(r" [;:?!»]|« ", said), path
                assert not re.search(r"[^\W\d][;:?!]", said), path

    @pytest.mark.parametrize("slug", CONSULTATIONS)
    def test_nothing_in_them_can_never_happen(self, slug: str) -> None:
        assert impossible_conditions(story.load_questionnaire(slug)) == []

    @pytest.mark.parametrize(
        "answers, minutes",
        [
            ({"A1": "use", "A5": "short"}, 5),
            ({"A1": "use", "A5": "full"}, 12),
            ({"A1": "study", "A5": "short"}, 6),
        ],
    )
    def test_nobody_is_kept_longer_than_was_said(
        self, answers: dict[str, Any], minutes: int
    ) -> None:
        questionnaire = story.load_questionnaire(story.PUBLIC_CONSULTATION)
        taken = route(questionnaire, answers)
        asked = [question for question in questionnaire.questions if taken.shows(question.code)]
        assert minutes_for(asked) <= minutes

    def test_the_first_version_can_be_answered_as_well(self) -> None:
        plan = next(plan for plan in story.load_consultations() if plan.second_version)
        assert plan.second_version is not None
        document = story.questionnaire_document(plan.slug)
        first = parse_definition(story.first_version(document, plan.second_version))
        assert impossible_conditions(first) == []
        assert set(plan.second_version.added) == set(questions_of(plan.slug)) - set(first.by_code)

    def test_a_version_in_the_making_leaves_translators_something_to_do(self) -> None:
        (plan,) = [plan for plan in story.load_consultations() if plan.draft]
        assert plan.draft is not None
        document = story.next_version(story.questionnaire_document(plan.slug), plan.draft)
        later = parse_definition(document)
        (new,) = set(later.by_code) - set(questions_of(plan.slug))
        assert set(later.by_code[new].title) < set(later.languages)

    @pytest.mark.parametrize("slug", CONSULTATIONS)
    def test_milestones_and_dependencies_are_those_of_the_roadmap(self, slug: str) -> None:
        titles, texts = roadmap_texts("title"), roadmap_texts("description")
        bonds = {(row["from"], row["to"]): row["kind"] for row in rows_of("dependencies.csv")}
        for question in questions_of(slug).values():
            if question.type in ("milestone_priorities", "milestone_years", "dependencies"):
                for option in question.options:
                    assert option.label["en"] == titles[option.code]["en"]
                    assert option.label["fr"] == titles[option.code]["fr"]
            if question.type == "paragraph_comments":
                for option in question.options:
                    assert option.label["en"] == texts[option.code]["en"]
                    assert option.label["fr"] == texts[option.code]["fr"]
            for bond in question.dependencies:
                assert bonds[bond.from_, bond.to] == bond.kind


def questions_of(slug: str) -> Mapping[str, Question]:
    return story.load_questionnaire(slug).by_code


def roadmap_texts(field: str) -> dict[str, dict[str, str]]:
    """What milestones are called or say, those added in edition 1.1 included."""
    french = story.load_french_milestones()
    texts = {
        row["code"]: {"en": row[field], "fr": french[row["code"]][field]}
        for row in rows_of("milestones.csv")
    }
    added = story.load_edition_changes().milestones_added
    return texts | {milestone.code: getattr(milestone, field) for milestone in added}


def localised_texts(part: Any, path: str = "") -> list[tuple[str, dict[str, str]]]:
    """Every object whose keys are language codes."""
    if isinstance(part, list):
        return [
            found
            for index, item in enumerate(part)
            for found in localised_texts(item, f"{path}/{index}")
        ]
    if not isinstance(part, dict):
        return []
    if part and set(part) <= set(LANGUAGES):
        return [(path, part)]
    return [
        found for key, value in part.items() for found in localised_texts(value, f"{path}/{key}")
    ]


class TestTheParticipants:
    def test_all_member_states_and_some_others_take_part(self) -> None:
        countries = Counter(
            response.profile["country"] for response in responses_to(story.PUBLIC_CONSULTATION)
        )
        assert set(MEMBER_STATES) <= set(countries)
        assert set(countries) - set(MEMBER_STATES)
        assert countries.total() >= 600

    def test_every_response_would_be_accepted_from_a_person(
        self, returned: tuple[str, list[SimulatedResponse]]
    ) -> None:
        slug, responses = returned
        questionnaire = story.load_questionnaire(slug)
        for response in responses:
            assert validate(questionnaire, response.answers, complete=True) == []
            assert clean_profile(response.profile)[1] == {}
            assert response.language in questionnaire.languages

    def test_they_say_the_same_every_time(
        self, returned: tuple[str, list[SimulatedResponse]]
    ) -> None:
        slug, responses = returned
        assert simulated(slug) == responses

    def test_they_arrive_in_order_within_the_consultation(
        self, returned: tuple[str, list[SimulatedResponse]]
    ) -> None:
        positions = [response.position for response in returned[1]]
        assert positions == sorted(positions)
        assert positions[0] >= 0
        assert positions[-1] < 1

    def test_organisations_are_called_simulated(
        self, returned: tuple[str, list[SimulatedResponse]]
    ) -> None:
        for response in returned[1]:
            assert response.profile.get("organisation_name", "Simulated").startswith("Simulated")


class TestWhatTheySay:
    """The reasons that edition 1.1 gives for its changes are true of the answers."""

    def test_no_other_result_is_wanted_sooner_than_fast_networks_in_small_places(self) -> None:
        means = means_of(responses_to(story.PUBLIC_CONSULTATION), "B2")
        assert max(means, key=means.__getitem__) == "rural"

    def test_trade_unions_want_trained_people_above_all(self) -> None:
        responses = responses_to(story.PUBLIC_CONSULTATION)
        unions = [r for r in responses if r.profile["respondent_type"] == "trade_union"]
        means = means_of(unions, "B2")
        assert max(means, key=means.__getitem__) == "skills"

    @pytest.mark.parametrize(
        "slug, question, options, share",
        [
            (story.PUBLIC_CONSULTATION, "C5", {"2028"}, 0.5),
            (story.PUBLIC_CONSULTATION, "C2", {"person", "step-in"}, 0.8),
            (story.EXPERT_POLL, "P6", {"no"}, 0.5),
            (story.EXPERT_POLL, "P7", {"no"}, 0.5),
        ],
    )
    def test_so_many_chose_what_is_claimed(
        self, slug: str, question: str, options: set[str], share: float
    ) -> None:
        answers = [r.answers[question] for r in responses_to(slug) if question in r.answers]
        assert sum(answer in options for answer in answers) >= share * len(answers)

    def test_respondents_want_to_see_the_energy_a_service_uses(self) -> None:
        answers = [r.answers["C1"]["label"] for r in responses_to(story.PUBLIC_CONSULTATION)]
        assert sum(answer in ("3", "4") for answer in answers) > len(answers) / 2

    def test_experts_turn_two_contradictions_round(self) -> None:
        answers = [response.answers for response in responses_to(story.EXPERT_POLL)]
        order = Counter(answer["P1"] for answer in answers)
        true = Counter(option for answer in answers for option in answer.get("P4", ()))
        assert order["trial-first"] > order["standard-first"]
        assert true["rescue-roadside"] < true["roadside-federation"] < true["federation-rescue"]

    def test_there_are_two_groups_of_opinion(self) -> None:
        """What most of one group of respondents agree with, most of the other do not."""
        judged: dict[bool, Counter[tuple[str, str]]] = {True: Counter(), False: Counter()}
        for response in responses_to(story.PUBLIC_CONSULTATION):
            business = response.profile["respondent_type"].endswith(("business", "association"))
            judged[business].update(response.answers.get("S1", {}).items())
        for statement, agreed in (("price", False), ("slow", False), ("lead", True)):
            for business in (True, False):
                counts = judged[business]
                more_agree = counts[statement, "agree"] > counts[statement, "disagree"]
                assert more_agree is (business is agreed), (statement, business)

    def test_added_statements_are_judged_once_they_were_accepted(self) -> None:
        model = story.load_simulation(story.PUBLIC_CONSULTATION)
        decisions = Counter(added.decision for added in model.added_statements)
        assert decisions["accepted"] >= 2
        assert decisions["rejected"] == 1
        places = {
            place
            for response in responses_to(story.PUBLIC_CONSULTATION)
            for place in response.judged
            if response.position > model.added_statements[place].position
        }
        assert {model.added_statements[place].decision for place in places} == {"accepted"}

    def test_some_wait_for_the_moderator_where_people_can_still_answer(self) -> None:
        model = story.load_simulation(story.FEEDBACK_ROUND)
        assert sum(added.decision == "pending" for added in model.added_statements) >= 2

    def test_experts_dispute_one_dependency_above_all(self) -> None:
        counts = Counter(
            pair
            for response in responses_to(story.PUBLIC_CONSULTATION)
            for pair in response.answers.get("M3", {}).get("disputed", {})
        )
        (most, times), (_, next_times) = counts.most_common(2)
        assert most == "VER-05>COR-06"
        assert times > 2 * next_times

    def test_some_experts_say_never(self) -> None:
        years = Counter(
            "never" if "never" in estimate else estimate["likely"]
            for response in responses_to(story.EXPERT_POLL)
            for estimate in response.answers["P10"].values()
        )
        assert 0 < years["never"] < years.total() / 10
        assert len(years) >= 6

    def test_one_campaign_and_nothing_else_looks_copied(
        self, returned: tuple[str, list[SimulatedResponse]]
    ) -> None:
        slug, responses = returned
        read = reader_of(story.load_questionnaire(slug))
        marks = find_marks([read(response.answers, response.seconds) for response in responses])
        if slug != story.PUBLIC_CONSULTATION:
            assert not marks.campaigns
            return
        (campaign,) = marks.campaigns
        assert len(campaign.members) >= 20
        assert 0 < len(marks.fast) < len(responses) / 10
        assert 0 < len(marks.straight) < len(responses) / 10

    def test_files_are_what_the_answers_say(self) -> None:
        attached = [r for r in responses_to(story.PUBLIC_CONSULTATION) if r.files]
        assert attached
        for response in attached:
            (entry,), (content,) = response.answers["E5"], response.files
            assert hashlib.sha256(content).hexdigest() == entry["sha256"]
            assert find_media_type(content) == entry["media_type"]
            assert len(content) == entry["size"]


class TestThoseInvited:
    def test_more_are_invited_than_answer_and_none_of_them_exists(self) -> None:
        (plan,) = [plan for plan in story.load_consultations() if plan.invited]
        assert plan.invited is not None
        found = read_invitation_list(story.invited_people(plan.invited))
        assert not found.problems
        answer = story.load_simulation(plan.slug).responses
        assert len(found.invitees) > answer + plan.invited.declined + 1
        for person in found.invitees:
            assert person.email.endswith("@example.org")
            assert person.name.startswith("Simulated")
        assert str(len(found.invitees)) == "124"  # the summary says so, in words
        assert "One hundred and twenty-four" in plan.summary["en"]


def means_of(responses: list[SimulatedResponse], matrix: str) -> dict[str, float]:
    """The mean of each row of a matrix on a scale, without those who do not know."""
    values: dict[str, list[int]] = {}
    for response in responses:
        for row, value in response.answers.get(matrix, {}).items():
            if value != "dk":
                values.setdefault(row, []).append(int(value))
    return {row: sum(given) / len(given) for row, given in values.items()}


class TestTheEvidence:
    def test_it_names_questions_rows_and_options_that_are_asked(self) -> None:
        changes = story.load_edition_changes()
        links: list[story.EvidenceLink] = [*story.load_evidence().links]
        for change in (
            *changes.milestones_added,
            *changes.milestones_changed,
            *changes.dependencies_added,
            *changes.dependencies_changed,
        ):
            links.extend(change.because)
        for link in links:
            code, _, row = link.question.partition(".")
            question = story.load_questionnaire(link.consultation).by_code[code]
            assert not row or question.find_row(row), link
            assert link.option is None or question.find_option(link.option), link

    def test_it_speaks_for_every_milestone(self) -> None:
        areas = story.load_evidence().areas
        matrix = story.load_questionnaire(areas.consultation).by_code[areas.question]
        assert set(areas.rows) == {row["area"] for row in rows_of("milestones.csv")}
        assert all(matrix.find_row(row) for row in areas.rows.values())

    def test_what_edition_1_1_changes_is_there_to_be_changed(self) -> None:
        codes = {row["code"] for row in rows_of("milestones.csv")}
        pairs = {(row["from"], row["to"]) for row in rows_of("dependencies.csv")}
        changes = story.load_edition_changes()
        added = {milestone.code for milestone in changes.milestones_added}
        assert not added & codes
        assert {milestone.code for milestone in changes.milestones_changed} <= codes
        for dependency in changes.dependencies_added:
            assert {dependency.from_, dependency.to} <= codes | added
            assert (dependency.from_, dependency.to) not in pairs
        for dependency in changes.dependencies_changed:
            assert (dependency.from_, dependency.to) in pairs


class TestTheVotes:
    def test_every_delegation_votes_once_or_not_at_all(self) -> None:
        for motion in story.load_motions():
            cast = [code for codes in motion.ballots.values() for code in codes]
            assert len(cast) == len(set(cast))
            assert set(cast) <= set(MEMBER_STATES)
            assert not set(cast) & set(motion.not_voting)
            if motion.closes:
                assert set(cast) | set(motion.not_voting) == set(MEMBER_STATES)

    def test_the_first_motion_reaches_the_qualified_majority(self) -> None:
        motion = story.load_motions()[0]
        persons = population_table(LATEST_YEAR).persons()
        yes = motion.ballots["yes"]
        assert len(yes) >= 15
        assert sum(persons[code] for code in yes) * 100 >= 65 * sum(persons.values())

    def test_a_delegation_acts_for_one_other_at_most(self) -> None:
        for motion in story.load_motions():
            assert len(set(motion.proxies.values())) == len(motion.proxies)
            assert not set(motion.proxies) & set(motion.proxies.values())
