"""What an export refuses, with stable codes."""

from core.errors import InvalidInput, NotFound


class UnknownFormat(NotFound):
    """No exporter of that name is registered."""

    code = "exports.unknown_format"
    template = "There is no format “{format}”."
    remedy = "Choose one of: {known}."


class UnsupportedEdition(InvalidInput):
    """The document is not an edition this version of the software can read."""

    code = "exports.unsupported_edition"
    template = "The edition document is of the kind “{schema}”; expected “{expected}”."
