"""Every text that a person can be shown: in both languages, in plain words, and as chosen."""

import argparse
import ast
import io
import re
import string
import tokenize
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.support.rows import every_row
from tests.support.sandbox import Sandbox
from wizard.cli.parser import build_parser
from wizard.text import LANGUAGES, N_, Language, Texts, choose_language


@every_row("language", LANGUAGES)
def test_an_untranslated_text_is_returned_unchanged(language: Language) -> None:
    t = Texts(language)

    assert t("No such text: {what}.", what="100 % {x}") == "No such text: 100 % {x}."
    assert t("") == ""
    assert repr(t) == f"Texts('{language}')"


def test_a_text_with_a_plural_is_found_by_its_singular(monkeypatch: pytest.MonkeyPatch) -> None:
    t = Texts("nb")
    said = vars(t._catalogue)["_catalog"]
    # As Python 3.11.2 does, which Debian 12 has.
    monkeypatch.setattr(t._catalogue, "gettext", lambda message: said.get(message, message))
    assert t("{n} unknown", n=1) == "1 ukjent"
    assert t("and {n} more", n=2) == "og 2 til"


@every_row("language", LANGUAGES)
def test_a_forgotten_value_is_noticed(language: Language) -> None:
    with pytest.raises(KeyError):
        Texts(language)("No such text: {what}.", other="x")


@every_row(("n", "expected"), [(0, "0 keys"), (1, "1 key"), (2, "2 keys")])
def test_numbers_choose_the_plural_form(n: int, expected: str) -> None:
    assert Texts("en").plural("{n} key", "{n} keys", n) == expected
    assert Texts("en").plural("{n} key in {place}", "{n} keys in {place}", n, place="x") == f"{expected} in x"


def test_norwegian_texts_are_looked_up_and_filled() -> None:
    t = Texts("nb")

    assert t("Advice: {hint}", hint="x") == "Råd: x"
    assert t.plural("{n} client", "{n} clients", 1) == "1 klient"
    assert t.plural("{n} client", "{n} clients", 2) == "2 klienter"


def test_dates_are_written_in_the_readers_language() -> None:
    day = date(2026, 2, 1)
    assert Texts("nb").date(day) == "01.02.2026"
    assert Texts("en").date(day) == "2026-02-01"


def test_marking_a_text_for_translation_does_not_change_it() -> None:
    assert N_("Welcome") == "Welcome"


@every_row(
    ("flag", "environment", "site", "expected"),
    [
        (None, {}, None, "nb"),
        (None, {"LANG": "nb_NO.UTF-8"}, None, "nb"),
        (None, {"LANG": "en_US.UTF-8"}, None, "en"),
        (None, {"LANG": "en"}, None, "en"),
        (None, {"LANG": "EN_GB"}, None, "en"),
        (None, {"LANG": "C.UTF-8"}, None, "nb"),
        (None, {"LANG": "de_DE.UTF-8"}, None, "nb"),
        (None, {"LC_MESSAGES": "en_US.UTF-8", "LANG": "nb_NO.UTF-8"}, None, "en"),
        (None, {"LC_ALL": "nb_NO.UTF-8", "LC_MESSAGES": "en_US.UTF-8", "LANG": "en_US.UTF-8"}, None, "nb"),
        (None, {"LC_ALL": "", "LANG": "en_US.UTF-8"}, None, "en"),
        (None, {"LANG": "en_US.UTF-8"}, "nb", "nb"),
        (None, {"TRIPLETEX_WIZARD_LANG": "en", "LANG": "nb_NO.UTF-8"}, "nb", "en"),
        (None, {"TRIPLETEX_WIZARD_LANG": "xx", "LANG": "en_US.UTF-8"}, None, "en"),
        ("nb", {"TRIPLETEX_WIZARD_LANG": "en", "LANG": "en_US.UTF-8"}, "en", "nb"),
        ("en", {}, "nb", "en"),
    ],
)
def test_the_language_is_chosen_in_the_documented_order(
    flag: str | None, environment: dict[str, str], site: str | None, expected: Language
) -> None:
    assert choose_language(flag, environment, site) == expected


PACKAGE = Path(__file__).parent.parent / "wizard"
CATALOGUE = PACKAGE / "locale" / "nb" / "LC_MESSAGES" / "wizard.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"t": None, "N_": None, "plural": (1, 2)}


def test_no_text_is_in_the_catalogue_twice() -> None:
    """What compiles the catalogue here takes the last one; msgfmt refuses the file."""
    ids = re.findall(r'^msgid (".*"(?:\n".*")*)$', CATALOGUE.read_text(), re.MULTILINE)
    assert [text for text, times in Counter(ids).items() if times > 1] == []


@cache
def texts() -> frozenset[str]:
    """Return the message ids in the code; of a plural, the singular."""
    found = set()
    for _, _, message, _, _ in extract_from_dir(str(PACKAGE), keywords=KEYWORDS):
        found.add(_singular(message))
    return frozenset(found)


def _singular(message: object) -> str:
    match message:
        case str(text) | (str(text), *_) | [str(text), *_]:
            return text
        case _:
            raise TypeError(message)


@cache
def translations() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file)
    found = {}
    for message in catalogue:
        found[_singular(message.id)] = _singular(message.string)
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def translated() -> Iterator[tuple[str, str]]:
    return ((one, other) for one, other in translations().items() if one)


def test_the_extraction_finds_texts() -> None:
    assert len(texts()) > 200


def test_every_text_is_translated() -> None:
    missing = sorted(text for text in texts() if not translations().get(text))
    assert not missing


def test_what_the_demo_keys_show_is_translated() -> None:
    # The sandbox knows no catalogue, as it shares no code with the rest.
    assert all(translations().get(key.title) for key in Sandbox().world.keys)


def test_translations_fill_the_same_placeholders() -> None:
    differing = [
        one
        for one, other in translated()
        if "%(" not in one and "%s" not in one and placeholders(one) != placeholders(other)
    ]
    assert not differing


def test_no_translation_is_left_over() -> None:
    # Some texts are chosen at run time, and argparse has its own: a text that is in no source is unused.
    sources = [*PACKAGE.rglob("*.py"), Path(argparse.__file__)]
    written = {
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Constant)
    }
    assert not sorted(one for one, _ in translated() if one not in written)


@every_row("mark", ["TODO", "fuzzy", "XXX"])
def test_no_translation_is_unfinished(mark: str) -> None:
    assert not [one for one, other in translated() if mark in other]


def test_every_word_of_the_help_is_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    words = []
    for language in LANGUAGES:
        monkeypatch.setattr(argparse, "_", Texts(language))  # as ``parse`` does
        words.append(set(helped(build_parser(Texts(language)))))
    assert set.intersection(*words) == {"URL", "REF", "N"}  # the same in both languages


def helped(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield every text of a parser's help: descriptions, headings, flags and what they take."""
    yield from filter(None, (parser.description, parser.epilog))
    for group in parser._action_groups:
        yield from filter(None, (group.title,))
    for action in parser._actions:
        metavar = action.metavar
        yield from filter(None, (action.help, metavar if isinstance(metavar, str) else None))
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from helped(command)
            for choice in action._choices_actions:
                yield from filter(None, (choice.help,))


ROOT = Path(__file__).parent.parent
# What gives a translated text away, with what to say instead.
ENGLISH = {
    r"anew": "again",
    r"whoever|whosoever": "the person who, anybody who",
    r"shall": "should, will",
    r"one's own": "its own, their own",
    r"tells? of": "says",
    r"mend(?:s|ed|ing)?": "fix",
    r"blanks?": "space",
    r"something else than": "something other than",
    r"(?:key|token|file|reference|entry|it|they) (?:lies|lie|stands|stand)": "is, is stored",
    r"(?:that|which|what|where) (?:stands|lies)": "is",
    r"beforehand|upon": "before, on",
    r"It is nothing wrong": "There is nothing wrong",
    r"API token|office's key|accountant's key": "API key, office key",
}
NORWEGIAN = {
    r"applikasjonens": "programmets",
    r"regnskapskontorets? nøkkel": "byrånøkkel",
    r"dersom": "hvis",
    r"nås ikke|når ikke klienten": "har ikke tilgang til",
    r"bevis(?:e|t)?": "sjekk",
    r"kontroller på nytt": "sjekk på nytt",
    r"henvisningen byttes": "den nye tas i bruk",
    r"slags": "type",
    r"alt (?:er|var) (?:i bruk|begynt)": "allerede",
    r"slipper ikke lenger inn": "er sperret",
    r"det kunne ikke ses": "vi vet ikke",
}


def sources() -> Iterator[tuple[str, Path]]:
    """Yield every file of prose with its language."""
    for language in ("nb", "en"):
        for path in sorted([*PACKAGE.glob(f"guide/{language}/*.md"), PACKAGE / f"findings/{language}.md"]):
            yield language, path
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]):
        yield "en", path
    for path in sorted((ROOT / "config-samples").glob("*.toml")):
        yield "nb", path


def shown() -> Iterator[tuple[str, str, str]]:
    """Yield where a text is, its language, and the text."""
    with (PACKAGE / "locale/nb/LC_MESSAGES/wizard.po").open("rb") as file:
        for message in read_po(file):
            for language, forms in (("en", message.id), ("nb", message.string)):
                for form in (forms,) if isinstance(forms, str) else forms or ():
                    yield f"catalogue, {form[:60]!r}", language, form
    for language, path in sources():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            yield f"{path.relative_to(ROOT)}:{number}", language, line


def explained() -> Iterator[tuple[str, str, str]]:
    """Yield the docstrings and comments of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text()
        where = str(path.relative_to(ROOT))
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                yield f"{where}:{token.start[0]}", "en", token.string
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield where, "en", ast.get_docstring(node) or ""


def test_no_text_sounds_translated() -> None:
    banned = {
        language: {re.compile(rf"\b(?:{words})\b", re.IGNORECASE): better for words, better in table.items()}
        for language, table in (("en", ENGLISH), ("nb", NORWEGIAN))
    }
    wrong = [
        f"{where}: “{found[0]}”, better: {better}"
        for where, language, text in [*shown(), *explained()]
        for pattern, better in banned[language].items()
        if (found := pattern.search(text))
    ]
    assert wrong == [], "\n".join(wrong)
