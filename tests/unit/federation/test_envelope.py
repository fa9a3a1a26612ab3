"""A signed message is accepted exactly as it was written, or refused with a reason."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, OKPKey

from core.errors import WaymarkError
from federation import envelope as env
from federation.envelope import (
    DEFINITION,
    EVERY_NODE,
    RELEASE,
    Envelope,
    generate_key,
    open_envelope,
    public_jwk,
    read_public_key,
    sign,
    thumbprint,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
NODE, HUB, STRANGER = generate_key(), generate_key(), generate_key()
KEYS = {thumbprint(NODE): NODE}


def message(**changes: object) -> Envelope:
    base = Envelope(
        schema=RELEASE,
        issuer=thumbprint(NODE),
        audience=thumbprint(HUB),
        consultation="networks-next",
        sequence=1,
        previous=None,
        issued_at=NOW,
        expires_at=NOW + timedelta(days=7),
        body={"responses": 12, "text": "Ωμέγα"},
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def opened(token: str | bytes, **changes: object) -> Envelope:
    given_ = {"schema": RELEASE, "audience": thumbprint(HUB), "now": NOW} | changes
    return open_envelope(token, KEYS, **given_)  # type: ignore[arg-type]


def refusal(token: str | bytes, **changes: object) -> str:
    with pytest.raises(WaymarkError) as caught:
        opened(token, **changes)
    return caught.value.code


def crafted(header: dict[str, object], payload: bytes, key: OKPKey = NODE) -> str:
    parts = [
        base64.urlsafe_b64encode(part).rstrip(b"=").decode()
        for part in (rfc8785.dumps(header), payload)
    ]
    signature = key.private_key.sign(".".join(parts).encode())  # type: ignore[union-attr]
    return ".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])


def header_of(key: OKPKey = NODE, **changes: object) -> dict[str, object]:
    return {"alg": "Ed25519", "kid": thumbprint(key), "typ": "waymark-release-1+jws"} | changes


def test_what_was_signed_is_what_is_read() -> None:
    assert opened(sign(message(), NODE)) == message()
    assert opened(sign(message(), NODE).encode()) == message()


def test_signing_twice_gives_the_same_bytes() -> None:
    assert sign(message(), NODE) == sign(message(), NODE)
    assert sign(message(), NODE) == crafted(header_of(), message().payload)


def test_every_changed_character_is_noticed() -> None:
    token = sign(message(), NODE)
    for at in range(len(token)):
        for other in {"A", "B", "g", "_", "."} - {token[at]}:
            assert refusal(token[:at] + other + token[at + 1 :]).startswith("federation.")
    assert refusal(token + "A") == "federation.signature"
    assert refusal(token[:-1]) == "federation.signature"
    assert refusal(token + "\n") == "federation.signature"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 127))
def test_no_changed_byte_passes(place: int, flip: int) -> None:
    raw = bytearray(sign(message(), NODE).encode())
    raw[place % len(raw)] ^= flip
    assert refusal(bytes(raw)).startswith("federation.")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_anything_else_is_refused_and_nothing_breaks(token: str | bytes) -> None:
    assert refusal(token).startswith("federation.")


def test_a_changed_payload_and_a_changed_signature_are_named_as_such() -> None:
    header, payload, signature = sign(message(), NODE).split(".")
    other = sign(message(sequence=2), NODE).split(".")
    assert refusal(f"{header}.{other[1]}.{signature}") == "federation.signature"
    assert refusal(f"{header}.{payload}.{other[2]}") == "federation.signature"
    # The last of 86 characters carries two bits only; the others are no place to hide.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(signature[-1]) ^ 1]
    assert refusal(f"{header}.{payload}.{signature[:-1]}{twin}") == "federation.signature"


def test_a_wrong_key_is_refused_under_its_own_name_and_under_another() -> None:
    own = message(issuer=thumbprint(STRANGER))
    assert refusal(sign(own, STRANGER)) == "federation.unknown_key"
    assert refusal(crafted(header_of(), message().payload, STRANGER)) == "federation.signature"


def test_an_issuer_cannot_speak_for_another() -> None:
    forged = crafted(header_of(), message(issuer=thumbprint(STRANGER)).payload)
    assert refusal(forged) == "federation.unknown_key"
    with pytest.raises(ValueError, match="issuer's key"):
        sign(message(), STRANGER)


@pytest.mark.parametrize("algorithm", ["none", "EdDSA", "HS256", "ed25519"])
def test_other_algorithms_are_refused(algorithm: str) -> None:
    token = crafted(header_of(alg=algorithm), message().payload)
    assert refusal(token) == "federation.algorithm"
    assert refusal(token.rsplit(".", 1)[0] + ".") == "federation.algorithm"


def test_the_public_key_is_no_shared_secret() -> None:
    secret = OctKey.import_key(base64.urlsafe_b64decode(public_jwk(NODE)["x"] + "="))
    header = header_of(alg="HS256")
    token = jws.serialize_compact(header, message().payload, secret, algorithms=["HS256"])
    assert refusal(token) == "federation.algorithm"


def test_headers_with_more_than_we_write_are_refused() -> None:
    token = crafted(header_of(crit=["x"]), message().payload)
    assert refusal(token) == "federation.malformed"
    assert refusal(crafted(header_of(jwk=public_jwk(STRANGER)), b"{}")) == "federation.malformed"


def test_a_message_of_another_type_is_refused() -> None:
    definition = message(schema=DEFINITION, audience=EVERY_NODE)
    assert refusal(sign(definition, NODE)) == "federation.type"
    assert refusal(crafted(header_of(), definition.payload)) == "federation.type"
    assert opened(sign(definition, NODE), schema=DEFINITION) == definition


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: json.dumps(json.loads(payload)).encode(),
        lambda payload: payload.replace(b'"sequence":1', b'"sequence":1.0'),
        lambda payload: payload[:-1] + b',"zzz":1e400}',
        lambda payload: payload[:-1] + b',"zzz":1,"zzz":1}',
        lambda payload: payload[:-1] + b',"zzz":12345678901234567890}',
    ],
    ids=["spaces", "number", "infinity", "twice", "large"],
)
def test_json_that_is_not_canonical_is_refused(change: object) -> None:
    payload = change(message().payload)  # type: ignore[operator]
    assert refusal(crafted(header_of(), payload)) == "federation.not_canonical"


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b"nonsense",
        b"[" * 200_000,
        rfc8785.dumps({"schema": RELEASE}),
        message().payload[:-1] + b',"zzz":1}',
        message().payload.replace(b'"sequence":1', b'"sequence":0'),
        message().payload.replace(b'"sequence":1', b'"sequence":true'),
        message().payload.replace(b'"sequence":1', b'"sequence":"1"'),
        message().payload.replace(b"2026-11-22T", b"2026-02-30T"),
    ],
)  # fmt: skip
def test_signed_nonsense_is_refused(payload: bytes) -> None:
    assert refusal(crafted(header_of(), payload)) == "federation.malformed"


def test_messages_for_another_instance_are_refused() -> None:
    token = sign(message(audience=thumbprint(STRANGER)), NODE)
    assert refusal(token) == "federation.audience"
    assert refusal(sign(message(audience=EVERY_NODE), NODE)) == "federation.audience"


def test_messages_have_their_time() -> None:
    token = sign(message(), NODE)
    assert refusal(token, now=NOW + timedelta(days=8)) == "federation.expired"
    assert refusal(token, now=NOW - timedelta(hours=1)) == "federation.not_yet_valid"
    assert opened(token, now=NOW - timedelta(minutes=2)).sequence == 1


def test_a_message_that_is_too_large_is_not_read() -> None:
    assert refusal(b"x" * (env.SIZE_LIMIT + 1)) == "federation.too_large"


def test_a_large_message_is_read() -> None:
    big = message(body={"cells": list(range(200_000))})
    assert opened(sign(big, NODE)) == big


def test_public_keys_travel_as_jwk() -> None:
    document = public_jwk(NODE)
    assert thumbprint(read_public_key(document)) == document["kid"] == thumbprint(NODE)
    assert "d" not in document


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"kty": "OKP", "crv": "X25519", "x": "A" * 43},
        {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"},
        {"kty": "OKP", "crv": "Ed25519", "x": 5},
        {"kty": "oct", "k": "AAAA"},
        NODE.as_dict(private=True),
    ],
)
def test_other_keys_are_refused(document: object) -> None:
    with pytest.raises(WaymarkError) as caught:
        read_public_key(document)
    assert caught.value.code == "federation.invalid_key"
