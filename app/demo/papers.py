"""The files that simulated organisations attach: a page that says it is simulated, as a PDF."""


def position_paper(number: int) -> bytes:
    """One page of PDF 1.4, the same for the same ``number``."""
    lines = (f"Simulated position paper {number}", "Part of a demonstration. Nobody wrote it.")
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    drawing = f"BT /F1 16 Tf 72 760 Td 24 TL {shown} ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    written, places = "%PDF-1.4\n", []
    for position, content in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{position} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(written)}\n%%EOF\n"
    return f"{written}xref\n0 {count}\n0000000000 65535 f \n{table}{end}".encode("ascii")
