"""Settings: read once from the environment, checked, never changed.

Every setting is documented in docs/operations.md; a test keeps the two in step.
"""

import os
import secrets
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.text import LANGUAGES


class Settings(BaseSettings):
    """What an operator may set. ``DATABASE_URL`` stands alone; the others begin with WAYMARK_."""

    model_config = SettingsConfigDict(
        env_prefix="WAYMARK_", extra="ignore", frozen=True, populate_by_name=True
    )

    # Where everything the instance writes goes: database, keys, documents, projection.
    instance: Path = Path("instance")
    # SQLite in the instance folder unless set: postgresql://user:password@host/name.
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    # Signs sessions; generated into the instance folder unless set.
    secret_key: str = ""
    # How people reach us; used in e-mails and to decide whether cookies are secure.
    public_url: str = "http://127.0.0.1:8000"
    # How many proxies in front of us set X-Forwarded-* headers.
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    # Languages of the interface; content may be in any of the 24.
    languages: Annotated[tuple[str, ...], NoDecode] = ("en", "fr")
    brand_name: str = "Waymark"
    # Address of a logo on this host ("/static/…"); empty: a word mark.
    brand_logo: str = ""
    # Who answers questions about accessibility and data protection; shown in the footer pages.
    contact_email: str = "contact@example.eu"
    controller_name: str = "the operator of this site"
    # smtp://user:password@host:587 or smtps://…; empty: e-mails are files in instance/mail.
    smtp_url: str = ""
    mail_from: str = "Waymark <no-reply@example.eu>"
    # redis://… when several machines share the work; empty: SQLite in the instance folder.
    queue_url: str = ""
    # Where rate limits are counted: memory:// in one process, redis://… for several.
    rate_limit_store: str = "memory://"
    sign_in_limit: str = "10 per minute; 60 per hour"
    # Of one address; a subnet (IPv6 /64) and a network (IPv4 /24, IPv6 /48) may do more.
    saving_limit: str = "1200 per minute"
    submission_limit: str = "60 per minute; 1000 per hour"
    limit_factor_subnet: int = Field(default=2, ge=1, le=1000)
    limit_factor_network: int = Field(default=4, ge=1, le=1000)
    # Proof of work: a browser computes about 2^bits hashes; more while the rates are busy.
    proof_bits: int = Field(default=18, ge=8, le=26)
    proof_bits_most: int = Field(default=22, ge=8, le=28)
    # Submissions a minute that are still usual: of everybody, and of one network.
    proof_usual_site: int = Field(default=600, ge=1)
    proof_usual_network: int = Field(default=60, ge=1)
    # So many responses a minute of one network need no solved proof: a handful is no flood.
    proof_free_network: int = Field(default=10, ge=0)
    # Without a script: how old a challenge must be, and how many of one address are taken so.
    proof_wait_seconds: int = Field(default=20, ge=15, le=120)
    unproven_limit: str = "10 per minute; 100 per hour"
    # Anonymous public pages may be this many seconds old.
    page_cache_seconds: int = Field(default=5, ge=0, le=3600)
    # Drafts that nobody saved for this long are deleted.
    draft_days: int = Field(default=180, ge=1)
    max_request_bytes: int = Field(default=2_000_000, ge=10_000)
    # Connections kept open per worker process (PostgreSQL).
    database_pool: int = Field(default=8, ge=1, le=100)
    # Bearer token for /metrics; empty: this machine only.
    metrics_token: str = ""
    log_level: str = "INFO"

    @field_validator("languages", mode="before")
    @classmethod
    def _split_languages(cls, value: object) -> object:
        if isinstance(value, str):
            value = tuple(code.strip() for code in value.split(",") if code.strip())
        unknown = [code for code in value if code not in LANGUAGES]  # type: ignore[attr-defined]
        if unknown or not value:
            raise ValueError(f"expected codes among {', '.join(LANGUAGES)}; got {value!r}")
        return value

    @field_validator("instance")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.instance / 'waymark.sqlite'}"

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")


def load_or_create_secret(settings: Settings) -> str:
    """The secret that signs sessions: the setting, else a generated file only we can read."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.instance / "secret_key"
    settings.instance.mkdir(parents=True, exist_ok=True)
    try:
        # Exclusive: of two processes that start at once, one writes and both read the same.
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        secret = secrets.token_hex(32)
        file.write(secret + "\n")
    return secret
