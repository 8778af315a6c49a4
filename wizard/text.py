"""Translates texts to the user's language: Norwegian (bokmål) or English.

The English texts in the code are the message ids. The Norwegian ones are in
``locale/nb/LC_MESSAGES/wizard.po``, which is compiled when the package is installed.
"""

import gettext
from collections.abc import Mapping
from functools import cache

TYPE_CHECKING = False  # importing typing takes a tenth of the time of --help
if TYPE_CHECKING:
    from datetime import date
    from typing import Literal

    Language = Literal["nb", "en"]
    LanguageSource = Literal[
        "--lang", "TRIPLETEX_WIZARD_LANG", "site", "LC_ALL", "LC_MESSAGES", "LANG", "default"
    ]
else:
    Language = LanguageSource = str

# String operations, because pathlib and importlib.resources are too slow to import for ``--help``.
_FOLDER = f"{__file__.rpartition('/')[0]}/locale"

LANGUAGES: tuple[Language, ...] = ("nb", "en")

# POSIX: the first of these that is set and not empty decides the language of messages.
_LOCALE_VARIABLES: tuple[LanguageSource, ...] = ("LC_ALL", "LC_MESSAGES", "LANG")


def N_(message: str) -> str:  # noqa: N802 - the usual name for gettext
    """Mark a text for translation without translating it."""
    return message


class Texts:
    """Translates texts to a language, as in ``t("Step {n} of {total}", n=1, total=8)``."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        if language == "en":
            self._catalogue: gettext.NullTranslations = gettext.NullTranslations()
        else:
            self._catalogue = _load(language)

    def __call__(self, message: str, /, **values: object) -> str:
        """Return the translated text with its ``{placeholders}`` filled in.

        Raises:
            KeyError: If the value of a placeholder is missing.
        """
        # In gettext, an empty message id is the header of the catalogue.
        text = self._catalogue.gettext(message) if message else ""
        if text == message:
            # If the text also has a plural form, older releases of Python 3.11 only find it with ngettext.
            text = self._catalogue.ngettext(message, message, 1)
        return text.format_map(values) if values else text

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Return the singular or plural form for ``n``, which also fills ``{n}``."""
        return self._catalogue.ngettext(one, many, n).format_map({"n": n, **values})

    def date(self, day: "date") -> str:
        """Return a date, such as ``22.11.2026`` in Norwegian and ``2026-11-22`` in English."""
        return self("{year:04}-{month:02}-{day:02}", year=day.year, month=day.month, day=day.day)

    def __repr__(self) -> str:
        return f"Texts({self.language!r})"


@cache
def _load(language: Language) -> gettext.NullTranslations:
    """Return the catalogue of a language, or an empty one if it has not been compiled.

    ``gettext.translation`` is not used, because it imports ``locale`` to search for the folder.
    """
    try:
        with open(f"{_FOLDER}/{language}/LC_MESSAGES/wizard.mo", "rb") as file:
            return gettext.GNUTranslations(file)
    except FileNotFoundError:
        return gettext.NullTranslations()


def choose_language(
    flag: str | None, environment: Mapping[str, str], site_default: str | None = None
) -> Language:
    """Return the language of the flag, ``TRIPLETEX_WIZARD_LANG``, the site's defaults or the locale.

    A locale of ``en…`` means English. The default is Norwegian.
    """
    return find_language(flag, environment, site_default)[0]


def find_language(
    flag: str | None, environment: Mapping[str, str], site_default: str | None
) -> tuple[Language, LanguageSource]:
    """Return the language and its source: a flag, a variable, the site's defaults, or the default."""
    wishes: tuple[tuple[LanguageSource, str | None], ...] = (
        ("--lang", flag),
        ("TRIPLETEX_WIZARD_LANG", environment.get("TRIPLETEX_WIZARD_LANG")),
        ("site", site_default),
    )
    for source, wish in wishes:
        for language in LANGUAGES:
            if wish == language:
                return language, source
    for variable in _LOCALE_VARIABLES:
        if locale := environment.get(variable):
            return ("en" if locale.lower().startswith("en") else "nb"), variable
    return "nb", "default"
