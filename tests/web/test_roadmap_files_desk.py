"""The desk's files: take the draft out, see what a file would change, take it over."""

import io
import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LocalizedText
from roadmap.draft import Draft, DraftDependency, DraftMilestone
from roadmap.formats.registry import FORMATS, read_files
from roadmap.models import Decision, Milestone, Roadmap
from roadmap.planning.network import Kind
from roadmap.roadmaps import import_roadmap
from stakeholders.permissions import Role


@pytest.fixture
def roadmap(web_session: Session) -> str:
    draft = Draft(
        milestones=(
            DraftMilestone("A", LocalizedText({"en": "Study", "fr": "Étude"}), "SRIA", "radio", 10),
            DraftMilestone("B", LocalizedText.of("Build"), "SDA", "radio", 5, lead="KTH"),
        ),
        dependencies=(DraftDependency("A", "B", Kind.FS, 0),),
        areas={"radio": LocalizedText.of("Radio")},
        title=LocalizedText.of("Plan"),
    )
    import_roadmap(web_session, slug="plan", draft=draft, actor=OPERATOR, now=utc_now())
    web_session.commit()
    return "/desk/roadmaps/plan/files"


def send(client: FlaskClient, address: str, **files: bytes):
    data = {
        "csrf_token": token(client, address),
        "file": [(io.BytesIO(content), name.replace("__", ".")) for name, content in files.items()],
    }
    return client.post(f"{address}/look", data=data, content_type="multipart/form-data")


def token(client: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{address}/").text)
    assert found
    return found[1]


def test_every_format_is_offered_and_says_the_same(roadmap: str, sign_in):
    client = sign_in(Role.SECRETARIAT)
    page = client.get(f"{roadmap}/")
    for name, kind in FORMATS.items():
        assert f"{roadmap}/{name}" in page.text
        answer = client.get(f"{roadmap}/{name}")
        assert answer.status_code == 200
        assert f"plan{kind.ending}" in answer.headers["Content-Disposition"]
        draft = read_files({f"plan{kind.ending}": answer.data})
        assert [each.code for each in draft.milestones] == ["A", "B"]
        assert len(draft.dependencies) == 1
    assert client.get(f"{roadmap}/doc").status_code == 404


def test_a_file_is_looked_at_and_taken_over_with_a_reason(
    roadmap: str, sign_in, web_session: Session
):
    client = sign_in(Role.SECRETARIAT)
    document = json.loads(client.get(f"{roadmap}/json").data)
    document["milestones"][1]["duration_days"] = 30
    document["milestones"][1]["not_before"] = "2001-01-01"
    document["milestones"].append(document["milestones"][0] | {"code": "C"})
    document["dependencies"] = []
    answer = send(client, roadmap, plan__json=json.dumps(document).encode())
    assert answer.status_code == 303
    preview = client.get(answer.headers["Location"])
    for words in ("Milestones added", "Duration in days", "A → B (FS)", "before the start"):
        assert words in preview.text
    web_session.rollback()
    assert len(web_session.scalars(select(Milestone)).all()) == 2
    web_session.rollback()
    form = dict(re.findall(r'name="(csrf_token|revision)" value="([^"]+)"', preview.text))
    refused = client.post(answer.headers["Location"], data=form)
    assert refused.status_code == 422
    taken = client.post(answer.headers["Location"], data=form | {"reason": "As agreed in May"})
    assert taken.status_code == 303
    codes = web_session.scalars(select(Milestone.code)).all()
    assert sorted(codes) == ["A", "B", "C"]
    decisions = {(each.subject, each.change) for each in web_session.scalars(select(Decision))}
    assert decisions == {("C", "added"), ("B", "changed"), ("A>B", "removed")}
    web_session.rollback()
    assert client.get(answer.headers["Location"]).status_code == 404  # it is gone


def test_a_draft_that_moved_on_is_not_overwritten(roadmap: str, sign_in, web_session: Session):
    client = sign_in(Role.SECRETARIAT)
    content = client.get(f"{roadmap}/json").data.replace(
        b'"duration_days": 5', b'"duration_days": 6'
    )
    answer = send(client, roadmap, plan__json=content)
    preview = client.get(answer.headers["Location"])
    form = dict(re.findall(r'name="(csrf_token|revision)" value="([^"]+)"', preview.text))
    web_session.scalars(select(Roadmap)).one().mark_changed()
    web_session.commit()
    again = client.post(answer.headers["Location"], data=form | {"reason": "Why not"})
    assert again.status_code == 409
    assert "Somebody changed the draft" in again.text


def test_everything_wrong_is_listed_and_nothing_kept(roadmap: str, sign_in, app: Flask):
    client = sign_in(Role.SECRETARIAT)
    answer = send(
        client, roadmap,
        milestones__csv=b"code,title,agenda,area,duration_days\nA,,XX,radio,12 weeks\n",
        dependencies__csv=b"from,to,kind,lag_days\nA,Z,FS,0\n",
    )  # fmt: skip
    assert answer.status_code == 422
    for words in ("milestones.csv, line 2", "without a unit", "12 weeks", "dependencies.csv"):
        assert words in answer.text
    settings = app.config["WAYMARK_SETTINGS"]
    assert not list((settings.instance / "imports").glob("*/*"))


def test_what_is_too_large_says_which_command_takes_it(
    roadmap: str, sign_in, monkeypatch: pytest.MonkeyPatch
):
    client = sign_in(Role.SECRETARIAT)
    monkeypatch.setattr("app.views.roadmap_files.MOST_MILESTONES", 1)
    content = client.get(f"{roadmap}/xlsx").data
    answer = send(client, roadmap, plan__xlsx=content)
    assert answer.status_code == 422
    assert "flask roadmap import FILE --slug plan" in answer.text
    monkeypatch.setattr("app.views.roadmap_files.LARGEST", 1000)
    huge = client.post(
        f"{roadmap}/look",
        data={"file": (io.BytesIO(b" " * 200_000), "a.csv")},
    )
    assert huge.status_code == 413
    assert "flask roadmap import FILE --slug plan" in huge.text


def test_only_who_may_edit_sees_the_files(client: FlaskClient, roadmap: str, sign_in):
    assert client.get(f"{roadmap}/").status_code == 303
    client = sign_in(Role.CITIZEN)
    for path in ("/", "/json", "/look/" + "0" * 64):
        assert client.get(roadmap + path).status_code == 403
    assert client.post(f"{roadmap}/look").status_code == 403


def test_the_commands_take_a_roadmap_out_and_in(app: Flask, roadmap: str, tmp_path: Path):
    runner = app.test_cli_runner()
    for name, kind in FORMATS.items():
        output = tmp_path / ("tables" if name == "csv" else f"plan{kind.ending}")
        done = runner.invoke(
            args=["roadmap", "export", "plan", "--format", name, "-o", str(output), "--json"]
        )
        assert done.exit_code == 0, done.stderr
        done = runner.invoke(args=["roadmap", "import", str(output), "--slug", "plan", "--json"])
        assert done.exit_code == 0, done.stderr
        report = json.loads(done.stdout)
        assert report["changed"] == {"milestones": 0, "dependencies": 0}
        assert report["removed"] == {"milestones": [], "dependencies": []}
        assert not report["created"]
    bad = tmp_path / "bad.xml"
    bad.write_text(
        "<Project><Tasks><Task><UID>1</UID><Duration>3 weeks</Duration></Task></Tasks></Project>"
    )
    refused = runner.invoke(args=["roadmap", "import", str(bad), "--slug", "plan", "--json"])
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "task 1: Duration" in refused.stderr
