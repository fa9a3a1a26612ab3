"""Who uses the site during a load test, as Locust users: citizens, readers, delegates.

Each has a twin that makes the same requests of the bare application, with the same names, so that
the two can be compared line by line. All of them read ``environment.plan``, see ``generate.py``.
"""

import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from locust import FastHttpUser, constant_pacing, task
from locust.exception import StopUser
from respondent import proven

_HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')
_REFERENCE = re.compile(r"<dd[^>]*>\s*([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2})\s*</dd>")
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
PROFILE = {"respondent_type": "eu_citizen", "country": "PT", "action": "next"}
PUBLICATION = {"publication": "anonymous", "consent": "yes"}
VARIANTS = 40


class Broken(Exception):
    """A step did not go as it should; it is counted, and the journey ends there."""


class Visitor(FastHttpUser):
    """Makes requests one after the other over a kept connection, as a browser does."""

    abstract = True
    connection_timeout = network_timeout = 30.0

    def ask(self, name: str, method: str, path: str, *, data: Any = None, expect: int = 200) -> Any:
        body = urlencode(data, doseq=True) if data is not None else None
        with self.client.request(
            method, path, name=name, data=body, headers=_FORM if body else None,
            allow_redirects=False, catch_response=True,
        ) as response:  # fmt: skip
            if response.status_code != expect:
                response.failure(f"{method} {name}: expected {expect}, got {response.status_code}")
                raise Broken
            return response

    def complain(self, what: str) -> None:
        self.environment.recording.count_error(what)
        raise Broken

    @contextmanager
    def journey(self, kind: str) -> Iterator[None]:
        """Time what happens inside as one journey, if it comes to its end."""
        started = time.perf_counter()
        try:
            yield
        except Broken:
            time.sleep(0.1)  # a server that refuses everything is not hammered
        else:
            self.environment.recording.journey(kind, (time.perf_counter() - started) * 1000)


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's last form: its token, and what it asked."""
    return dict(_HIDDEN.findall(page))


def answer_variants(questionnaire: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Form fields by section code, in some forty variants, the same at every run."""
    chance = random.Random(14)
    return {
        section["code"]: [
            {
                name: value
                for question in section["questions"]
                for name, value in _answer(question, chance).items()
            }
            for _ in range(VARIANTS)
        ]
        for section in questionnaire["sections"]
    }


def _answer(question: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    code, kind = question["code"], question["type"]
    options = [option["code"] for option in question.get("options", ())]
    if kind == "single_choice":
        return {code: chance.choice(options)}
    if kind == "multiple_choice":
        return {code: chance.sample(options, question.get("max_choices") or 2)}
    if kind == "matrix":
        return {f"{code}.{row['code']}": chance.choice(options) for row in question["rows"]}
    if kind == "number":
        return {code: chance.randint(question["minimum"], question["maximum"])}
    if kind == "date":
        return {code: question["minimum"][:8] + f"{chance.randint(1, 28):02}"}
    words = ("networks", "that", "work", "everywhere", "and", "that", "people", "can", "afford")
    return {code: " ".join(chance.choices(words, k=5 if kind == "short_text" else 60))}


class Citizen(Visitor):
    """Answers the consultation from its page to the receipt, without JavaScript or pauses."""

    @task
    def answer(self) -> None:
        plan = self.environment.plan
        base = f"/consultations/{plan['consultation']}"
        self.client.cookiejar.clear()
        with self.journey("citizen"):
            self.ask("landing", "GET", base)
            self.ask("start", "GET", f"{base}/answer", expect=303)
            form = hidden_fields(self.ask("about-you", "GET", f"{base}/answer/about-you").text)
            self.ask(
                "about-you", "POST", f"{base}/answer/about-you", data=form | PROFILE, expect=303
            )
            for section, variants in plan["answers"].items():
                address = f"{base}/answer/section/{section}"
                form = hidden_fields(self.ask("section", "GET", address).text)
                answers = random.choice(variants)
                self.ask(
                    "section", "POST", address, data=form | answers | {"action": "next"}, expect=303
                )
            form = hidden_fields(self.ask("review", "GET", f"{base}/answer/review").text)
            sent = self.ask(
                "review", "POST", f"{base}/answer/review",
                data=form | proven(form) | PUBLICATION, expect=303,
            )  # fmt: skip
            receipt = self.ask("receipt", "GET", sent.headers["Location"]).text
            reference = _REFERENCE.search(receipt)
            if reference is None:
                self.complain("a receipt without a reference")
            self.environment.recording.references.append(reference.group(1))


class BareCitizen(Visitor):
    """The same requests of the bare application."""

    @task
    def answer(self) -> None:
        plan = self.environment.plan
        with self.journey("citizen"):
            self.ask("landing", "GET", "/landing")
            self.ask("start", "GET", "/start", expect=303)
            form = hidden_fields(self.ask("about-you", "GET", "/about-you").text)
            self.ask("about-you", "POST", "/about-you", data=form | PROFILE, expect=303)
            answers: dict[str, Any] = {}
            for variants in plan["answers"].values():
                form = hidden_fields(self.ask("section", "GET", "/section").text)
                chosen = random.choice(variants)
                answers |= chosen
                self.ask(
                    "section",
                    "POST",
                    "/section",
                    data=form | chosen | {"action": "next"},
                    expect=303,
                )
            form = hidden_fields(self.ask("review", "GET", "/review").text)
            # What is inserted are all the answers, as in ours.
            self.ask("review", "POST", "/review", data=form | answers | PUBLICATION, expect=303)
            self.ask("receipt", "GET", "/receipt")


class Reader(Visitor):
    """Reads the results of a closed consultation meanwhile: two pages twice a second."""

    wait_time = constant_pacing(0.5)

    @task
    def read(self) -> None:
        base = f"/consultations/{self.environment.plan['archive']}/results"
        with self.journey("reader"):
            self.ask("results", "GET", base)
            self.ask("result", "GET", f"{base}/Q1")


class BareReader(Visitor):
    wait_time = constant_pacing(0.5)

    @task
    def read(self) -> None:
        with self.journey("reader"):
            self.ask("results", "GET", "/results")
            self.ask("result", "GET", "/result")


class Delegate(Visitor):
    """Signs in once, then votes on one motion after the other, every two seconds."""

    wait_time = constant_pacing(2)

    def on_start(self) -> None:
        plan = self.environment.plan
        self.account = plan["accounts"].pop()
        self.motions = iter(plan["motions"])
        try:
            form = hidden_fields(self.ask("sign-in", "GET", "/sign-in").text)
            form |= {"email": self.account["email"], "password": self.account["password"]}
            self.ask("sign-in", "POST", "/sign-in", data=form, expect=303)
        except Broken:
            raise StopUser from None

    @task
    def vote(self) -> None:
        motion = next(self.motions, None)
        if motion is None:
            raise StopUser
        address = f"/votes/{motion}/ballot"
        ballot = {"delegation": self.account["delegation"], "choice": "yes"}
        with self.journey("delegate"):
            self.ask("motion", "GET", f"/votes/{motion}")
            form = hidden_fields(self.ask("ballot", "GET", address).text)
            form = hidden_fields(self.ask("check", "POST", address, data=form | ballot).text)
            self.ask("cast", "POST", address, data=form | ballot | {"step": "cast"}, expect=303)
            page = self.ask("voted", "GET", address).text
            if 'value="abstain"' in page:
                self.complain("a ballot that was cast is asked for again")


class BareDelegate(Visitor):
    wait_time = constant_pacing(2)

    @task
    def vote(self) -> None:
        with self.journey("delegate"):
            self.ask("motion", "GET", "/motion")
            form = hidden_fields(self.ask("ballot", "GET", "/ballot").text)
            form = hidden_fields(self.ask("check", "POST", "/check", data=form | PUBLICATION).text)
            self.ask("cast", "POST", "/cast", data=form | PUBLICATION, expect=303)
            self.ask("voted", "GET", "/voted")


OURS = (Citizen, Reader, Delegate)
BARE = (BareCitizen, BareReader, BareDelegate)
