"""Signed messages between instances: canonical JSON in a compact JWS. Pure.

An *envelope* is a JWS (RFC 7515, compact) signed with Ed25519 (RFC 8037, RFC 9864). Its payload is
canonical JSON (RFC 8785) with these members and no others::

    {"schema": "waymark/release/1",        what the body is
     "issuer": "<thumbprint>",             the key that signs: an instance is its key
     "audience": "<thumbprint>" | "*",     for whom; "*": for every node
     "consultation": "slug",
     "sequence": 1,                        1, 2, 3 … per issuer, audience and consultation
     "previous": "<sha256>" | null,        hash of the payload before this one
     "issued_at": "2026-11-22T10:00:00Z",
     "expires_at": "…" | null,
     "body": {…}}

There is one way to write each envelope: header and payload are canonical, base64url has no spare
bits. So any changed byte is noticed, in the signature too, and an envelope has one hash.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import rfc8785
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from federation.errors import (
    BadSignature,
    EnvelopeTooLarge,
    Expired,
    InvalidKey,
    MalformedEnvelope,
    NotCanonical,
    NotYetValid,
    OtherAudience,
    UnknownKey,
    WrongAlgorithm,
    WrongType,
)

ALGORITHM = "Ed25519"
EVERY_NODE = "*"
DEFINITION = "waymark/definition/1"
RELEASE = "waymark/release/1"
ACKNOWLEDGEMENT = "waymark/acknowledgement/1"
# What a request may hold by default; a release of 60 questions, 8 options, 12 groups has 0.1 MB.
SIZE_LIMIT = 2_000_000
# How far two clocks may be apart.
CLOCK_TOLERANCE = timedelta(minutes=5)

_REGISTRY = jws.JWSRegistry(algorithms=[ALGORITHM])
_REGISTRY.max_payload_length = SIZE_LIMIT

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


class _Payload(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    schema_: str = Field(alias="schema")
    issuer: str
    audience: str
    consultation: str = Field(pattern=r"^[a-z0-9-]{1,80}$")
    sequence: int = Field(ge=1, le=2**31 - 1)
    previous: Hash | None
    issued_at: Moment
    expires_at: Moment | None
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message, before it is signed or after it was verified."""

    schema: str
    issuer: str
    audience: str
    consultation: str
    sequence: int
    previous: str | None
    issued_at: datetime
    expires_at: datetime | None
    body: dict[str, Any]

    @property
    def payload(self) -> bytes:
        """Canonical JSON."""
        return rfc8785.dumps(
            {
                "schema": self.schema,
                "issuer": self.issuer,
                "audience": self.audience,
                "consultation": self.consultation,
                "sequence": self.sequence,
                "previous": self.previous,
                "issued_at": _write_moment(self.issued_at),
                "expires_at": _write_moment(self.expires_at) if self.expires_at else None,
                "body": self.body,
            }
        )

    @property
    def sha256(self) -> str:
        """Hash of the payload, hexadecimal: what the next one names as ``previous``."""
        return hashlib.sha256(self.payload).hexdigest()


def generate_key() -> OKPKey:
    """A new Ed25519 key pair."""
    return OKPKey.generate_key("Ed25519")


def read_public_key(document: object) -> OKPKey:
    """An Ed25519 public key from its JWK (RFC 8037). Raises ``InvalidKey``.

    A private key is refused: whoever hands it over has lost it.
    """
    if not isinstance(document, Mapping):
        raise InvalidKey(reason="expected a JSON object")
    if "d" in document:
        raise InvalidKey(reason="it holds a private part, which must never leave its instance")
    members = {name: document.get(name) for name in ("kty", "crv", "x")}
    if members["kty"] != "OKP" or members["crv"] != "Ed25519":
        raise InvalidKey(reason='expected "kty": "OKP" and "crv": "Ed25519"')
    x = members["x"]
    if not isinstance(x, str) or len(_decode(x, "the member x", InvalidKey)) != 32:
        raise InvalidKey(reason="the member x does not hold 32 bytes")
    try:
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})
    except (JoseError, ValueError) as error:
        raise InvalidKey(reason="the member x cannot be read") from error


def public_jwk(key: OKPKey) -> dict[str, str]:
    """The public part as JWK, with its thumbprint as ``kid``."""
    public = key.as_dict(private=False)
    return {"kty": "OKP", "crv": "Ed25519", "x": str(public["x"]), "kid": thumbprint(key)}


def thumbprint(key: OKPKey) -> str:
    """RFC 7638 thumbprint (SHA-256, base64url): the name of a key, and of an instance."""
    return str(key.thumbprint())


def sign(envelope: Envelope, key: OKPKey) -> str:
    """The envelope as compact JWS. ``envelope.issuer`` must be the key's thumbprint."""
    if envelope.issuer != thumbprint(key):
        raise ValueError("an envelope is signed by its issuer's key")
    header = {"alg": ALGORITHM, "kid": envelope.issuer, "typ": _type_of(envelope.schema)}
    # joserfc writes the header in the order given, without spaces: this is its canonical form.
    return jws.serialize_compact(header, envelope.payload, key, registry=_REGISTRY)


def open_envelope(
    token: str | bytes,
    keys: Mapping[str, OKPKey],
    *,
    schema: str,
    audience: str,
    now: datetime,
) -> Envelope:
    """The envelope in ``token``, if it is signed by one of ``keys`` (thumbprint → public key).

    ``schema`` is the only one accepted; ``audience`` is the reader's own thumbprint. Nothing of
    the payload is looked at before the signature is verified. Raises the refusals of
    ``federation.errors``, each with its own code.
    """
    text = _as_ascii(token)
    header_part, payload_part, signature_part = _split(text)
    header = _read_header(header_part)
    if header["alg"] != ALGORITHM:
        raise WrongAlgorithm(algorithm=_shown(header["alg"]))
    if header["typ"] != _type_of(schema):
        raise WrongType(given=_shown(header["typ"]), expected=_type_of(schema))
    key = keys.get(header["kid"])
    if key is None:
        raise UnknownKey(kid=_shown(header["kid"]))
    payload = _decode(payload_part, "the payload", MalformedEnvelope)
    # Spare bits in the last character would let a byte change without the signature changing.
    _decode(signature_part, "the signature", BadSignature)
    try:
        jws.deserialize_compact(text, key, registry=_REGISTRY)
    except (JoseError, ValueError) as error:
        raise BadSignature from error

    envelope = _read_payload(payload)
    if envelope.schema != schema:
        raise WrongType(given=_shown(envelope.schema), expected=schema)
    if envelope.issuer != header["kid"]:
        raise UnknownKey(kid=_shown(envelope.issuer))
    if envelope.audience not in (audience, EVERY_NODE) or (
        envelope.audience == EVERY_NODE and schema != DEFINITION
    ):
        raise OtherAudience(audience=_shown(envelope.audience))
    if envelope.issued_at > now + CLOCK_TOLERANCE:
        raise NotYetValid(issued_at=_write_moment(envelope.issued_at))
    if envelope.expires_at is not None and now > envelope.expires_at:
        raise Expired(expires_at=_write_moment(envelope.expires_at))
    return envelope


def _as_ascii(token: str | bytes) -> str:
    if len(token) > SIZE_LIMIT:
        raise EnvelopeTooLarge(size=len(token), limit=SIZE_LIMIT)
    try:
        return token.decode("ascii") if isinstance(token, bytes) else token.encode("ascii").decode()
    except UnicodeError:
        raise MalformedEnvelope(reason="it holds bytes outside ASCII") from None


def _split(text: str) -> list[str]:
    parts = text.split(".")
    if len(parts) != 3:
        raise MalformedEnvelope(reason="expected three parts separated by dots")
    return parts


def _read_header(part: str) -> dict[str, str]:
    raw = _decode(part, "the header", MalformedEnvelope)
    header = _read_canonical(raw)
    if set(header) != {"alg", "kid", "typ"} or not all(
        isinstance(value, str) for value in header.values()
    ):
        raise MalformedEnvelope(reason="the header holds something else than alg, kid and typ")
    return header


def _read_payload(raw: bytes) -> Envelope:
    try:
        payload = _Payload.model_validate(_read_canonical(raw))
        return Envelope(
            schema=payload.schema_,
            issuer=payload.issuer,
            audience=payload.audience,
            consultation=payload.consultation,
            sequence=payload.sequence,
            previous=payload.previous,
            issued_at=_read_moment(payload.issued_at),
            expires_at=_read_moment(payload.expires_at) if payload.expires_at else None,
            body=payload.body,
        )
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise MalformedEnvelope(reason=f"{place}: {first['msg']}") from None
    except ValueError:
        raise MalformedEnvelope(reason="a moment that does not exist") from None


def _read_canonical(raw: bytes) -> dict[str, Any]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise MalformedEnvelope(reason="it cannot be read as JSON") from None
    try:
        canonical = rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, RecursionError):
        raise NotCanonical from None
    if canonical != raw:
        raise NotCanonical
    if not isinstance(document, dict):
        raise MalformedEnvelope(reason="expected a JSON object")
    return document


def _decode(
    part: str, what: str, refusal: type[MalformedEnvelope] | type[InvalidKey] | type[BadSignature]
) -> bytes:
    """base64url without padding, in its only form."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        raise refusal(reason=f"{what} is not base64url") from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise refusal(reason=f"{what} is not base64url in its shortest form")
    return raw


def _type_of(schema: str) -> str:
    """``waymark/release/1`` → ``waymark-release-1+jws``: RFC 8725 asks for explicit types."""
    return schema.replace("/", "-") + "+jws"


def _shown(value: str) -> str:
    """A stranger's value, fit for a message."""
    return "".join(c for c in value[:60] if c.isprintable()) or "nothing"


def _write_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
