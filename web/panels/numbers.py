"""The numbers of pull requests in addresses, which anybody may have typed."""

from typing import Final

LARGEST_NUMBER: Final = 2_147_483_647


def number_of_text(text: str) -> int | None:
    """Return the number that a text is; None for what is none, or is larger than a pull request's can be."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(LARGEST_NUMBER)):
        return None
    number = int(text)
    return number if 0 < number <= LARGEST_NUMBER else None
