"""Refusals of the demonstration."""

from core.errors import Conflict


class NotEmpty(Conflict):
    code = "demo.not_empty"
    template = "This database holds content of its own and cannot become a demonstration."
    remedy = "Point DATABASE_URL or WAYMARK_INSTANCE at an empty place."


class NotADemonstration(Conflict):
    code = "demo.not_a_demonstration"
    template = "This database is not a demonstration; it has no demonstration accounts."
    remedy = "Build one in an empty database with `flask demo build`."
