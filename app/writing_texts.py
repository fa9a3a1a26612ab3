"""What the pages of writing say of versions, suggestions and notices."""

from flask_babel import lazy_gettext as _l

VERSION_KINDS = {
    "written": _l("written"),
    "corrected": _l("a slip corrected"),
    "checked": _l("translation checked"),
    "merged": _l("two wordings joined"),
    "suggestion": _l("suggestion accepted"),
    "restored": _l("restored"),
    "removed": _l("removed"),
    "imported": _l("imported from a file"),
}
SUGGESTION_STATES = {
    "open": _l("open"),
    "accepted": _l("accepted"),
    "rejected": _l("rejected"),
    "withdrawn": _l("withdrawn"),
}
STAGES = {
    "internal_review": _l("internal review"),
    "public_draft": _l("public draft"),
}
NOTICES = {
    "mentioned": _l("%(name)s mentioned you in a comment."),
    "answered": _l("%(name)s answered in a conversation you are in."),
    "suggestion_accepted": _l("Your suggestion was accepted."),
    "suggestion_rejected": _l("Your suggestion was not taken up; the reason is there."),
    "approval_wanted": _l("An edition waits for your approval."),
}
