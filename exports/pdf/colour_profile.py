"""The sRGB colour profile that an archived PDF must carry (PDF/A-2, clause 6.2.3).

Built here from the published numbers rather than taken from a file: IEC 61966-2-1 gives the
tone curve, its primaries adapted to D50 (Bradford) give the three columns, ICC.1:2001-04 the
layout. So it has no licence of its own and is the same on every machine.
"""

import struct
from functools import lru_cache

_CURVE_POINTS = 1024
# The primaries and the white point as CIE XYZ under D50.
_COLUMNS = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
    b"wtpt": (0.96420, 1.0, 0.82491),
}
_NAME = b"sRGB IEC61966-2.1 compatible"
_RIGHTS = b"No rights reserved"


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(value * 65536))


def _linear(signal: float) -> float:
    """The light that an encoded signal stands for, both in 0–1 (IEC 61966-2-1)."""
    if signal <= 0.04045:
        return signal / 12.92
    return float(((signal + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=1)
def srgb_profile() -> bytes:
    """A version 2 display profile: three columns, one shared tone curve."""
    points = [round(_linear(index / (_CURVE_POINTS - 1)) * 65535) for index in range(_CURVE_POINTS)]
    curve = struct.pack(f">4sII{_CURVE_POINTS}H", b"curv", 0, _CURVE_POINTS, *points)
    description = (
        struct.pack(">4sII", b"desc", 0, len(_NAME) + 1)
        + _NAME
        + b"\0"
        + struct.pack(">IIHB67x", 0, 0, 0, 0)
    )
    contents = {
        b"desc": description,
        b"cprt": struct.pack(">4sI", b"text", 0) + _RIGHTS + b"\0",
        **{
            tag: struct.pack(">4sI", b"XYZ ", 0) + b"".join(map(_fixed, xyz))
            for tag, xyz in _COLUMNS.items()
        },
        b"rTRC": curve,
    }
    shared = {b"gTRC": b"rTRC", b"bTRC": b"rTRC"}
    offset = 128 + 4 + 12 * (len(contents) + len(shared))
    places: dict[bytes, tuple[int, int]] = {}
    body = b""
    for tag, content in contents.items():
        places[tag] = (offset + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    places |= {tag: places[source] for tag, source in shared.items()}
    table = struct.pack(">I", len(places)) + b"".join(
        tag + struct.pack(">II", *place) for tag, place in places.items()
    )
    header = struct.pack(
        ">I4sI4s4s4s6H4s4sI4s4sQI",
        offset + len(body),
        b"\0\0\0\0",
        0x02400000,
        b"mntr",
        b"RGB ",
        b"XYZ ",
        *(2026, 1, 1, 0, 0, 0),
        b"acsp",
        b"\0\0\0\0",
        0,
        b"\0\0\0\0",
        b"\0\0\0\0",
        0,
        0,
    ) + b"".join(map(_fixed, _COLUMNS[b"wtpt"]))
    return header.ljust(128, b"\0") + table + body
