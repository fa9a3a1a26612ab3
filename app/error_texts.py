"""Refusals in the reader's language: error code → (sentence, what to do).

The packages write English; this table has the codes that people meet on pages. The sentences are
``str.format`` templates over the error's parameters; a test keeps them in step with the packages.
"""

from typing import Any

from flask_babel import lazy_gettext as _l

ERROR_TEXTS: dict[str, tuple[Any, Any]] = {
    "forbidden": (_l("You are not allowed to do this."), ""),
    "not_found": (_l("{what} does not exist."), ""),
    "limits.too_many": (
        _l("Too many requests came from this network; try again in {seconds} seconds."),
        "",
    ),
    "accounts.not_found": (_l("There is no such account."), ""),
    "accounts.email_taken": (
        _l("There is already an account for this e-mail address."),
        _l("Sign in, or ask for a new password."),
    ),
    "accounts.delegation_taken": (
        _l("The delegation of {delegation} has a delegate already."),
        "",
    ),
    "tokens.not_found": (_l("There is no such token."), ""),
    "tokens.scope_not_held": (
        _l("A token cannot be given {scope}: the account may not do that itself."),
        _l("Leave it out, or ask an administrator for the role."),
    ),
    "tokens.refused": (
        _l("This token is not valid: {reason}"),
        _l("Make a new token on the page of your account."),
    ),
    "accounts.sign_in_refused": (
        _l("The e-mail address or the password is not right."),
        _l("Check both, or ask for a new password."),
    ),
    "accounts.reset_refused": (
        _l("This link is not valid: it was used already, is too old, or is incomplete."),
        _l("Ask for a new one."),
    ),
    "security.cross_site": (
        _l("This request did not come from a page of this site."),
        _l("Open the page again and repeat what you did."),
    ),
    "security.token": (
        _l("The page was open for too long, or cookies are switched off."),
        _l("Go back, reload the page, and send it again; nothing was changed."),
    ),
    "surveys.not_open": (
        _l("This consultation is not open for responses."),
        _l("See its page for when it opens and closes."),
    ),
    "surveys.consultation_not_found": (_l("There is no such consultation."), ""),
    "surveys.invitation_refused": (
        _l("This invitation is not valid: the link is incomplete or not from us."),
        _l("Check the link in your invitation, or write to the secretariat."),
    ),
    "surveys.invitation_used": (
        _l("This invitation was used already; each is for one response."),
        _l("Continue with the code you were given, or write to the secretariat."),
    ),
    "surveys.invitation_not_found": (
        _l("There is no such invitation; it may have been deleted."),
        "",
    ),
    "surveys.quota_full": (
        _l("No place is left for this response. Nothing was sent; your answers are kept."),
        _l("If a place becomes free you can send them then, until the consultation closes."),
    ),
    "surveys.consultation_full": (
        _l(
            "Every place in this consultation is taken, so it has closed. "
            "What you saved was not sent."
        ),
        _l("See its page for what happens next."),
    ),
    "surveys.quota_not_found": (_l("There is no quota named {code} in this consultation."), ""),
    "surveys.not_scheduled": (
        _l("This consultation has no closing that could be moved."),
        _l("Set its dates first."),
    ),
    "surveys.not_reportable": (
        _l("This consultation is not over; there is nothing to report yet."),
        _l("Report after it has closed."),
    ),
    "uploads.refused": (_l("This file cannot be taken: {reason}."), ""),
    "uploads.storage_full": (
        _l("The file could not be kept: there is no room for it at the moment."),
        _l("Nothing else is lost. Please try again later."),
    ),
    "uploads.not_found": (_l("There is no such file here, or not for you."), ""),
    "surveys.draft_not_found": (
        _l("There are no saved answers for this code."),
        _l("Check the code. Answers that were submitted can be seen on the receipt page."),
    ),
    "surveys.receipt_not_found": (
        _l("There is no response for this receipt."),
        _l("Check the address, or enter the code you were given."),
    ),
    "surveys.proof_refused": (
        _l("The check against automatic sending was missing or not valid."),
        _l("Open the last page again and send once more; everything you filled in is kept."),
    ),
    "surveys.response_withdrawn": (
        _l("This response was withdrawn on {day}; nothing of it is kept."),
        "",
    ),
    "surveys.response_replaced": (
        _l("This response was changed on {day}; the changed one took its place."),
        _l("Use the receipt of the changed response."),
    ),
    "surveys.nothing_to_replace": (
        _l("The response that this was to take the place of was withdrawn or changed meanwhile."),
        _l("Nothing was sent; your answers are kept. Look at the receipt to see how it stands."),
    ),
    "surveys.already_submitted": (
        _l("A response was submitted with this code already."),
        _l("See your receipt."),
    ),
    "surveys.version_frozen": (
        _l("Version {number} of the questionnaire is published and can no longer be changed."),
        _l("Add a new version."),
    ),
    "surveys.block_not_found": (_l("There is no block named {slug} in the library."), ""),
    "surveys.impossible_conditions": (
        _l("{summary}"),
        _l("Correct them, or publish in spite of them."),
    ),
    "surveys.draft_changed_meanwhile": (
        _l("Somebody else changed the questionnaire since you loaded this page."),
        _l("Look at it as it is now, and make your change again."),
    ),
    "surveys.nothing_to_undo": (
        _l("There is no step that could be undone or taken again."),
        "",
    ),
    "surveys.out_for_translation": (
        _l("The questionnaire is out for translation: only its translations can be changed."),
        _l("End the translation first; what was translated stays."),
    ),
    "surveys.invalid_edit": (
        _l("This change cannot be made: {reason}."),
        _l("Load the page again to see the questionnaire as it is now."),
    ),
    "surveys.nothing_published": (
        _l("The consultation {slug} has no published questionnaire yet."),
        "",
    ),
    "surveys.statement_not_found": (_l("There is no such statement."), ""),
    "surveys.statements_not_asked": (
        _l("People cannot add statements of their own to this question."),
        "",
    ),
    "surveys.statement_exists": (
        _l("There is a statement that says the same already: “{text}”"),
        _l("Say whether you agree with that one."),
    ),
    "surveys.statement_refused": (
        _l("This statement was looked at and not accepted: {reason}"),
        _l("Say it in another way."),
    ),
    "surveys.too_many_statements": (
        _l("You have added {maximum} statements; more are not taken from one person."),
        "",
    ),
    "surveys.statement_queue_full": (
        _l("So many statements wait to be looked at that no more can be taken now."),
        _l("Try again tomorrow. You can go on judging the statements there are."),
    ),
    "roadmap.not_found": (_l("There is no such roadmap."), ""),
    "roadmap.not_writable": (
        _l("A text is longer than {limit} characters, and {format} holds no more in one place."),
        _l("Take the draft out as JSON or CSV."),
    ),
    "roadmap.upload_gone": (
        _l("This file is not here any more: files are kept for a day."),
        _l("Choose the file again; nothing was changed."),
    ),
    "roadmap.milestone_not_found": (_l("This roadmap has no milestone “{code}”."), ""),
    "roadmap.picture_too_large": (
        _l("{count} milestones are too many for one picture; {most} is the most there can be."),
        _l("Choose an area, a year or the surroundings of a milestone, and draw that."),
    ),
    "roadmap.no_step_to_undo": (
        _l("There is no change made here that could be taken back."),
        "",
    ),
    "roadmap.cannot_undo": (
        _l("The draft of “{slug}” was changed after that; it cannot be taken back any more."),
        _l("Look at the draft as it is now, and make the change you need."),
    ),
    "roadmap.dependency_not_found": (_l("This roadmap has no dependency {subject}."), ""),
    "roadmap.computation_not_failed": (
        _l("This is being computed, or is computed already; there is nothing to try again."),
        "",
    ),
    "roadmap.invalid_samples": (
        _l("{samples} samples cannot be drawn: from 1 to {most} are possible for this roadmap."),
        _l("Give another number of samples."),
    ),
    "roadmap.scenario_not_found": (_l("There is no scenario “{slug}”."), ""),
    "roadmap.scenario_exists": (
        _l("There is a scenario with the title “{title}” already."),
        _l("Choose another title."),
    ),
    "roadmap.scenario_ended": (
        _l("The scenario “{title}” was adopted or dropped; it cannot be changed any more."),
        "",
    ),
    "roadmap.scenario_changed": (
        _l("Somebody changed the scenario “{title}” meanwhile."),
        _l("Look at it again, then repeat your step."),
    ),
    "roadmap.scenario_conflict": (
        _l("The draft said {was} when the step was made and says {now} now ({count} such places)."),
        _l("Look at the places listed, then adopt all the same or change the scenario."),
    ),
    "roadmap.consultation_not_closed": (
        _l("The consultation “{slug}” has not closed; proposals are collected after that."),
        "",
    ),
    "roadmap.proposal_not_found": (_l("This roadmap has no proposal {number}."), ""),
    "roadmap.proposal_changed": (
        _l("Somebody decided about {number} after you opened it. Nothing of yours was lost."),
        _l("Look at it as it is now, then decide again."),
    ),
    "roadmap.confirmed_by_same_person": (
        _l("You decided about {number} yourself; another person has to confirm it."),
        _l("Ask a colleague to look at it."),
    ),
    "roadmap.nothing_to_undo": (
        _l("There is no decision about {number} that could be undone: {reason}"),
        "",
    ),
    "roadmap.draft_moved_on": (
        _l("The draft was changed again after {number} was applied to it: {reason}"),
        _l("Undo the decision alone and leave the draft, or change the draft back by hand first."),
    ),
    "roadmap.ruling_outdated": (
        _l("Somebody changed the draft of “{slug}” after you opened it."),
        _l("Look at what follows from your decision now, then decide again."),
    ),
    "roadmap.rulings_contradict": (
        _l("What is kept by decision contradicts itself: {cycle}."),
        _l("Take back the decision about one of these: {rulings}."),
    ),
    "roadmap.evidence_exists": (_l("This question is linked to {subject} already."), ""),
    "roadmap.already_withdrawn": (
        _l("Edition {version} of “{slug}” is withdrawn already."),
        "",
    ),
    "roadmap.same_person": (
        _l("This needs a second person; you are the first one."),
        _l("Ask somebody else who may do this."),
    ),
    "roadmap.candidate_not_found": (
        _l("No edition {version} of “{slug}” is being prepared."),
        "",
    ),
    "roadmap.candidate_exists": (
        _l("Edition {version} of “{slug}” is being prepared already."),
        _l("Go on with that one, or end it first."),
    ),
    "roadmap.wrong_stage": (
        _l("Edition {version} is at another stage now."),
        _l("Look at it as it is now."),
    ),
    "roadmap.candidate_changed": (
        _l("Edition {version} was frozen again after you opened it."),
        _l("Look at it as it is now, and approve that."),
    ),
    "roadmap.candidate_outdated": (
        _l("Another edition was published since edition {version} was frozen."),
        _l("Freeze it again; it will follow the newest one, and be approved anew."),
    ),
    "roadmap.not_approved": (
        _l("Edition {version} has {count} of the {needed} approvals it needs."),
        _l("Two people who may approve have to approve exactly this text."),
    ),
    "roadmap.edition_not_found": (_l("This roadmap has no edition {version}."), ""),
    "roadmap.edition_exists": (
        _l("Edition {version} of “{slug}” is published already; an edition never changes."),
        _l("Publish the draft under a higher number."),
    ),
    "roadmap.draft_changed": (
        _l("Somebody changed the draft of “{slug}” after you opened it."),
        _l("Look at the draft as it is now, then publish again."),
    ),
    "editions.still_rendering": (
        _l("The document is being prepared."),
        _l("Try again in a minute."),
    ),
    "voting.unknown_member": (
        _l("“{code}” is not a member that can vote here."),
        _l("Use the EU's two-letter codes, for example DE, EL or FR."),
    ),
    "voting.duplicate_member": (
        _l("{member} is named more than once."),
        _l("Name every member once. GR and EL are the same member."),
    ),
    "voting.contradictory_vote": (
        _l("{member} is listed both as voting in favour and as abstaining."),
        _l("List every member under one choice only."),
    ),
    "voting.not_taking_part": (
        _l("{member} votes but is not among the members that take part."),
        _l("Add it to those taking part, or take its vote out."),
    ),
    "voting.motion_not_found": (_l("There is no such motion."), ""),
    "voting.duplicate_motion": (
        _l("There is already a motion “{slug}”."),
        _l("Choose another short name."),
    ),
    "voting.not_draft": (_l("This motion has been opened already."), _l("Create a new motion.")),
    "voting.not_open": (
        _l("This motion is not open for voting."),
        _l("Ballots and proxies are taken only between opening and closing."),
    ),
    "voting.not_closed": (
        _l("This motion is not closed yet; its ballots are published on closing."),
        _l("Come back after the vote has been closed."),
    ),
    "voting.closed_too_early": (
        _l("This vote was announced to stay open until {closes_at}."),
        _l("Close it after that, or say why it is closed now; the reason is published."),
    ),
    "voting.already_voted": (
        _l("{delegation} has already voted on this motion."),
        _l("A ballot that was cast is final and cannot be replaced."),
    ),
    "voting.not_your_delegation": (
        _l("You cannot vote for {delegation}."),
        _l("A delegate votes for the own delegation and for the one whose proxy it holds."),
    ),
    "voting.not_in_electorate": (
        _l("{delegation} cannot vote on this motion."),
        _l("Who can vote was fixed when the motion was opened."),
    ),
    "voting.proxy_given": (
        _l("{delegation} has given its proxy to {holder} and cannot vote itself."),
        _l("Withdraw the proxy first, as long as it has not been used."),
    ),
    "voting.proxy_not_found": (_l("{delegation} has not given its proxy on this motion."), ""),
    "surveys.invalid_questionnaire": (
        "{summary}",
        _l("Correct what is named and import the file again."),
    ),
    "surveys.invalid_invitation_list": (
        "{summary}",
        _l("Correct the lines named. Nothing was imported."),
    ),
    "surveys.invalid_answers": (
        _l("{count} of the answers cannot be accepted: {summary}"),
        "",
    ),
    "surveys.invalid_profile": (
        _l("Some of the background answers cannot be accepted: {summary}"),
        "",
    ),
    "surveys.unknown_split": (
        _l("Results cannot be split by {name}; expected one of {expected}."),
        "",
    ),
    "surveys.responses_deleted": (
        _l("The responses to {slug} were deleted at the end of their retention."),
        _l("Their counts are kept and cannot be built anew."),
    ),
    "surveys.projection_damaged": (
        _l("The results of {slug} cannot be brought up to date: {file} is missing."),
        _l("Build them anew from the responses: `flask surveys rebuild {slug}`."),
    ),
    "surveys.already_imported": (
        _l("There is a consultation named {slug} already; nothing was imported."),
        _l("Choose another short name."),
    ),
    "roadmap.rule_not_found": (_l("There is no such rule for evidence."), ""),
    "roadmap.rule_declared": (
        _l("The rule {rule} is declared for {source} already."),
        _l("Replace it: what was declared stays, and the new one takes the next number."),
    ),
    "roadmap.rule_ended": (
        _l("The rule {rule} for {source} has ended already."),
        _l("Look at the rules as they are now."),
    ),
    "roadmap.evidence_not_found": (
        _l("There is no such link between a question and the roadmap."),
        "",
    ),
    "roadmap.edition_damaged": (
        _l("Edition {version} of “{slug}” does not match its fingerprint: {reason}"),
        _l("Restore it from a backup, and compare the published documents."),
    ),
    "voting.unknown_rule": (
        _l("“{rule}” is not a voting rule. Known rules: {known}."),
        _l("Choose one of the known rules."),
    ),
    "voting.unknown_population_table": (
        _l("There is no population table for {year}. Known years: {known}."),
        _l("Choose one of the known years."),
    ),
    "voting.unknown_choice": (
        _l("“{choice}” is not a choice."),
        _l("Choose yes, no or abstain."),
    ),
    "voting.unsuitable_electorate": (
        "{reason}",
        _l("Choose another rule, or change who takes part."),
    ),
    "voting.proxy_refused": (
        "{reason}",
        _l("A member may act on behalf of not more than one other member (Article 239 TFEU)."),
    ),
    "voting.record_damaged": (
        _l("The ballots stored here no longer match the fingerprint frozen on closing."),
        _l("Compare with an earlier export, and check the audit log."),
    ),
    "federation.node_not_found": (_l("There is no node named {name}."), ""),
    "federation.not_shared": (_l("The consultation {slug} is not shared with nodes."), ""),
    "federation.node_exists": (
        _l("A node with this name or this key is registered already ({name})."),
        "",
    ),
    "federation.invalid_key": (
        _l("This is not an Ed25519 key as JWK: {reason}."),
        _l("Give what `flask federation keys --json` printed on the other instance."),
    ),
    "roadmap.chapter_not_found": (_l("The roadmap “{slug}” has no chapter “{code}”."), ""),
    "roadmap.paragraph_not_found": (_l("The roadmap “{slug}” has no paragraph “{code}”."), ""),
    "roadmap.paragraph_removed": (
        _l("Paragraph {code} has been removed."),
        _l("Restore it first; its history is kept."),
    ),
    "roadmap.wording_changed": (
        _l("Somebody changed paragraph {code} after you opened it."),
        _l("Look at it as it is now, then do it again."),
    ),
    "roadmap.wording_conflict": (
        _l("Somebody changed the same sentences of paragraph {code} while you did."),
        _l("Choose what is to stand; both wordings are there."),
    ),
    "roadmap.version_not_found": (_l("Paragraph {code} has no version {number}."), ""),
    "roadmap.suggestion_not_found": (_l("There is no such suggestion."), ""),
    "roadmap.suggestion_decided": (
        _l("This suggestion is not open any more."),
        _l("See the paragraph's page for what became of it."),
    ),
    "roadmap.comment_not_found": (_l("There is no such comment."), ""),
    "roadmap.draft_not_open": (
        _l("The draft of “{slug}” is not open to you for comments now."),
        _l("It opens when it goes into review."),
    ),
}
