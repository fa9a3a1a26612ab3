"""Why something about a vote is refused."""

from core.errors import Conflict, Forbidden, InvalidInput, NotFound


class UnknownMember(InvalidInput):
    code = "voting.unknown_member"
    template = "“{code}” is not a member that can vote here."
    remedy = "Use the EU's two-letter codes, for example DE, EL or FR."


class DuplicateMember(InvalidInput):
    code = "voting.duplicate_member"
    template = "{member} is named more than once."
    remedy = "Name every member once. GR and EL are the same member."


class ContradictoryVote(InvalidInput):
    code = "voting.contradictory_vote"
    template = "{member} is listed both as voting in favour and as abstaining."
    remedy = "List every member under one choice only."


class NotTakingPart(InvalidInput):
    code = "voting.not_taking_part"
    template = "{member} votes but is not among the members that take part."
    remedy = "Add it to those taking part, or take its vote out."


class UnknownRule(InvalidInput):
    code = "voting.unknown_rule"
    template = "“{rule}” is not a voting rule. Known rules: {known}."
    remedy = "Choose one of the known rules."


class UnknownTable(InvalidInput):
    code = "voting.unknown_population_table"
    template = "There is no population table for {year}. Known years: {known}."
    remedy = "Choose one of the known years."


class UnsuitableElectorate(InvalidInput):
    code = "voting.unsuitable_electorate"
    template = "{reason}"
    remedy = "Choose another rule, or change who takes part."


class InvalidBallots(InvalidInput):
    """The ballots and proxies given cannot be those of one correct vote."""

    code = "voting.invalid_ballots"
    template = "{reason}"


class InvalidExport(InvalidInput):
    code = "voting.invalid_export"
    template = "This is not an export of a vote: {reason}."
    remedy = "Download the file again from the motion's page."


class TamperedExport(Conflict):
    code = "voting.tampered_export"
    template = "This export has been changed after the vote: {reason}."
    remedy = "Do not rely on this file. Download it again and compare the published fingerprint."


class InvalidMotion(InvalidInput):
    code = "voting.invalid_motion"


class UnknownChoice(InvalidInput):
    code = "voting.unknown_choice"
    template = "“{choice}” is not a choice."
    remedy = "Choose yes, no or abstain."


class MotionNotFound(NotFound):
    code = "voting.motion_not_found"
    template = "There is no motion “{slug}”."


class DuplicateMotion(Conflict):
    code = "voting.duplicate_motion"
    template = "There is already a motion “{slug}”."
    remedy = "Choose another short name."


class MotionNotDraft(Conflict):
    code = "voting.not_draft"
    template = "This motion has been opened already."
    remedy = "Create a new motion."


class MotionNotOpen(Conflict):
    code = "voting.not_open"
    template = "This motion is not open for voting."
    remedy = "Ballots and proxies are taken only between opening and closing."


class MotionNotClosed(Conflict):
    code = "voting.not_closed"
    template = "This motion is not closed yet; its ballots are published on closing."
    remedy = "Come back after the vote has been closed."


class ClosedTooEarly(Conflict):
    code = "voting.closed_too_early"
    template = "This vote was announced to stay open until {closes_at}."
    remedy = "Close it after that, or say why it is closed now; the reason is published."


class RecordDamaged(Conflict):
    code = "voting.record_damaged"
    template = "The ballots stored here no longer match the fingerprint frozen on closing."
    remedy = "Compare with an earlier export, and check the audit log."


class AlreadyVoted(Conflict):
    code = "voting.already_voted"
    template = "{delegation} has already voted on this motion."
    remedy = "A ballot that was cast is final and cannot be replaced."


class NotYourDelegation(Forbidden):
    code = "voting.not_your_delegation"
    template = "You cannot vote for {delegation}."
    remedy = "A delegate votes for the own delegation and for the one whose proxy it holds."


class NotInElectorate(Forbidden):
    code = "voting.not_in_electorate"
    template = "{delegation} cannot vote on this motion."
    remedy = "Who can vote was fixed when the motion was opened."


class ProxyGiven(Conflict):
    code = "voting.proxy_given"
    template = "{delegation} has given its proxy to {holder} and cannot vote itself."
    remedy = "Withdraw the proxy first, as long as it has not been used."


class ProxyRefused(Conflict):
    """A proxy that the rules of Article 239 TFEU do not allow."""

    code = "voting.proxy_refused"
    template = "{reason}"
    remedy = "A member may act on behalf of not more than one other member (Article 239 TFEU)."


class ProxyNotFound(NotFound):
    code = "voting.proxy_not_found"
    template = "{delegation} has not given its proxy on this motion."
