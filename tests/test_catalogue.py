"""Every text that a person can be shown exists in both languages."""

import argparse
import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.support.rows import every_row
from tests.support.sandbox import Sandbox
from wizard.cli.parser import build_parser
from wizard.text import LANGUAGES, Texts

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


def test_the_code_has_texts() -> None:
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
    # Some texts are chosen at run time, and argparse has its own: what stands nowhere is used nowhere.
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
