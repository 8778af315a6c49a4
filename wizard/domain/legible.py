"""Makes text printable: without control characters, and without characters that an encoding lacks."""

import codecs
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})
"""Control characters, direction marks, undecodable bytes and line separators, which can garble a line.

Unassigned characters are included because XML does not allow some of them.
"""

SUBSTITUTE = "wizard-substitute"
"""The name of the codec error handler that replaces characters that an encoding lacks."""

_EQUIVALENTS = {
    "→": "->",
    "←": "<-",
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "•": "*",
    "·": "-",
    "–": "-",
    "—": "-",
    "−": "-",
    "…": "...",
    "×": "x",
    "✓": "+",
    "\N{NO-BREAK SPACE}": " ",
    "\N{NARROW NO-BREAK SPACE}": " ",
    "æ": "ae",
    "Æ": "AE",
    "ø": "oe",
    "Ø": "OE",
    "å": "aa",
    "Å": "AA",
}


def visible(text: str, keep: str = "") -> str:
    r"""Return text with control characters escaped, as in ``\x1b``.

    Text from files and from Tripletex is shown through this, since it may contain anything.

    Args:
        text: The text to show.
        keep: Characters that are not escaped, such as a line break in text with several lines.
    """
    if text.isprintable():
        return text
    return "".join(
        character.encode("unicode_escape").decode()
        if is_hidden(character) and character not in keep
        else character
        for character in text
    )


def one_line(text: str) -> str:
    """Return text on one line, with invisible characters and whitespace replaced by single spaces."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def sentence(phrase: str) -> str:
    """Return a phrase as a sentence, with a capital letter and a full stop."""
    return f"{phrase[:1].upper()}{phrase[1:]}."


def command_line(*words: object) -> str:
    """Return a command quoted for a shell, such as ``rotate 'Kari & sønn.toml'``."""
    import shlex  # noqa: PLC0415 - not needed on most runs

    return shlex.join(str(word) for word in words)


def is_hidden(character: str) -> bool:
    """Return whether a character is invisible, or one that a terminal interprets."""
    return unicodedata.category(character) in _HIDDEN


def encodable(text: str, encoding: str | None) -> str:
    """Replace characters that an encoding lacks, such as ``→`` by ``->`` and ``ø`` by ``oe``.

    The standard streams use ``SUBSTITUTE`` to do the same.
    """
    return text.encode(encoding, SUBSTITUTE).decode(encoding) if encoding else text


def _equivalent(character: str) -> str:
    if character in _EQUIVALENTS:
        return _EQUIVALENTS[character]
    base = unicodedata.normalize("NFKD", character)[0]
    return base if base.isascii() else "?"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_equivalent, error.object[error.start : error.end])), error.end


codecs.register_error(SUBSTITUTE, _replace)
