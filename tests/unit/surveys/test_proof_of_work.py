"""The proof of work: who may use a challenge, for what, until when; and what adversaries try."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.proof_of_work import (
    LIFETIME,
    LONGEST_WAIT,
    PIECES,
    SKEW,
    Judgement,
    ProofFault,
    binding_of,
    bits_for,
    issue_challenge,
    judge_proof,
    solve_challenge,
    waiting_time,
)
from tests.conftest import NOW

KEY = b"a key of this instance"
MINE = binding_of("networks", "draft one")
BITS = 8


def judge(
    challenge: str, solution: str = "", *, binding: bytes = MINE, after: float = 0, key: bytes = KEY
) -> Judgement:
    return judge_proof(
        key, challenge=challenge, solution=solution, binding=binding, wait_seconds=20,
        base_bits=BITS, now=NOW + timedelta(seconds=after),
    )  # fmt: skip


@pytest.fixture(scope="module")
def challenge() -> str:
    return issue_challenge(KEY, binding=MINE, bits=BITS, now=NOW)


@pytest.fixture(scope="module")
def solution(challenge: str) -> str:
    return solve_challenge(challenge)


def test_a_solved_challenge_is_taken_at_once(challenge: str, solution: str) -> None:
    judged = judge(challenge, solution)
    assert judged.fault is None
    assert judged.solved


def test_the_solution_is_what_the_description_says(challenge: str, solution: str) -> None:
    seed = hashlib.sha256(challenge.encode()).digest()
    counters = [int(part) for part in solution.split(".")]
    assert len(counters) == PIECES
    for piece, counter in enumerate(counters):
        message = seed + piece.to_bytes(4) + counter.to_bytes(4)
        digest = int.from_bytes(hashlib.sha256(message).digest())
        assert digest.bit_length() <= 256 - (BITS - 3)


def test_a_proof_is_of_no_use_for_another_draft(challenge: str, solution: str) -> None:
    other = binding_of("networks", "draft two")
    assert judge(challenge, solution, binding=other).fault is ProofFault.FORGED


def test_a_proof_is_of_no_use_for_another_consultation(challenge: str, solution: str) -> None:
    other = binding_of("energy", "draft one")
    assert judge(challenge, solution, binding=other).fault is ProofFault.FORGED
    assert binding_of("a", "b\x00c") != binding_of("a\x00b", "c") or "\x00" not in "slug"


def test_another_instance_signs_otherwise(challenge: str, solution: str) -> None:
    assert judge(challenge, solution, key=b"another key").fault is ProofFault.FORGED


@pytest.mark.parametrize("bits", [4, 7, 9, 28])
def test_the_difficulty_cannot_be_changed(challenge: str, bits: int) -> None:
    version, issued, _bits, signature = challenge.split(".")
    easier = ".".join([version, issued, str(bits), signature])
    fault = judge(easier, "0.0.0.0.0.0.0.0").fault
    assert fault is ProofFault.FORGED


def test_the_age_cannot_be_changed(challenge: str) -> None:
    version, issued, bits, signature = challenge.split(".")
    older = ".".join([version, str(int(issued) - 60), bits, signature])
    assert judge(older).fault is ProofFault.FORGED


@pytest.mark.parametrize(
    "text",
    ["x", "1.2.3", "1.1.8." + "0" * 64, "1.1.8." + "٣" * 64, "1.1.٨." + "0" * 64, "\x00", "é" * 99],
)
def test_what_was_not_signed_here_is_forged(text: str) -> None:
    assert judge(text, "0.0.0.0.0.0.0.0").fault is ProofFault.FORGED


def test_a_missing_challenge_is_named_so(solution: str) -> None:
    assert judge("", solution).fault is ProofFault.MISSING


def test_a_challenge_expires(challenge: str, solution: str) -> None:
    assert judge(challenge, solution, after=LIFETIME).fault is None
    assert judge(challenge, solution, after=LIFETIME + 1).fault is ProofFault.EXPIRED


def test_clocks_of_several_machines_may_differ_a_little(challenge: str, solution: str) -> None:
    assert judge(challenge, solution, after=-SKEW).fault is None
    assert judge(challenge, solution, after=-SKEW - 1).fault is ProofFault.FORGED
    # A clock behind never makes the wait shorter.
    assert judge(challenge, after=-60).wait == 80


def test_unsolved_it_is_taken_once_it_is_old_enough(challenge: str) -> None:
    early = judge(challenge, after=12)
    assert (early.fault, early.wait) == (ProofFault.TOO_EARLY, 8)
    # The same challenge is shown again, so that nobody begins to wait anew.
    assert early.challenge is not None
    assert early.challenge.text == challenge
    late = judge(challenge, after=20)
    assert (late.fault, late.solved) == (None, False)


@pytest.mark.parametrize(
    "wrong",
    ["0", "0.0.0.0.0.0.0.0", "-1.0.0.0.0.0.0.0", "4294967296." * 7 + "4294967296", "1." * 400_000,
     "٣.0.0.0.0.0.0.0", "a.b.c.d.e.f.g.h"],
)  # fmt: skip
def test_a_wrong_solution_is_none(challenge: str, wrong: str) -> None:
    assert judge(challenge, wrong).fault is ProofFault.TOO_EARLY


def test_solutions_are_not_interchanged(challenge: str, solution: str) -> None:
    other = issue_challenge(KEY, binding=MINE, bits=BITS + 4, now=NOW)
    judged = judge(other, solution)
    assert not judged.solved
    # One piece solved eight times is not eight pieces solved.
    first = solution.split(".")[0]
    assert not judge(other, ".".join([first] * PIECES)).solved


@given(st.text(max_size=200), st.text(max_size=200))
def test_nothing_that_is_sent_makes_it_fail(challenge: str, solution: str) -> None:
    assert judge(challenge, solution).fault in (ProofFault.MISSING, ProofFault.FORGED)


@given(st.data())
@settings(max_examples=60)
def test_every_changed_character_is_noticed(data: st.DataObject) -> None:
    genuine = issue_challenge(KEY, binding=MINE, bits=BITS, now=NOW)
    at = data.draw(st.integers(0, len(genuine) - 1))
    character = data.draw(st.sampled_from("0123456789abcdef.").filter(lambda c: c != genuine[at]))
    changed = genuine[:at] + character + genuine[at + 1 :]
    assert judge(changed, after=60).fault is ProofFault.FORGED


def test_many_at_once_judge_alike(challenge: str, solution: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        judged = list(pool.map(lambda _: judge(challenge, solution).fault, range(200)))
    assert judged == [None] * 200


@pytest.mark.parametrize("bits", [0, 3, 29, -1])
def test_only_sensible_difficulties_are_issued(bits: int) -> None:
    with pytest.raises(ValueError, match="bits must be"):
        issue_challenge(KEY, binding=MINE, bits=bits, now=NOW)


def test_difficulty_follows_the_busiest_rate() -> None:
    def bits(*rates: tuple[int, int], most: int = 22) -> int:
        return bits_for(base=18, most=most, rates=rates)

    assert bits() == 18
    assert bits((600, 600), (0, 60)) == 18
    assert bits((601, 600), (60, 60)) == 19
    assert bits((1200, 600), (240, 60)) == 20
    assert bits((10**9, 600)) == 22
    assert bits((10**9, 600), most=10) == 18


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_more_submissions_never_make_it_easier(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert bits_for(base=18, most=22, rates=[(low, 60)]) <= bits_for(
        base=18, most=22, rates=[(high, 60)]
    )


def test_waiting_grows_with_the_difficulty_up_to_a_bound() -> None:
    waits = [waiting_time(bits, base_bits=18, wait_seconds=20) for bits in (4, 18, 19, 20, 28)]
    assert waits == [20, 20, 40, 80, LONGEST_WAIT]


def test_time_is_taken_from_the_clock_that_is_passed_in() -> None:
    later = datetime.fromisoformat("2030-01-01T00:00:00+00:00")
    assert issue_challenge(KEY, binding=MINE, bits=8, now=later).startswith("1.1893456000.8.")
