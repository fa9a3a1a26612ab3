"""Refusals in the exchange between instances. Each has a code of its own: the other side's
operator sees it and must be able to tell a broken line from a forged message."""

from core.errors import Conflict, Forbidden, InvalidInput, NotFound


class MalformedEnvelope(InvalidInput):
    code = "federation.malformed"
    template = "This is not a signed message of this network: {reason}."


class EnvelopeTooLarge(InvalidInput):
    code = "federation.too_large"
    template = "The message has {size:,} bytes; at most {limit:,} are accepted."


class WrongAlgorithm(InvalidInput):
    code = "federation.algorithm"
    template = "The message names the algorithm {algorithm}; only Ed25519 is accepted."


class WrongType(InvalidInput):
    code = "federation.type"
    template = "The message is of type {given}; {expected} was expected here."


class UnknownKey(Forbidden):
    code = "federation.unknown_key"
    template = "The message is signed with a key that is not registered here ({kid})."
    remedy = "Compare the thumbprints on both sides, by telephone for instance."


class BadSignature(Forbidden):
    code = "federation.signature"
    template = "The signature does not match: the message was changed, or another key signed it."


class NotCanonical(InvalidInput):
    code = "federation.not_canonical"
    template = "The message is not canonical JSON (RFC 8785)."


class Expired(Conflict):
    code = "federation.expired"
    template = "The message was valid until {expires_at} only."
    remedy = "Ask for a new one."


class NotYetValid(Conflict):
    code = "federation.not_yet_valid"
    template = "The message says it was issued at {issued_at}, which is in the future."
    remedy = "Set the clocks of both instances."


class OtherAudience(Forbidden):
    code = "federation.audience"
    template = "The message is meant for another instance ({audience})."


class InvalidKey(InvalidInput):
    code = "federation.invalid_key"
    template = "This is not an Ed25519 key as JWK: {reason}."
    remedy = "Give what `flask federation keys --json` printed on the other instance."


class InvalidAddress(InvalidInput):
    code = "federation.invalid_address"
    template = "{reason}"


class NodeNotFound(NotFound):
    code = "federation.node_not_found"
    template = "There is no node named {name}."


class NodeExists(Conflict):
    code = "federation.node_exists"
    template = "A node with this name or this key is registered already ({name})."


class NoHub(Conflict):
    code = "federation.no_hub"
    template = "This instance knows no hub."
    remedy = "Register it with `flask federation hub set`."


class NotShared(NotFound):
    code = "federation.not_shared"
    template = "The consultation {slug} is not shared with nodes."


class SlugTaken(Conflict):
    code = "federation.slug_taken"
    template = "A consultation named {slug} exists here already and was not pulled from the hub."


class OutdatedDefinition(Conflict):
    code = "federation.outdated_definition"
    template = "The hub sent definition {given} of {slug}, but definition {known} is known here."


class UnknownConsultation(NotFound):
    code = "federation.unknown_consultation"
    template = "The consultation {slug} is not shared by this hub."


class OtherQuestionnaire(Conflict):
    code = "federation.other_questionnaire"
    template = "The release counts answers to another questionnaire ({given}) than {expected}."
    remedy = "Pull the definition again and release anew."


class Replay(Conflict):
    code = "federation.replay"
    template = "Release {sequence} was received before; it is not counted again."
    remedy = "Its acknowledgement can be fetched by its hash."


class ConflictingRelease(Conflict):
    code = "federation.conflicting_release"
    template = "Another release was received under the number {sequence} before."


class Gap(Conflict):
    code = "federation.gap"
    template = "Release {expected} is missing: this one is number {sequence}."
    remedy = "Send the releases in their order."


class BrokenChain(Conflict):
    code = "federation.chain"
    template = "Release {sequence} does not name the one before it as its predecessor."


class InconsistentRelease(InvalidInput):
    code = "federation.inconsistent"
    template = "The counts cannot be right: {reason}."


class NotSuppressed(InvalidInput):
    code = "federation.not_suppressed"
    template = "The release shows what must be hidden: {reason}."
    remedy = "Small counts are hidden at the node, before anything is sent."


class TooFewNew(Conflict):
    code = "federation.too_few_new"
    template = (
        "Only {count} responses came or went since release {sequence}: "
        "the difference of the two would point at them."
    )
    remedy = "Release again when at least 5 have changed, best of all after closing."


class HubUnreachable(Conflict):
    code = "federation.unreachable"
    template = "The hub did not answer as expected: {reason}."
    remedy = "Nothing was lost: run the command again."


class HubRefused(Conflict):
    """The hub's own refusal; ``their_code`` is its code."""

    code = "federation.refused"
    template = "The hub refused with {their_code}: {reason}"
