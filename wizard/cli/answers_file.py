"""An answers file: what a set-up was answered, to be replayed here or elsewhere. Never a secret.

Its names and values are those of the flags, with references written as in a config. What becomes of
them is decided where flags become answers, in ``wizard.cli.flags``.
"""

import re
from argparse import Namespace
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from wizard.config.rendering import Value, encode
from wizard.domain.environment import Environment
from wizard.domain.exits import UsageError
from wizard.domain.key import looks_like_token
from wizard.domain.reference import Reference, reference_in, reference_value
from wizard.domain.setup import Setup
from wizard.files.atomic import create_exclusively, write_atomically
from wizard.files.reading import LIST_LIMIT, decode, read_regular, unreadable
from wizard.files.toml import parse_toml
from wizard.paths import expanded
from wizard.setup.answers import Answers
from wizard.text import N_, Texts

_WORD: Final = re.compile(r"""[^\s"'=,]+""")


class _Form(StrEnum):
    """What a value must be, in the words of the sentence that refuses another."""

    TEXT = N_("text")
    NUMBERS = N_("a list of organisation numbers")
    REFERENCE = N_("a reference, as in a config file")


class _Answer(NamedTuple):
    """One name in the file.

    Attributes:
        name: How it is called there.
        choices: The words that a text must be one of, if it must.
        flag: The option that says the same.
        rivals: The options that exclude it, if they differ from what the file says.
    """

    name: str
    form: _Form = _Form.TEXT
    choices: tuple[str, ...] = ()
    flag: str = ""
    rivals: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """The name of the flag's value among the options."""
        return self.flag or self.name


_ANSWERS: Final = (
    _Answer("environment", choices=tuple(Environment)),
    _Answer("base_url", rivals=("environment",)),
    _Answer("application"),
    _Answer("setup", choices=tuple(Setup)),
    _Answer("org_number", rivals=("setup", "org_numbers_file")),
    _Answer("clients", _Form.NUMBERS, rivals=("setup", "org_numbers_file", "org_number")),
    _Answer("store", choices=("keyring", "file")),
    _Answer("employee_token", _Form.REFERENCE, flag="employee_token_ref", rivals=("employee_token_file",)),
    _Answer("consumer_token", _Form.REFERENCE, flag="consumer_token_ref"),
)


def with_answers(options: Namespace, t: Texts) -> Namespace:
    """Return options with the answers of ``--answers`` filled in; what is given as a flag wins.

    Raises:
        UsageError: the file cannot be read, or says something that cannot be an answer.
    """
    if options.answers is None:
        return options
    said = _read(Path(expanded(options.answers)), t)
    flags = {name: value for name, value in vars(options).items() if value}
    filled = {
        answer.option: said[answer.name]
        for answer in _ANSWERS
        if answer.name in said
        and answer.option not in flags
        and all(rival not in flags or flags[rival] == said.get(rival) for rival in answer.rivals)
    }
    return Namespace(**{**vars(options), **filled})


def _read(path: Path, t: Texts) -> dict[str, object]:
    text = _text_of(path, t)
    try:
        table = parse_toml(text)
    except ValueError as error:
        raise UsageError(t("{path} is not TOML: {reason}", path=path, reason=error)) from None
    except RecursionError:
        reason = t("tables or lists are nested too deeply")
        raise UsageError(t("{path} is not TOML: {reason}", path=path, reason=reason)) from None
    known = {answer.name: answer for answer in _ANSWERS}
    said = {}
    for name, value in table.items():
        if name not in known:
            names = ", ".join(known)
            raise UsageError(
                t("{path}: unknown answer “{name}”. Known: {names}", path=path, name=name, names=names)
            )
        said[name] = _checked(known[name], value, path, t)
    return said


def _text_of(path: Path, t: Texts) -> str:
    try:
        text = decode(read_regular(path, LIST_LIMIT))
    except OSError as error:
        raise UsageError(unreadable(path, error, t)) from None
    except UnicodeDecodeError:
        raise UsageError(t("{path} is not UTF-8 text.", path=path)) from None
    if any(map(looks_like_token, _WORD.findall(text))):
        # Found before anything can quote it.
        raise UsageError(
            t("{path} contains a token. Write where to read it instead, as in a config file.", path=path)
        )
    return text


def _checked(answer: _Answer, value: object, path: Path, t: Texts) -> object:
    form = t("one of {choices}", choices=", ".join(answer.choices)) if answer.choices else t(answer.form)
    match answer.form, value:
        case _Form.TEXT, str() if value in (answer.choices or (value,)):
            return value
        case _Form.NUMBERS, [*numbers] if all(isinstance(each, str) for each in numbers):
            return tuple(numbers)
        case _Form.REFERENCE, dict():
            try:
                return reference_in(value)
            except ValueError as error:
                form = f"{form} ({error})"
    raise UsageError(t("{path}: “{name}” must be {form}.", path=path, name=answer.name, form=form))


def save_answers(path: Path, answers: Answers, t: Texts, *, may_overwrite: bool) -> None:
    """Write the answers of a set-up into a private file.

    Raises:
        FileExistsError: it is there already, and may not be overwritten.
        OSError: it cannot be written.
    """
    text = "\n".join([*_lines(answers, t), ""]).encode()
    if may_overwrite:
        write_atomically(path, text)
    else:
        create_exclusively(path, text)


def _lines(answers: Answers, t: Texts) -> Iterator[str]:
    yield f"# {t('What was answered, to set up the same again:')}"
    yield "#   tripletex-wizard setup CONFIG --answers FILE --no-input"
    yield f"# {t('A flag on the command line wins over this file.')}"
    yield f"# {t('The key is not in this file, only where to read it.')}"
    yield ""
    yield from _setting("environment", str(answers.environment), t("production, test or sandbox"))
    yield from _setting("base_url", answers.base_url)
    yield from _setting("application", answers.application, t("the one that the key was made for"))
    yield ""
    yield from _setting("setup", answers.setup and str(answers.setup), " | ".join(Setup))
    yield from _setting("org_number", answers.org_number, t("that of the client"))
    yield from _setting("clients", list(answers.clients) or None)
    yield ""
    yield from _setting("store", answers.store, t("where to store the key: keyring or file"))
    yield ""
    yield f"# {t('Where the tokens lie on this machine.')}"
    yield f"# {t('On another one take these out, and give the key with --employee-token-file.')}"
    yield from _setting("employee_token", _table_of(answers.key.reference if answers.key else None))
    yield from _setting("consumer_token", _table_of(answers.consumer_token))


def _setting(name: str, value: Value | None, comment: str = "") -> Iterator[str]:
    if value is not None:
        yield f"{name} = {encode(value)}" + (f"    # {comment}" if comment else "")


def _table_of(reference: Reference | None) -> Value | None:
    if reference is None:
        return None
    kind, value = reference_value(reference)
    return {kind: value}
