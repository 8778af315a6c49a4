"""Text that any terminal can show: nothing hidden in it, and nothing that its encoding lacks."""

import codecs
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Cs", "Zl", "Zp"})
"""Controls, direction marks, undecodable bytes, line separators: what can forge or garble a line.

Unassigned ones are among them because XML does not allow some of them.
"""

SUBSTITUTE = "wizard-substitute"
"""The error handler for encoding text that is shown: a character that is lacking is replaced."""

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
    r"""Return text with control characters and the like written out, as in ``\x1b``.

    What comes from files and from Tripletex is shown through this: a client may be called anything.

    Args:
        text: What is to be shown.
        keep: Characters that are left as they are; a line break where several lines are meant.
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
    """Return text on one line, with single spaces for whatever cannot be seen in it."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def command_line(*words: object) -> str:
    """Return a command as it can be copied into a shell, such as ``rotate 'Kari & sønn.toml'``."""
    import shlex  # noqa: PLC0415 - nothing is quoted on most runs

    return shlex.join(str(word) for word in words)


def is_hidden(character: str) -> bool:
    """Whether a character is invisible, or one that a terminal acts on."""
    return unicodedata.category(character) in _HIDDEN


def encodable(text: str, encoding: str | None) -> str:
    """Return text that an encoding can carry: ``→`` becomes ``->`` where there is no arrow.

    Norwegian letters stay where the encoding has them, and are written with two letters where not.
    The standard streams do this by themselves (``SUBSTITUTE``).
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
