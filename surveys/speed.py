"""How long answering took, no more exactly than the report on unusual responses needs. Pure."""

LONGEST_SECONDS = 3600


def rounded_seconds(seconds: int) -> int | None:
    """To 15 seconds below five minutes, to a minute above, an hour at most; None if negative.

    Coarse on purpose: with the times in a web server's log an exact duration would tell when the
    response was sent.
    """
    if seconds < 0:
        return None
    step = 15 if seconds < 300 else 60
    return min(round(seconds / step) * step, LONGEST_SECONDS)
