"""The proof of work and the time spent, as a browser carries them; the rules are pure:
``surveys.proof_of_work``.

The review page shows a challenge (``responses/_proof.html``), the browser solves it while the page
is read (static/proof.js), and ``examine_proof`` looks at what came back. No query is needed: all is
signed. Whether a consultation asks for a proof is known where its row is at hand.
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import gettext as _
from flask_babel import ngettext

from app.config import Settings
from app.limits import network, recent_rate, refuse_beyond
from core.clock import utc_now
from core.ids import clean_code
from surveys.codes import draft_hash
from surveys.models import Consultation
from surveys.proof_of_work import (
    Judgement,
    ProofFault,
    binding_of,
    bits_for,
    issue_challenge,
    judge_proof,
    waiting_time,
)
from surveys.speed import rounded_seconds

# Not among the cookies that carry authority (app.security): it says a time and nothing else.
_BEGUN = "begun_"


@dataclass(frozen=True, slots=True)
class Examined:
    """What came with a submission: why its proof is not taken, if so, and the time it took.

    ``seconds``: rounded, from the first save to now; None where the browser did not carry it.
    """

    fault: ProofFault | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Offer:
    """A challenge for a page. ``wait``: seconds until it is taken unsolved, 0 if it is now."""

    challenge: str
    solution: str
    wait: int


def init_app(app: Flask) -> None:
    # In tests as with rate limits: those that are about it switch it on.
    app.config.setdefault("WAYMARK_PROOFS", not app.testing)
    app.jinja_env.globals.update(offer_proof=offer_proof, proof_complaint=proof_complaint)


def examine_proof(slug: str, code: str) -> Examined:
    """Judge the proof in the form for the draft under ``code``; call it once, before submitting.

    A challenge taken unsolved counts against a limit of its own, ``app.limits.TooMany`` beyond it.
    """
    now = utc_now()
    judged = judge_submission(
        slug, code, challenge=request.form.get("proof_challenge", ""),
        solution=request.form.get("proof_solution", ""),
    )  # fmt: skip
    if judged is not None:
        g.proof = judged
    return Examined(judged.fault if judged else None, _seconds_since_begin(slug, code, now))


def judge_submission(slug: str, code: str, *, challenge: str, solution: str) -> Judgement | None:
    """Judge a proof, however it came, for the draft under ``code``; None where proofs are off.

    Call it once a submission: what is taken counts, and what is taken unsolved counts against a
    limit of its own, ``app.limits.TooMany`` beyond it.
    """
    settings = _settings()
    if not current_app.config["WAYMARK_PROOFS"]:
        return None
    judged = judge_proof(
        _key(b"proof"), challenge=challenge, solution=solution, binding=_binding(slug, code),
        wait_seconds=settings.proof_wait_seconds, base_bits=settings.proof_bits, now=utc_now(),
    )  # fmt: skip
    quiet = recent_rate.of(network()) < settings.proof_free_network
    if judged.fault is ProofFault.TOO_EARLY and quiet:
        judged = replace(judged, fault=None)  # a handful is no flood
    if judged.fault is None:
        if not judged.solved:
            refuse_beyond(settings.unproven_limit, "unproven")
        recent_rate.add("site", network())
    return judged


def offer_proof(consultation: Consultation) -> Offer | None:
    """The challenge for this browser's draft; None where no proof is asked for.

    One that came with the form and is good is given back with its solution.
    """
    code = _code_in_cookie(consultation.slug)
    asks = consultation.asks_proof and consultation.kind == "public"
    if not asks or not code or not current_app.config["WAYMARK_PROOFS"]:
        return None
    judged: Judgement | None = g.get("proof")
    if judged is not None and judged.challenge is not None:
        solution = request.form.get("proof_solution", "") if judged.solved else ""
        return Offer(judged.challenge.text, solution, judged.wait)
    return new_offer(consultation.slug, code)


def new_offer(slug: str, code: str) -> Offer:
    """A new challenge for the draft under ``code``, as hard as the rates of now ask for."""
    settings = _settings()
    bits = bits_for(
        base=settings.proof_bits, most=settings.proof_bits_most,
        rates=[
            (recent_rate.of("site"), settings.proof_usual_site),
            (recent_rate.of(network()), settings.proof_usual_network),
        ],
    )  # fmt: skip
    challenge = issue_challenge(
        _key(b"proof"), binding=_binding(slug, code), bits=bits, now=utc_now()
    )
    wait = 0
    if recent_rate.of(network()) >= settings.proof_free_network:
        wait = waiting_time(
            bits, base_bits=settings.proof_bits, wait_seconds=settings.proof_wait_seconds
        )
    return Offer(challenge, "", wait)


def proof_complaint() -> str:
    """What to say on a page that comes back because of its proof; empty otherwise."""
    judged: Judgement | None = g.get("proof")
    if judged is None or judged.fault is None:
        return ""
    if judged.fault is ProofFault.TOO_EARLY:
        return ngettext(
            "Your browser has not done its calculation. That is all right: wait %(num)d second, "
            "then send again.",
            "Your browser has not done its calculation. That is all right: wait %(num)d seconds, "
            "then send again.",
            judged.wait,
        )
    if judged.fault is ProofFault.EXPIRED:
        return _("This page was open for several hours. Please send once more.")
    return _("The check against automatic sending was missing or not valid. Please send once more.")


def carry_begin(response: Any, slug: str, code: str, *, path: str) -> None:
    """Let the browser carry when this draft was begun; call it where a code is first given out."""
    begun = int(utc_now().timestamp())
    response.set_cookie(
        _BEGUN + slug, f"{begun}.{_begun_signature(slug, code, begun)}", path=path, httponly=True,
        samesite="Lax", secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
    )  # fmt: skip


def _seconds_since_begin(slug: str, code: str, now: datetime) -> int | None:
    begun, _dot, signature = request.cookies.get(_BEGUN + slug, "").partition(".")
    if not (begun.isascii() and begun.isdigit() and len(begun) < 13):
        return None
    if not hmac.compare_digest(
        _begun_signature(slug, code, int(begun)).encode(), signature.encode()
    ):
        return None
    return rounded_seconds(int(now.timestamp()) - int(begun))


def _begun_signature(slug: str, code: str, begun: int) -> str:
    message = _binding(slug, code) + b"\x00" + str(begun).encode()
    return hmac.digest(_key(b"begun"), message, "sha256").hex()[:32]


def _binding(slug: str, code: str) -> bytes:
    return binding_of(slug, draft_hash(code))


def _code_in_cookie(slug: str) -> str:
    # As app.journey reads it, which imports this module.
    return clean_code(request.cookies.get(f"draft_{slug}", ""))[:40]


def _key(purpose: bytes) -> bytes:
    """A key of this instance for one purpose, apart from the one that signs sessions."""
    secret = str(current_app.config["SECRET_KEY"]).encode()
    return hashlib.sha256(b"waymark " + purpose + b"\x00" + secret).digest()


def _settings() -> Settings:
    settings: Settings = current_app.config["WAYMARK_SETTINGS"]
    return settings
