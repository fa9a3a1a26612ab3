"""The answer to a form never reaches the browser, which sends the form again."""

import itertools
import re
from collections.abc import Callable, Iterator

import pytest

from loadtests.respondent import Respondent, Unanswered
from tests.integration.faults.conftest import Site
from tests.integration.faults.cutting_proxy import CuttingProxy, Fault

LOST = (Fault.SWALLOW, Fault.CUT_ANSWER, Fault.VANISH)


@pytest.fixture
def proxy(site: Site) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(site.port)
    yield proxy
    proxy.close()


def given_answers(person: Respondent) -> dict[str, object]:
    return {code: value for code, value in person.acknowledged.items() if value not in (None, [])}


def test_every_form_is_sent_until_its_answer_arrives(
    site: Site, proxy: CuttingProxy, person: Callable[..., Respondent]
) -> None:
    """Each answer is lost three times, each time in another way, before one arrives."""
    before, drafts = site.count("responses"), site.count("drafts")
    faults = itertools.cycle((*LOST, None))
    proxy.next_fault = lambda: next(faults)
    somebody = person(proxy.address, seed=5)
    somebody.go()
    assert somebody.resent >= 3 * 5  # background, three sections, submission
    assert site.count("responses") == before + 1
    # Of the drafts begun by the very first form the browser was never told the code.
    assert somebody.forgotten == 3
    assert site.count("drafts") == drafts + 3
    told = [re.findall(rb"(?m)^Location: \S*(/receipts/\S+)", answer) for answer in proxy.swallowed]
    receipts = {found.decode() for found in itertools.chain.from_iterable(told)}
    assert receipts == {somebody.receipt}
    answers = site.answers(somebody.reference)
    assert answers == given_answers(somebody)


@pytest.mark.parametrize("lost", LOST)
def test_a_submission_sent_again_leads_to_the_same_receipt(
    site: Site, proxy: CuttingProxy, person: Callable[..., Respondent], lost: Fault
) -> None:
    responses, leaves = site.count("responses"), site.count("audit_entries WHERE event IS NULL")
    waiting = site.count("outbox_messages WHERE topic = 'projection.response'")
    somebody = person(proxy.address, seed=6)
    submit = somebody.submit

    def submit_badly(*words: object) -> None:
        faults = iter([lost, lost])
        proxy.next_fault = lambda: next(faults, None)
        submit(*words)  # type: ignore[arg-type]

    somebody.submit = submit_badly  # type: ignore[method-assign]
    somebody.go()
    assert somebody.resent == 2
    assert site.count("responses") == responses + 1
    assert site.count("audit_entries WHERE event IS NULL") == leaves + 1
    assert site.count("outbox_messages WHERE topic = 'projection.response'") == waiting + 1
    answers = site.answers(somebody.reference)
    assert answers == given_answers(somebody)


def test_a_form_that_arrives_in_part_changes_nothing(
    site: Site, proxy: CuttingProxy, person: Callable[..., Respondent]
) -> None:
    somebody = person(proxy.address, seed=7, submits=False)
    somebody.go()
    saved = somebody.stored()
    somebody.patience = lambda: False
    proxy.next_fault = lambda: Fault.CUT_REQUEST
    for path in somebody.pages:
        with pytest.raises(Unanswered):
            somebody.change(path)
    proxy.next_fault = lambda: None
    assert somebody.stored() == saved
