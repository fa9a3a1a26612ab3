"""Tables of rows as the XML of a LimeSurvey structure export."""

import re
from xml.sax.saxutils import escape

Row = dict[str, str]

# LimeSurvey 6.
DB_VERSION = "640"
# What XML 1.0 has no way to say.
_UNSAYABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_tables(tables: dict[str, list[Row]], languages: list[str]) -> bytes:
    """The file; tables in the order in which LimeSurvey itself writes them, by name."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<document>",
        " <LimeSurveyDocType>Survey</LimeSurveyDocType>",
        f" <DBVersion>{DB_VERSION}</DBVersion>",
        " <languages>",
        *(f"  <language>{escape(language)}</language>" for language in languages),
        " </languages>",
    ]
    for name, rows in sorted(tables.items()):
        parts += [f" <{name}>", "  <fields>"]
        fields = dict.fromkeys(field for row in rows for field in row)
        parts += [f"   <fieldname>{field}</fieldname>" for field in fields]
        parts += ["  </fields>", "  <rows>"]
        for row in rows:
            cells = [f"    {_cell(field, row[field])}" for field in fields if field in row]
            parts += ["   <row>", *cells, "   </row>"]
        parts += ["  </rows>", f" </{name}>"]
    return "\n".join([*parts, "</document>", ""]).encode()


def _cell(field: str, value: str) -> str:
    if not value:
        return f"<{field}/>"
    clean = _UNSAYABLE.sub("", value).replace("]]>", "]]]]><![CDATA[>")
    return f"<{field}><![CDATA[{clean}]]></{field}>"
