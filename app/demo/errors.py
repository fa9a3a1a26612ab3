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


class PortTaken(Conflict):
    code = "demo.port_taken"
    template = "Port {port} of this machine is in use already."
    remedy = "Choose another: `make demo DEMO_PORT=8001`."


class ServerFailed(Conflict):
    code = "demo.server_failed"
    template = "The web server ended before it answered (exit status {status})."
    remedy = "Its own messages above say why."
