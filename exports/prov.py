"""Where every element of an edition comes from, as PROV-O in JSON-LD (W3C, 30 April 2013).

    entities     the edition, its milestones, dependencies and paragraphs; the evidence behind them
                 (with n and query), proposals, results of consultations, votes
    activities   consulting, voting, computing evidence (by rule and version), deciding,
                 scheduling, freezing and publishing
    agents       the respondents of a consultation, the secretariat, the delegations, the operator:
                 roles, never names; and the software

A pure function of the edition: the same bytes on every run. Names are URNs made of the roadmap's
slug, the version and the codes (``urn:waymark:smart-networks:1.1:milestone:RAD-01``). Results,
votes and proposals are the same thing in every edition, so their URNs carry no version.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import rfc8785

from exports.edition import Document, Edition

PROV: Final = "http://www.w3.org/ns/prov#"
WAYMARK: Final = "urn:waymark:terms:"
_CONTEXT: Final[dict[str, Any]] = {
    "prov": PROV,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "wm": WAYMARK,
    "id": "@id",
    "type": "@type",
    "label": {"@id": "rdfs:label", "@container": "@language"},
    "value": "prov:value",
    "generatedAtTime": {"@id": "prov:generatedAtTime", "@type": "xsd:dateTime"},
    "startedAtTime": {"@id": "prov:startedAtTime", "@type": "xsd:dateTime"},
    "endedAtTime": {"@id": "prov:endedAtTime", "@type": "xsd:dateTime"},
    **{
        name: {"@id": f"prov:{name}", "@type": "@id"}
        for name in (
            "wasDerivedFrom", "wasRevisionOf", "wasGeneratedBy", "used", "wasAssociatedWith",
            "wasAttributedTo", "hadMember", "actedOnBehalfOf",
        )
    },
    "n": {"@id": "wm:n", "@type": "xsd:integer"},
    **{name: f"wm:{name}" for name in ("query", "rule", "figure", "public", "formula", "reason",
                                       "decision", "code", "sha256", "withdrawn")},
}  # fmt: skip
_TAKEN_UP: Final = ("accepted", "accepted_in_part")

Node = dict[str, Any]


def render(edition: Document) -> bytes:
    """The provenance of an edition as canonical JSON-LD with its context in it."""
    return bytes(rfc8785.dumps(provenance(edition)))


def provenance(edition: Document) -> dict[str, Any]:
    """``{"@context", "@graph"}``. Raises ``UnsupportedEdition``."""
    return _Graph(Edition(edition)).document()


class _Graph:
    """The nodes of one edition, by their URN."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.document_of = edition.document
        self._nodes: dict[str, Node] = {}
        self._members: list[str] = []
        self._root = self._name("edition", shared=False)

    def document(self) -> dict[str, Any]:
        self._agents()
        self._consultations()
        self._votes()
        self._proposals()
        self._acts()
        self._elements()
        self._edition()
        return {
            "@context": _CONTEXT,
            "@graph": [self._nodes[name] for name in sorted(self._nodes)],
        }

    def _name(self, *parts: object, shared: bool = True) -> str:
        whose = [self.edition.slug] if shared else [self.edition.slug, self.edition.version]
        return "urn:waymark:" + ":".join(quote(str(part), safe="") for part in (*whose, *parts))

    def _own(self, *parts: object) -> str:
        """The URN of something that is so in this edition only."""
        return self._name(*parts, shared=False)

    def _add(self, name: str, kind: str | Sequence[str], **members: Any) -> str:
        """A node; what is empty is left out, and a second saying adds to the first."""
        node = self._nodes.setdefault(name, {"id": name, "type": kind})
        for key, value in members.items():
            if value not in (None, "", [], {}):
                node[key] = sorted(value) if isinstance(value, set) else value
        return name

    # Agents

    def _agents(self) -> None:
        software = self._add("urn:waymark:software", ["prov:Agent", "prov:SoftwareAgent"],
                             label={"en": "Waymark"}, value=self.document_of["schema"])  # fmt: skip
        secretariat = self._role("secretariat")
        self._nodes[software]["actedOnBehalfOf"] = secretariat

    def _role(self, role: str) -> str:
        return self._add(
            f"urn:waymark:role:{quote(role, safe='')}", ["prov:Agent", "prov:Organization"],
            label={"en": role.replace("_", " ").capitalize()},
        )  # fmt: skip

    # What was asked and voted

    def _consultations(self) -> None:
        for each in self.edition.items("consultations"):
            activity = self._add(
                self._name("consultation", each["slug"]), "prov:Activity", label=each["title"],
                startedAtTime=_moment(each.get("opens_on")),
                endedAtTime=_moment(each.get("closes_on")),
                wasAssociatedWith=[self._role("respondents"), self._role("secretariat")],
            )  # fmt: skip
            self._add(
                self._results(each["slug"]), "prov:Entity", label=each["title"],
                n=each["responses"], wasGeneratedBy=activity,
                generatedAtTime=_moment(each.get("closes_on")),
            )  # fmt: skip

    def _results(self, slug: str) -> str:
        """The results of a consultation; said at least by name where the edition knows no more."""
        return self._add(self._name("results", slug), "prov:Entity", code=slug)

    def _votes(self) -> None:
        for each in self.edition.items("votes"):
            activity = self._add(
                self._name("voting", each["slug"]), "prov:Activity",
                endedAtTime=_moment(each.get("closed_on")),
                wasAssociatedWith=[self._role("delegations")],
            )  # fmt: skip
            title = each["title"] if isinstance(each["title"], Mapping) else {"en": each["title"]}
            self._add(
                self._vote(each["slug"]), "prov:Entity", label=title, wasGeneratedBy=activity,
                generatedAtTime=_moment(each.get("closed_on")), value=each.get("reason"),
                sha256=each.get("record_sha256"),
            )  # fmt: skip

    def _vote(self, slug: str) -> str:
        return self._add(self._name("vote", slug), "prov:Entity", code=slug)

    # What was proposed and decided

    def _proposals(self) -> None:
        results = [self._results(each["slug"]) for each in self.edition.items("consultations")]
        for each in self.edition.items("proposals"):
            proposal = self._add(
                self._proposal(each["number"]), "prov:Entity", label=each.get("title"),
                n=each.get("points"), wasAttributedTo=self._role("respondents"),
            )  # fmt: skip
            self._add(
                self._disposition(each), "prov:Activity", used=[proposal, *results],
                decision=each["decision"], reason=_said(each.get("reason")),
                wasAssociatedWith=self._role("secretariat"),
            )  # fmt: skip

    def _proposal(self, number: object) -> str:
        return self._add(self._name("proposal", number), "prov:Entity", code=str(number))

    def _disposition(self, proposal: Document) -> str:
        return self._name("disposition", proposal["number"], proposal["decision"])

    def _acts(self) -> None:
        """Decisions about the draft, the schedule, and freezing."""
        for order, each in enumerate(self.edition.items("decisions"), 1):
            number = each.get("proposal")
            self._add(
                self._own("decision", order), "prov:Activity", decision=each["change"],
                reason=each["reason"], code=each["subject"],
                endedAtTime=_moment(each["decided_on"]),
                used=[self._proposal(number)] if number else [],
                wasAssociatedWith=self._role("secretariat"),
            )  # fmt: skip
        self._add(self._own("scheduling"), "prov:Activity", label={"en": "Scheduling"},
                  wasAssociatedWith="urn:waymark:software",
                  endedAtTime=_moment(self._frozen_at()))  # fmt: skip
        for rule in self.edition.items("rules"):
            self._computing(str(rule.get("rule") or ""))

    def _computing(self, rule: str) -> str:
        """Computing evidence by a rule in a version."""
        inputs = [self._results(each["slug"]) for each in self.edition.items("consultations")]
        return self._add(
            self._own("computing", rule or "linked"), "prov:Activity",
            label={"en": "Computing evidence"}, rule=rule, used=inputs,
            wasAssociatedWith="urn:waymark:software", endedAtTime=_moment(self._frozen_at()),
        )  # fmt: skip

    def _frozen_at(self) -> Any:
        return self.document_of.get("frozen_at") or self.document_of.get("published_on")

    # Elements

    def _elements(self) -> None:
        figures: dict[str, list[Document]] = {}
        for figure in self.edition.items("evidence"):
            figures.setdefault(str(figure["subject"]), []).append(figure)
        behind = self._behind()
        seen: dict[str, int] = {}
        for each in self.edition.items("milestones"):
            self._element("milestone", each["code"], each["title"], each["evidence"], figures,
                          behind)  # fmt: skip
        for each in self.edition.items("dependencies"):
            code = f"{each['from']}>{each['to']}"
            # Between two milestones there may be several.
            seen[code] = seen.get(code, 0) + 1
            name = code if seen[code] == 1 else f"{code}#{seen[code]}"
            self._element("dependency", code, {}, each["evidence"], figures, behind, name)
        for chapter in self.edition.items("chapters"):
            for each in chapter["paragraphs"]:
                self._element("paragraph", each["code"], {}, (), figures, behind)

    def _element(
        self,
        kind: str,
        code: str,
        title: Mapping[str, str],
        evidence: Iterable[Document],
        figures: Mapping[str, Sequence[Document]],
        behind: Mapping[str, tuple[list[str], list[str]]],
        name: str = "",
    ) -> None:
        sources = [self._evidence(each, code) for each in evidence]
        sources += [self._figure(each) for each in figures.get(code, ())]
        proposals, decisions = behind.get(code, ([], []))
        generated = [self._own("scheduling")] if kind != "paragraph" else []
        self._members.append(
            self._add(
                self._own(kind, name or code),
                "prov:Entity",
                code=code,
                label=dict(title),
                wasDerivedFrom=list(dict.fromkeys([*sources, *proposals])),
                wasGeneratedBy=[*generated, *decisions],
                wasAttributedTo=self._role("secretariat"),
            )
        )

    def _behind(self) -> dict[str, tuple[list[str], list[str]]]:
        """Proposals taken up, and what was decided, by the code of what they changed."""
        behind: dict[str, tuple[list[str], list[str]]] = {}
        for each in self.edition.items("proposals"):
            if each["decision"] in _TAKEN_UP:
                about = (each.get("section"), each.get("subject"), *each.get("changed", ()))
                for code in dict.fromkeys(filter(None, about)):
                    proposals, acts = behind.setdefault(str(code), ([], []))
                    proposals.append(self._proposal(each["number"]))
                    acts.append(self._disposition(each))
        for order, each in enumerate(self.edition.items("decisions"), 1):
            behind.setdefault(str(each["subject"]), ([], []))[1].append(
                self._own("decision", order)
            )
        return behind

    def _evidence(self, evidence: Document, subject: str) -> str:
        parts = (evidence["consultation"], evidence["question"], evidence.get("option") or "")
        return self._add(
            self._own("evidence", subject, *parts, evidence.get("rule") or ""), "prov:Entity",
            label=evidence.get("question_title"), n=evidence.get("n") or evidence.get("answered"),
            value=evidence.get("score"), query=evidence.get("query"),
            formula=evidence.get("formula"), rule=evidence.get("rule"),
            wasDerivedFrom=self._results(evidence["consultation"]),
            wasGeneratedBy=self._computing(str(evidence.get("rule") or "")),
        )  # fmt: skip

    def _figure(self, figure: Document) -> str:
        keys = dict(
            pair.partition("=")[::2] for pair in str(figure["query"]).split("&") if "=" in pair
        )
        source = self._vote(keys["vote"]) if "vote" in keys else None
        if source is None and "consultation" in keys:
            source = self._results(keys["consultation"])
        return self._add(
            self._own("figure", figure["subject"], figure["rule"], figure["public"],
                      figure["figure"], figure["query"]),
            "prov:Entity", figure=figure["figure"], public=figure["public"], rule=figure["rule"],
            query=figure["query"], n=figure["n"], value=figure["value"], wasDerivedFrom=source,
            wasGeneratedBy=self._computing(figure["rule"]),
        )  # fmt: skip

    # The edition

    def _edition(self) -> None:
        document = self.document_of
        previous = document.get("previous")
        by = str(document.get("published_by") or "secretariat")
        approvers = sorted({each["role"] for each in document.get("approvals") or ()})
        publishing = self._add(
            self._own("publishing"), "prov:Activity", label={"en": "Publishing"},
            used=list(self._members), endedAtTime=_moment(document.get("published_on")),
            wasAssociatedWith=list(
                dict.fromkeys([self._role(by), *(self._role(role) for role in approvers)])
            ),
        )  # fmt: skip
        votes = [self._vote(each["slug"]) for each in self.edition.items("votes")]
        results = [self._results(each["slug"]) for each in self.edition.items("consultations")]
        # What has been derived from votes and results as a whole, not element by element.
        whole = [
            name for name, node in self._nodes.items()
            if node.get("figure") and name not in self._derived()
        ]  # fmt: skip
        self._add(
            self._root, ["prov:Entity", "prov:Collection"],
            label=document["roadmap"].get("title"), sha256=self.edition.sha256,
            hadMember=list(self._members), wasGeneratedBy=publishing,
            generatedAtTime=_moment(document.get("published_on")),
            wasAttributedTo=self._role("secretariat"),
            wasDerivedFrom=[*results, *votes, *sorted(whole)],
        )  # fmt: skip
        if previous:
            older = "urn:waymark:" + ":".join(
                quote(part, safe="") for part in (self.edition.slug, previous["version"], "edition")
            )
            self._add(older, "prov:Entity", sha256=previous["sha256"])
            self._add(self._root, "prov:Entity", wasRevisionOf=older)

    def _derived(self) -> set[str]:
        return {
            source for member in self._members
            for source in self._nodes[member].get("wasDerivedFrom", ())
        }  # fmt: skip


def _said(text: Any) -> Any:
    """A text by language as one; English, else the first there is."""
    if not isinstance(text, Mapping):
        return text
    return text.get("en") or next((text[language] for language in sorted(text)), None)


def _moment(day: Any) -> str | None:
    """A day or a moment as ``xsd:dateTime``."""
    if not day:
        return None
    return str(day) if "T" in str(day) else f"{day}T00:00:00Z"
