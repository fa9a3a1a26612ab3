"""The provenance of an edition is PROV-O: read as RDF, every element is there with its causes."""

import json
from typing import Any

import pytest
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.namespace import PROV as PROV_O

from exports.prov import render
from exports.registry import get_exporter
from tests.editions import small_edition_document
from tests.second_edition import edition_pair

# The library's own use of an older part of itself.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")

PROV = Namespace("http://www.w3.org/ns/prov#")
TERMS = Namespace("urn:waymark:terms:")


def read(document: dict[str, Any]) -> Graph:
    """As a reader of RDF sees it, without the network: the context is in the document."""
    graph = Graph()
    graph.parse(data=render(document).decode(), format="json-ld")
    return graph


@pytest.fixture(scope="module")
def second() -> dict[str, Any]:
    return edition_pair()[1]


@pytest.fixture(scope="module")
def graph(second: dict[str, Any]) -> Graph:
    return read(second)


def urn(*parts: str) -> URIRef:
    return URIRef("urn:waymark:smart:" + ":".join(parts))


def reachable(graph: Graph, start: URIRef, *predicates: URIRef) -> set[Any]:
    found, waiting = {start}, [start]
    while waiting:
        node = waiting.pop()
        for predicate in predicates:
            for other in set(graph.objects(node, predicate)) - found:
                found.add(other)
                waiting.append(other)
    return found


def test_every_term_of_prov_exists(graph: Graph) -> None:
    used = {
        term
        for triple in graph
        for term in triple
        if isinstance(term, URIRef) and term.startswith(str(PROV))
    }
    assert len(used) > 12
    known = {PROV_O[name] for name in PROV_O.__annotations__ if not name.startswith("_")}
    assert used <= known, used - known


def test_every_element_is_reached_from_the_edition(graph: Graph, second: dict[str, Any]) -> None:
    members = set(graph.objects(urn("1.1", "edition"), PROV.hadMember))
    assert {str(code) for each in members for code in graph.objects(each, TERMS.code)} == {
        *(each["code"] for each in second["milestones"]),
        *(f"{each['from']}>{each['to']}" for each in second["dependencies"]),
        *(each["code"] for chapter in second["chapters"] for each in chapter["paragraphs"]),
    }
    count = len(second["milestones"]) + len(second["dependencies"]) + 2
    assert len(members) == count
    for member in members:
        assert (member, RDF.type, PROV.Entity) in graph


def test_a_milestone_leads_back_to_who_answered(graph: Graph) -> None:
    causes = reachable(
        graph, urn("1.1", "milestone", "A"), PROV.wasDerivedFrom, PROV.wasGeneratedBy, PROV.used,
        PROV.wasAssociatedWith, PROV.wasAttributedTo,
    )  # fmt: skip
    assert {
        urn("results", "ask"), urn("consultation", "ask"), urn("proposal", "4"),
        urn("disposition", "4", "accepted"), urn("1.1", "decision", "1"),
        URIRef("urn:waymark:role:respondents"), URIRef("urn:waymark:role:secretariat"),
        URIRef("urn:waymark:software"),
    } <= causes  # fmt: skip
    evidence = [each for each in causes if ":evidence:" in str(each)]
    assert evidence
    for each in evidence:
        assert list(graph.objects(each, TERMS.query))
        assert [int(n) for n in graph.objects(each, TERMS.n)] == [100]


def test_who_acts_is_a_role_and_every_activity_has_one(graph: Graph) -> None:
    agents = set(graph.subjects(RDF.type, PROV.Agent))
    assert all(
        str(each).startswith(("urn:waymark:role:", "urn:waymark:software")) for each in agents
    )
    for activity in graph.subjects(RDF.type, PROV.Activity):
        assert set(graph.objects(activity, PROV.wasAssociatedWith)) & agents, activity
    assert (urn("1.1", "edition"), PROV.wasRevisionOf, urn("1.0", "edition")) in graph
    assert (urn("1.1", "edition"), PROV.wasDerivedFrom, urn("vote", "adopt")) in graph


def test_nothing_points_at_what_is_not_described(graph: Graph) -> None:
    described = set(graph.subjects(RDF.type, None))
    for predicate in (PROV.wasDerivedFrom, PROV.wasGeneratedBy, PROV.used, PROV.hadMember,
                      PROV.wasAssociatedWith, PROV.wasAttributedTo):  # fmt: skip
        assert set(graph.objects(None, predicate)) <= described


def test_the_bytes_are_the_same_on_every_run_and_the_first_schema_is_read_too(
    second: dict[str, Any],
) -> None:
    assert render(second) == render(json.loads(json.dumps(second)))
    first = small_edition_document()
    assert len(read(first)) > 50
    assert get_exporter("jsonld").filename(first) == "smart-networks-1.1.jsonld"


def test_hostile_codes_stay_names(second: dict[str, Any]) -> None:
    text = json.dumps(second).replace('"A"', '"<A> \\" : #\\u20ac"')
    graph = read(json.loads(text))
    names = {str(each) for each in graph.objects(urn("1.1", "edition"), PROV.hadMember)}
    assert any("%3CA%3E" in name for name in names)
