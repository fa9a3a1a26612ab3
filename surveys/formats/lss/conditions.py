"""LimeSurvey's table of conditions, which files from before relevance expressions rely on.

Where a question has both, the relevance was made from the table and is what LimeSurvey follows.
"""

from collections import defaultdict

_METHODS = {"==", "!=", "<", "<=", ">", ">="}


def expression_from_table(rows: list[dict[str, str]]) -> str:
    """The relevance expression LimeSurvey itself makes of the rows of one question.

    Within a scenario, rows about the same field are alternatives, different fields must all hold;
    one scenario that holds is enough.
    """
    scenarios: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        said = row.get("cfieldname", "").strip()
        scenarios[row.get("scenario", "1")][said].append(_one(said, row))
    return " or ".join(
        "(" + " and ".join(f"({' or '.join(tests)})" for tests in fields.values()) + ")"
        for _, fields in sorted(scenarios.items())
    )


def _one(said: str, row: dict[str, str]) -> str:
    method, value = row.get("method", "==").strip(), row.get("value", "")
    if method not in _METHODS:
        # "RX" is a regular expression: named so that it is refused and reported as it stands.
        return f'regexMatch("{value}", {said})'
    # What is known of the person is written in braces: {TOKEN:FIRSTNAME}.
    name = said.removeprefix("+").strip("{}")
    if not value.strip() and method in ("==", "!="):
        return f"{'!' if method == '!=' else ''}is_empty({name}.NAOK)"
    if _names_option(said, name, row):
        # A ticked option is named by its code beside the number of its question.
        name, value = f"{name}{value}", "Y"
    if value.startswith("@") and value.endswith("@") and len(value) > 2:
        # The answer to another question.
        return f"{name}.NAOK {method} {value.strip('@')}.NAOK"
    if value.startswith("{") and value.endswith("}"):
        return f"{name}.NAOK {method} {value.strip('{}')}"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}.NAOK {method} "{escaped}"'


def _names_option(said: str, name: str, row: dict[str, str]) -> bool:
    return row.get("ticks") == "1" and not said.startswith("+") and name.endswith(row["cqid"])
