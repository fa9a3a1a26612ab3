"""Check editions of a roadmap: offline, with nothing but this file and Python 3.11.

    python verify_edition.py FILE [--previous FILE]... [--sha256 HEX] [--json]

FILE is an edition as downloaded (``waymark/edition/1`` or ``/2``) or a whole chain
(``waymark/chain/1``, ``chain.json``). What is checked, in this order:

 1. well-formed JSON (no duplicate keys, no NaN), in canonical bytes (RFC 8785)
 2. the members and types of the schema
 3. that it agrees with itself, everything computed again: dates, slack and makespan from durations
    and the dependencies that stand; that those contradict nothing, and that each suspended one
    closes the circle it is said to; scores, values and priorities from the counts; sums of
    responses and votes; that what is said to have changed is so in this edition
 4. that emptying the members filled in at publication gives the hash that was approved
 5. with the edition before: that every difference is listed, and nothing else
 6. the chain of hashes, as far as files are given, and the hash expected, if one is

Without a hash that you trust (of this edition or of a later one) a forger who computes everything
again remains undetected: titles, reasons and counts can be made up. Exit status 0: valid, 1: not.

The command `flask roadmap verify` runs the same code, and adds what its instance knows.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from roadmap.editions.verifying.canonical import (
    DEEPEST,
    Document,
    Fault,
    canonical,
    fail,
    read_json,
)
from roadmap.editions.verifying.dates import check_contradictions, check_dates, pair_of
from roadmap.editions.verifying.differences import check_changes, check_what_is_now
from roadmap.editions.verifying.figures import (
    check_likelihood,
    check_priority,
    check_publication,
    check_scores,
    check_sums,
)
from roadmap.editions.verifying.schema import EDITIONS, check_schema, check_shape, is_hash

CHAIN = "waymark/chain/1"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` is one sentence; where it is not valid, it names the member at fault."""

    valid: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Checked:
    """An edition that passed, with its fingerprint."""

    slug: str
    version: str
    sha256: str


def verify(
    content: bytes, *, previous: Iterable[bytes] = (), sha256: str | None = None
) -> tuple[Verdict, tuple[Checked, ...]]:
    """The verdict about a file, and the editions in it.

    ``previous``: files of editions before it; ``sha256``: what the (newest) edition's is to be.
    """
    try:
        checked = tuple(_verify(content, tuple(previous), sha256))
    except Fault as fault:
        return Verdict(False, str(fault)), ()
    except RecursionError:
        return Verdict(False, f"the file is nested deeper than {DEEPEST} levels"), ()
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return Verdict(False, f"a member is not of the form expected ({error})"[:300]), ()
    last = checked[-1]
    about = f"edition {last.version} of “{last.slug}” agrees with itself"
    if len(checked) > 1:
        about += f" and follows {len(checked) - 1} before it"
    if sha256 is not None:
        return Verdict(True, f"{about}, and has the SHA-256 expected"), checked
    advice = f"compare its SHA-256 {last.sha256} with one you trust"
    return Verdict(True, f"{about}; {advice}"), checked


def _verify(content: bytes, previous: tuple[bytes, ...], expected: str | None) -> Iterator[Checked]:
    head = read_json(content)
    is_chain = isinstance(head, dict) and head.get("schema") == CHAIN
    if is_chain:
        texts = _editions_of(head)
    else:
        texts = [*_in_order([read_edition(each, name="--previous") for each in previous]), content]
    known: dict[str, Document] = {}
    before: tuple[str, Document] | None = None
    for position, text in enumerate(texts):
        edition = read_edition(text)
        fingerprint = hashlib.sha256(text).hexdigest()
        is_last = position == len(texts) - 1
        check_itself(edition)
        if before is not None:
            _check_link(edition, before)
            check_changes(before[1], edition)
        elif edition["previous"] is not None and is_chain:
            fail("previous", f"no file given is edition {edition['previous']['version']}")
        if is_last and expected is not None and fingerprint != expected.strip().lower():
            raise Fault(f"sha256: expected {expected}, this file has {fingerprint}")
        known[fingerprint], before = edition, (fingerprint, edition)
        yield Checked(edition["roadmap"]["slug"], edition["version"], fingerprint)


def read_edition(content: bytes, *, name: str = "the file") -> Document:
    """An edition whose bytes are canonical and whose members are those of its schema."""
    value = read_json(content)
    if not isinstance(value, dict) or value.get("schema") not in EDITIONS:
        raise Fault(f"schema: expected {' or '.join(EDITIONS)}; {name} is not an edition")
    try:
        written = canonical(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Fault("a text holds half a character (a lone surrogate)") from None
    if written != content:
        at = next(
            (at for at, (a, b) in enumerate(zip(written, content, strict=False)) if a != b),
            min(len(written), len(content)),
        )
        raise Fault(f"byte {at}: these are not the canonical bytes (RFC 8785) of the edition")
    check_schema(value)
    return value


def check_itself(edition: Document) -> None:
    """Raises ``Fault`` where the edition contradicts itself."""
    _check_names(edition)
    standing = check_contradictions(edition)
    check_dates(edition, standing)
    for milestone in edition["milestones"]:
        where = f"milestones {milestone['code']}"
        check_scores(milestone["evidence"], where)
        check_priority(milestone, where)
    for each in edition["dependencies"]:
        check_scores(each["evidence"], f"dependencies {pair_of(each)}")
    check_likelihood(edition)
    check_sums(edition)
    check_what_is_now(edition)
    check_publication(edition)


def _check_names(edition: Document) -> None:
    codes = _unique(edition["milestones"], "milestones")
    areas = _unique(edition["areas"], "areas")
    for milestone in edition["milestones"]:
        if milestone["area"] not in areas:
            fail(f"milestones {milestone['code']}.area", "names no area of this edition")
    for each in edition["dependencies"]:
        if each["from"] not in codes or each["to"] not in codes:
            fail(f"dependencies {pair_of(each)}", "names no milestone of this edition")
    for area in edition["areas"]:
        if area.get("parent") not in (None, *areas):
            fail(f"areas {area['code']}.parent", "names no area of this edition")
    _unique([each for chapter in edition.get("chapters", ()) for each in chapter["paragraphs"]],
            "paragraphs")  # fmt: skip
    if edition["previous"] is None and edition["changes"]:
        fail("changes", "a first edition has none")


def _unique(elements: Sequence[Document], name: str) -> set[str]:
    counted = Counter(each["code"] for each in elements)
    for code, count in counted.items():
        if count > 1:
            fail(f"{name} {code}", "stands twice")
    return set(counted)


def _editions_of(chain: Document) -> list[bytes]:
    """The editions of a bundle as bytes, each with the hash that is given for it."""
    entries = chain.get("editions")
    if not isinstance(entries, list) or not entries:
        fail("editions", "expected a list of editions")
    texts = []
    for position, entry in enumerate(entries):
        check_shape(entry, {"document": str, "sha256": is_hash, ...: ...}, f"editions[{position}]")
        text = entry["document"].encode("utf-8", "surrogatepass")
        if hashlib.sha256(text).hexdigest() != entry["sha256"]:
            fail(f"editions[{position}].sha256", "is not that of the document")
        texts.append(text)
    return texts


def _in_order(editions: Sequence[Document]) -> list[bytes]:
    """Editions given in any order, oldest first."""
    ordered = sorted(editions, key=lambda each: numbers_of(each["version"]))
    return [canonical(each).encode() for each in ordered]


def _check_link(edition: Document, before: tuple[str, Document]) -> None:
    fingerprint, older = before
    named = edition["previous"]
    if edition["roadmap"]["slug"] != older["roadmap"]["slug"]:
        fail("roadmap.slug", f"the edition before is of “{older['roadmap']['slug']}”")
    if named is None:
        fail("previous", f"names no edition, expected {older['version']}")
    if named["version"] != older["version"]:
        fail("previous.version", f"expected {older['version']}, the edition before")
    if named["sha256"] != fingerprint:
        fail("previous.sha256", f"edition {older['version']} has the SHA-256 {fingerprint}")
    if numbers_of(edition["version"]) <= numbers_of(older["version"]):
        fail("version", f"expected a number above {older['version']}")
    if edition["published_on"] < older["published_on"]:
        fail("published_on", "lies before the edition it follows")


def numbers_of(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)


def main(arguments: Sequence[str] | None = None, *, out: Callable[[str], Any] = print) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(description="Check an edition of a roadmap, offline.")
    parser.add_argument("file", type=Path, help="an edition, or a chain of them")
    parser.add_argument("--previous", type=Path, action="append", default=[], metavar="FILE")
    parser.add_argument("--sha256", metavar="HEX", help="the SHA-256 you trust")
    parser.add_argument("--json", action="store_true", help='print {"valid", "reason"}')
    given = parser.parse_args(arguments)
    try:
        content, previous = given.file.read_bytes(), [each.read_bytes() for each in given.previous]
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    verdict, _ = verify(content, previous=previous, sha256=given.sha256)
    word = "valid" if verdict.valid else "not valid"
    out(
        json.dumps(asdict(verdict), ensure_ascii=False)
        if given.json
        else f"{word}: {verdict.reason}"
    )
    return 0 if verdict.valid else 1


if __name__ == "__main__":
    sys.exit(main())
