"""Texts in the reader's language: Norwegian (bokmål) or English.

English texts are in the code and are the message ids; the Norwegian ones are in
``locale/nb/LC_MESSAGES/wizard.po``, compiled when the package is installed.
"""

import gettext
from collections.abc import Mapping
from functools import cache

from wizard.paths import LOCALE_FOLDER

TYPE_CHECKING = False  # typing itself is a tenth of what --help may cost
if TYPE_CHECKING:
    from datetime import date
    from typing import Literal

    Language = Literal["nb", "en"]
    LanguageSource = Literal[
        "--lang", "TRIPLETEX_WIZARD_LANG", "site", "LC_ALL", "LC_MESSAGES", "LANG", "default"
    ]
else:
    Language = LanguageSource = str

LANGUAGES: tuple[Language, ...] = ("nb", "en")

# POSIX: the first of these that is set and not empty decides the language of messages.
_LOCALE_VARIABLES: tuple[LanguageSource, ...] = ("LC_ALL", "LC_MESSAGES", "LANG")


def N_(message: str) -> str:  # noqa: N802 - the name that every gettext tool knows
    """Mark a text for the catalogue where it is declared and not yet shown."""
    return message


class Texts:
    """Looks texts up in one language: ``t("Step {n} of {total}", n=1, total=8)``."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        if language == "en":
            self._catalogue: gettext.NullTranslations = gettext.NullTranslations()
        else:
            self._catalogue = _load(language)

    def __call__(self, message: str, /, **values: object) -> str:
        """Return the text with its ``{placeholders}`` filled in.

        Raises:
            KeyError: a placeholder was given no value.
        """
        # An empty message id is the catalogue's own header in gettext.
        text = self._catalogue.gettext(message) if message else ""
        if text == message:
            # It may have a plural elsewhere: older releases of Python 3.11 find it only by its number then.
            text = self._catalogue.ngettext(message, message, 1)
        return text.format_map(values) if values else text

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """Return the form that fits the number ``n``, which fills ``{n}``."""
        return self._catalogue.ngettext(one, many, n).format_map({"n": n, **values})

    def date(self, day: "date") -> str:
        """Return a day as one writes it: ``22.11.2026`` in Norwegian, ``2026-11-22`` in English."""
        return self("{year:04}-{month:02}-{day:02}", year=day.year, month=day.month, day=day.day)

    def __repr__(self) -> str:
        return f"Texts({self.language!r})"


@cache
def _load(language: Language) -> gettext.NullTranslations:
    """Return the catalogue of a language; one without texts where it was not compiled.

    Without ``gettext.translation``, which imports ``locale`` to find the folder that is known here.
    """
    try:
        with open(f"{LOCALE_FOLDER}/{language}/LC_MESSAGES/wizard.mo", "rb") as file:  # see paths
            return gettext.GNUTranslations(file)
    except FileNotFoundError:
        return gettext.NullTranslations()


def choose_language(
    flag: str | None, environment: Mapping[str, str], site_default: str | None = None
) -> Language:
    """Decide the language as the contract says.

    The flag, else ``TRIPLETEX_WIZARD_LANG``, else the site's default, else English where the
    locale says ``en…``, else Norwegian.
    """
    return find_language(flag, environment, site_default)[0]


def find_language(
    flag: str | None, environment: Mapping[str, str], site_default: str | None
) -> tuple[Language, LanguageSource]:
    """Return the language and what decided it: a flag, a variable, the site's defaults, or nothing."""
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
