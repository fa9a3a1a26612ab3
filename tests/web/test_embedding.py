"""A consultation by link and QR code, and never in a frame."""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape

import pytest
import segno
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from app.security import CONTENT_SECURITY_POLICY
from app.views.embedding import snippet
from stakeholders.permissions import Role
from tests.questionnaire_factory import definition, open_consultation

PAGE = "/desk/consultations/networks/embed"
LINK = "http://127.0.0.1:8000/consultations/networks"


@pytest.fixture
def desk(sign_in: Callable[..., FlaskClient], web_session: Session) -> FlaskClient:
    title = {"en": 'Networks & "more" <b>', "fr": "Réseaux"}
    open_consultation(web_session, datetime.now(UTC), definition=definition(title=title))
    web_session.commit()
    return sign_in(Role.SECRETARIAT)


def pixels_of(png: bytes) -> list[list[bool]]:
    """The rows of a picture; True is dark."""
    image = Image.open(io.BytesIO(png)).convert("1")
    width, height = image.size
    return [[not image.getpixel((x, y)) for x in range(width)] for y in range(height)]


def test_the_page_has_link_snippet_and_code(desk: FlaskClient) -> None:
    page = desk.get(PAGE).text
    assert f'value="{LINK}"' in page
    assert "<svg" in page
    assert "<script>" not in page
    french = desk.get(f"{PAGE}?language=fr").text
    assert f"{LINK}?lang=fr" in french
    assert "Réseaux" in unescape(french)
    assert f'value="{LINK}"' in desk.get(f"{PAGE}?language=xx").text


def test_a_snippet_is_a_plain_link_whatever_the_title() -> None:
    assert snippet(LINK, 'A "b" <script>&', "en") == (
        f'<a href="{LINK}" hreflang="en" lang="en">A &#34;b&#34; &lt;script&gt;&amp;</a>'
    )


def test_svg_and_png_hold_the_same_code(desk: FlaskClient) -> None:
    svg = desk.get(f"{PAGE}/qr.svg")
    assert svg.mimetype == "image/svg+xml"
    assert "attachment" in svg.headers["Content-Disposition"]
    assert b"<script" not in svg.data
    png = desk.get(f"{PAGE}/qr.png")
    assert png.mimetype == "image/png"
    expected = list(segno.make_qr(LINK, error="q").matrix_iter(scale=16, border=4))
    assert pixels_of(png.data) == [[bool(module) for module in row] for row in expected]
    assert len(expected) >= 500
    other = desk.get(f"{PAGE}/qr.png?language=fr")
    assert other.data != png.data


def test_only_the_desk_sees_it(desk: FlaskClient, client: FlaskClient) -> None:
    for address in (PAGE, f"{PAGE}/qr.svg", f"{PAGE}/qr.png"):
        assert client.get(address).status_code == 303
    assert desk.get("/desk/consultations/none/embed").status_code == 404


def test_no_page_is_shown_in_a_frame() -> None:
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
