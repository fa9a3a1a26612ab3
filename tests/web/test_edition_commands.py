"""An operator links evidence, publishes and compares from the command line."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import rfc8785
from flask import Flask
from sqlalchemy.orm import Session

from tests.questionnaire_factory import open_consultation


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    outcome = app.test_cli_runner().invoke(args=list(arguments))
    return outcome.exit_code, outcome.stdout, outcome.stderr


def write_roadmap(folder: Path, days: int) -> str:
    (folder / "milestones.csv").write_text(
        f"code,title,agenda,area,duration_days\nA,First,SRIA,net,{days}\nB,Second,SDA,net,5\n"
    )
    (folder / "dependencies.csv").write_text("from,to,kind,lag_days\nA,B,FS,0\n")
    return str(folder)


def test_the_way_to_an_edition(
    app: Flask, web_session: Session, tmp_path: Path, now: datetime
) -> None:
    open_consultation(web_session, now)
    web_session.commit()
    assert run(app, "roadmap", "import", write_roadmap(tmp_path, 10), "--slug", "net")[0] == 0
    linked = run(
        app, "roadmap", "link", "net", "A", "--consultation", "networks", "--question", "Q1",
        "--option", "yes", "--json",
    )  # fmt: skip
    assert json.loads(linked[1])["subject"] == "A"
    published = run(app, "roadmap", "publish", "net", "1.0", "--json")
    assert published[0] == 0, published[2]
    run(app, "roadmap", "import", write_roadmap(tmp_path, 12), "--slug", "net")
    assert run(app, "roadmap", "publish", "net", "1.1")[0] == 0
    again = run(app, "roadmap", "publish", "net", "1.1")
    assert again[0] == 1
    assert "roadmap.edition_exists" in again[2]
    changes = json.loads(run(app, "roadmap", "diff", "net", "1.0", "1.1", "--json")[1])
    assert {(c["kind"], c["code"]) for c in changes} == {("moved", "A"), ("moved", "B")}
    listed = json.loads(run(app, "roadmap", "list", "--json")[1])
    assert listed == [{"slug": "net", "title": "net", "editions": ["1.0", "1.1"]}]
    refused = run(app, "roadmap", "link", "net", "Z", "--consultation", "networks",
                  "--question", "Q1", "--option", "yes")  # fmt: skip
    assert refused[0] == 1
    assert "roadmap.invalid_evidence" in refused[2]


def test_the_exported_edition_is_canonical_and_chained(app: Flask, tmp_path: Path) -> None:
    run(app, "roadmap", "import", write_roadmap(tmp_path, 10), "--slug", "net")
    sha256 = json.loads(run(app, "roadmap", "publish", "net", "1.0", "--json")[1])["sha256"]
    run(app, "roadmap", "publish", "net", "2.0")
    target = tmp_path / "net.json"
    assert (
        run(app, "exports", "edition", "net", "1.0", "--format", "json", "-o", str(target))[0] == 0
    )
    content = target.read_bytes()
    assert hashlib.sha256(content).hexdigest() == sha256
    assert rfc8785.dumps(json.loads(content)) == content
    page = app.test_client().get("/roadmaps/net/editions/1.0/edition.json")
    assert page.data == content
    second = app.test_client().get("/roadmaps/net/editions/2.0/edition.json").get_json()
    assert second["previous"] == {"version": "1.0", "sha256": sha256}
    waiting = app.test_client().get("/roadmaps/net/editions/1.0/edition.pdf")
    assert waiting.status_code == 409


def test_an_edition_is_verified_against_what_was_published(app: Flask, tmp_path: Path) -> None:
    run(app, "roadmap", "import", write_roadmap(tmp_path, 10), "--slug", "net")
    run(app, "roadmap", "publish", "net", "1.0")
    run(app, "roadmap", "import", write_roadmap(tmp_path, 12), "--slug", "net")
    run(app, "roadmap", "publish", "net", "1.1")
    files = {}
    for version in ("1.0", "1.1"):
        files[version] = str(tmp_path / f"{version}.json")
        run(app, "exports", "edition", "net", version, "--format", "json", "-o", files[version])

    def verdict(*arguments: str) -> tuple[int, bool, str]:
        status, out, error = run(app, "roadmap", "verify", *arguments, "--json")
        assert error == ""
        said = json.loads(out)
        assert set(said) == {"valid", "reason"}
        return status, said["valid"], said["reason"]

    assert verdict(files["1.1"], "--previous", files["1.0"])[:2] == (0, True)
    chain = str(tmp_path / "chain.json")
    assert run(app, "roadmap", "chain", "net", "-o", chain)[0] == 0
    assert verdict(chain)[:2] == (0, True)

    # A forger who computes everything again is found out by the instance that published.
    forged = json.loads(Path(files["1.0"]).read_text())
    forged["milestones"][0]["lead"] = "Somebody else"
    path = tmp_path / "forged.json"
    path.write_bytes(rfc8785.dumps(forged))
    status, valid, reason = verdict(str(path))
    assert (status, valid) == (1, False)
    assert reason.startswith("sha256: edition 1.0")
    path.write_bytes(rfc8785.dumps(forged | {"version": "7.0"}))
    assert "was published here" in verdict(str(path))[2]
    path.write_text("[" * 10_000)
    assert verdict(str(path))[:2] == (1, False)
    assert run(app, "roadmap", "verify", str(tmp_path / "nothing.json"), "--json")[0] == 2


def test_an_operator_withdraws_and_looks_at_what_is_prepared(app: Flask, tmp_path: Path) -> None:
    run(app, "roadmap", "import", write_roadmap(tmp_path, 10), "--slug", "net")
    run(app, "roadmap", "publish", "net", "1.0")
    assert run(app, "roadmap", "candidate", "net")[0] == 1
    assert run(app, "roadmap", "withdraw", "net", "1.0", "--reason", "Wrong.", "--json")[0] == 0
    again = run(app, "roadmap", "withdraw", "net", "1.0", "--reason", "Wrong.")
    assert (again[0], "roadmap.already_withdrawn" in again[2]) == (1, True)
    script = tmp_path / "verify.py"
    assert run(app, "roadmap", "verifier", "-o", str(script))[0] == 0
    compile(script.read_text(), "verify.py", "exec")
