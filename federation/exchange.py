"""Talking to a hub: definitions in, releases out. The only place that sends anything.

Every answer is read up to a size limit and within a time limit; redirects are not followed: what
is signed for one host is not handed to another.
"""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from federation.envelope import SIZE_LIMIT
from federation.errors import HubRefused, HubUnreachable, Replay

MEDIA_TYPE = "application/jose"
# Seconds to connect, and to wait for the next bytes.
TIMEOUT = (5, 20)


@dataclass(frozen=True, slots=True)
class HubClient:
    """Speaks to the hub at ``url``."""

    url: str

    def fetch_definition(self, slug: str) -> bytes:
        """The signed definition of a consultation. Raises ``HubUnreachable``, ``HubRefused``."""
        return self._call("GET", f"consultations/{quote(slug, safe='')}/definition")

    def deliver(self, token: str, sha256: str) -> bytes:
        """Hand over a signed release; returns the signed acknowledgement.

        If the hub has it already, because an earlier answer was lost on its way, the
        acknowledgement given then is fetched: however often this is called, it counts once.
        """
        try:
            return self._call("POST", "releases", token.encode("ascii"))
        except HubRefused as refusal:
            if refusal.params["their_code"] != Replay.code:
                raise
        return self._call("GET", f"releases/{sha256}/acknowledgement")

    def _call(self, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {"Accept": f"{MEDIA_TYPE}, application/problem+json"}
        if body is not None:
            headers["Content-Type"] = MEDIA_TYPE
        try:
            with requests.Session() as session:
                # A password in ~/.netrc is not ours to send; proxies of the environment are for
                # other machines only.
                session.auth = _without_password
                session.trust_env = not _is_loopback(self.url)
                with session.request(
                    method,
                    f"{self.url}/federation/v1/{path}",
                    data=body,
                    headers=headers,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    content = _read(response)
                    return _checked(response, content)
        except requests.RequestException as error:
            raise HubUnreachable(reason=type(error).__name__) from None


def _without_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _read(response: requests.Response) -> bytes:
    content = b""
    for chunk in response.iter_content(65_536):
        content += chunk
        if len(content) > SIZE_LIMIT:
            raise HubUnreachable(reason=f"its answer has more than {SIZE_LIMIT:,} bytes")
    return content


def _checked(response: requests.Response, content: bytes) -> bytes:
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
    if response.status_code in (200, 201) and media_type == MEDIA_TYPE:
        return content
    if 300 <= response.status_code < 400:
        raise HubUnreachable(reason="it points to another address, which is not followed")
    if media_type == "application/problem+json":
        problem = _problem(content)
        raise HubRefused(
            their_code=str(problem.get("code", "unknown"))[:80],
            reason=str(problem.get("detail", ""))[:500],
        )
    raise HubUnreachable(reason=f"status {response.status_code}, {media_type or 'no'} content")


def _problem(content: bytes) -> dict[str, Any]:
    try:
        problem = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return problem if isinstance(problem, dict) else {}


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
