"""What a PDF says, as a reader of PDFs takes it out."""

import io

from pypdf import PdfReader


def text_of(content: bytes) -> str:
    """All its text, without any space."""
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())
