"""Reads what flags name: the answers of a set-up, answers files, keys, lists and configs.

An answers file repeats a set-up without questions. Its names and values are those of the flags, with
references written as in a config. It never contains a secret.
"""

from argparse import Namespace
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple, get_args

from wizard.config.discovery import is_missing
from wizard.config.fields import Value, encode
from wizard.config.reading import Reading, read_config
from wizard.context import AppContext
from wizard.domain.exits import UsageError
from wizard.domain.key import Secret, shows_token
from wizard.domain.reference import Reference, StoreKind, parse_reference, reference_in, reference_table
from wizard.domain.setup import (
    DEFAULT_APPLICATION,
    Environment,
    Setup,
    is_loopback_url,
    parse_finale_org_number,
    parse_org_number,
)
from wizard.files import reading
from wizard.files.atomic import create_exclusively, write_atomically
from wizard.findings import Finding
from wizard.paths import expanded
from wizard.setup.answers import Answers
from wizard.site import SiteDefaults
from wizard.text import N_, Texts

ASK: Final = "ask"
"""The value of ``--store`` that always asks, even if there is a default."""
_MOST_ROWS: Final = 20
"""How many invalid rows of a list are shown."""


def answers_from(options: Namespace, t: Texts, defaults: SiteDefaults) -> Answers:
    """Return the answers from flags, an answers file and the site's defaults, in this order of precedence.

    Raises:
        UsageError: If the value of a flag is invalid.
    """
    check_store(options, defaults, t)
    environment = Environment(options.environment or defaults.environment or Environment.PRODUCTION)
    setup = Setup(options.setup) if options.setup else None
    return Answers(
        environment=environment,
        base_url=_base_url(options.base_url, environment, t),
        application=options.application or defaults.application or DEFAULT_APPLICATION,
        consumer_token=reference_from(options.consumer_token_ref, "--consumer-token-ref", t),
        store=None if options.store == ASK else options.store or defaults.store,
        asks_storage=options.store == ASK,
        key_reference=reference_from(options.employee_token_ref, "--employee-token-ref", t),
        is_bureau=None if setup is None else setup.is_bureau,
        is_shared=None if setup in {None, Setup.SINGLE_COMPANY} else setup is Setup.BUREAU_SHARED,
        org_number=_org_number(options.org_number, setup, t),
        clients=_clients(options, setup, t),
    )


def check_store(options: Namespace, defaults: SiteDefaults, t: Texts) -> None:
    """Check that the site has commands for keys, if ``--store`` asks for them.

    Raises:
        UsageError: If it has none.
    """
    if options.store == "command" and defaults.store_command is None:
        raise UsageError(t("--store command needs store_command and read_command in the site's defaults."))


def require_home(context: AppContext, t: Texts) -> None:
    """Check that there is a folder for keys and journals.

    Raises:
        UsageError: If the user has no home folder.
    """
    if not context.has_home:
        raise UsageError(
            t("This user has no home folder. Set HOME, or XDG_DATA_HOME and XDG_STATE_HOME, and run again.")
        )


def reference_from(given: str | Reference | None, flag: str, t: Texts) -> Reference | None:
    """Return the reference from a flag or an answers file, if there is one.

    No shell expands ``~`` after ``file:``.

    Raises:
        UsageError: If it has none of the four forms.
    """
    if not isinstance(given, str):
        return given
    kind, _, value = given.partition(":")
    reference = parse_reference(f"file:{expanded(value)}" if kind == "file" else given)
    if reference is None:
        raise UsageError(t("{flag}: use env:NAME, file:PATH, keyring:ENTRY or command:PROGRAM …", flag=flag))
    if isinstance(reference, Finding):
        raise UsageError(f"{flag}: {reference.message(t)} {reference.hint(t)}")
    return reference


def _base_url(text: str | None, environment: Environment, t: Texts) -> str | None:
    if environment is Environment.SANDBOX:
        if text is None:
            raise UsageError(
                t("The sandbox needs --base-url: the address that `tripletex-wizard sandbox` prints.")
            )
        if not is_loopback_url(text):
            raise UsageError(
                t("--base-url must be an address on this machine, such as http://127.0.0.1:8765/v2")
            )
        return text.rstrip("/")
    if text is not None:
        raise UsageError(
            t("--base-url can only be used with --environment sandbox. The other addresses are fixed.")
        )
    return None


def _org_number(text: str | None, setup: Setup | None, t: Texts) -> str | None:
    if text is None or setup is None:
        return None
    number = parse_finale_org_number(text, setup)
    if isinstance(number, Finding):
        raise UsageError(f"--org-number: {number.message(t)} {number.hint(t)}")
    return number if setup is Setup.BUREAU_CLIENT else None


def _clients(options: Namespace, setup: Setup | None, t: Texts) -> tuple[str, ...]:
    takes_several = setup is Setup.BUREAU_CLIENT and options.org_number is None
    if options.org_numbers_file is not None:
        if not takes_several:
            raise UsageError(
                t("--org-numbers-file needs --setup bureau-client and cannot be combined with --org-number.")
            )
        return numbers_from(options.org_numbers_file, t)
    if options.clients and not (takes_several or setup is Setup.BUREAU_SHARED):
        raise UsageError(
            t("A list of clients is for accounting offices, instead of the number of one client.")
        )
    return tuple(dict.fromkeys(_number(text, t) for text in options.clients))


def _number(text: str, t: Texts) -> str:
    number = parse_org_number(text)
    if isinstance(number, Finding):
        raise UsageError(f"clients: {number.message(t)} {number.hint(t)}")
    return number


def read_existing(name: str, t: Texts) -> Reading:
    """Read a config.

    Raises:
        UsageError: If it does not exist.
    """
    path = Path(name)
    if is_missing(path):
        raise UsageError(t("{path} does not exist.", path=path))
    return read_config(path)


def numbers_from(name: str, t: Texts) -> tuple[str, ...]:
    """Return the organisation numbers in a file.

    Raises:
        UsageError: If it cannot be read, has no numbers, or has an invalid row.
    """
    from wizard.config.number_list import NotAList, read_numbers

    try:
        found = read_numbers(name)
    except OSError as error:
        raise UsageError(reading.unreadable(name, error, t)) from None
    except NotAList as wrong:
        raise UsageError(t("{path} cannot be used: {reason}.", path=name, reason=t(wrong.problem))) from None
    if found.findings:
        raise UsageError("\n".join(_invalid_rows(name, found.findings, t)))
    if not found.numbers:
        raise UsageError(t("{path} contains no organisation numbers.", path=name))
    return found.numbers


def _invalid_rows(name: str, findings: tuple[Finding, ...], t: Texts) -> Iterator[str]:
    for each in findings[:_MOST_ROWS]:
        line = each.position.line if each.position else 0
        yield t("{path}, line {line}: {message}", path=name, line=line, message=each.message(t))
    more = len(findings) - _MOST_ROWS
    if more > 0:
        yield t.plural("… and {n} more row.", "… and {n} more rows.", more)
    yield t("Nothing was done. Correct or remove these rows, and run the command again.")


def key_from_flags(options: Namespace, t: Texts) -> Secret | None:
    """Return the key from the file of ``--employee-token-file``, if it is given.

    Raises:
        UsageError: If the file cannot be read.
    """
    name = options.employee_token_file
    if name is None:
        return None
    try:
        return Secret(reading.decode_leniently(reading.read_named(name, reading.KEY_LIMIT)))
    except OSError as error:
        raise UsageError(reading.unreadable(name, error, t)) from None


class _Form(StrEnum):
    """The type of a value, as it is described in error messages."""

    TEXT = N_("text")
    NUMBERS = N_("a list of organisation numbers")
    REFERENCE = N_("a reference, as in a config file")


class _Answer(NamedTuple):
    """A setting in the file.

    Attributes:
        name: The name in the file.
        form: The type of the value.
        choices: The allowed values; empty if any text is allowed.
        flag: The name of the corresponding option, if it differs.
        rivals: Options that override it if they differ from the file.
    """

    name: str
    form: _Form = _Form.TEXT
    choices: tuple[str, ...] = ()
    flag: str = ""
    rivals: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """The name of the corresponding option."""
        return self.flag or self.name


_ANSWERS: Final = (
    _Answer("environment", choices=tuple(Environment)),
    _Answer("base_url", rivals=("environment",)),
    _Answer("application"),
    _Answer("setup", choices=tuple(Setup)),
    _Answer("org_number", rivals=("setup", "org_numbers_file")),
    _Answer("clients", _Form.NUMBERS, rivals=("setup", "org_numbers_file", "org_number")),
    _Answer("store", choices=get_args(StoreKind)),
    _Answer("employee_token", _Form.REFERENCE, flag="employee_token_ref", rivals=("employee_token_file",)),
    _Answer("consumer_token", _Form.REFERENCE, flag="consumer_token_ref"),
)


def with_answers(options: Namespace, t: Texts) -> Namespace:
    """Return the options with missing ones filled in from the file of ``--answers``.

    Raises:
        UsageError: If the file cannot be read or contains an invalid value.
    """
    if options.answers is None:
        return options
    answers = _read(Path(options.answers), t)
    flags = {name: value for name, value in vars(options).items() if value}
    filled = {
        answer.option: answers[answer.name]
        for answer in _ANSWERS
        if answer.name in answers
        and answer.option not in flags
        and all(rival not in flags or flags[rival] == answers.get(rival) for rival in answer.rivals)
    }
    return Namespace(**{**vars(options), **filled})


def _read(path: Path, t: Texts) -> dict[str, object]:
    text = _text_of(path, t)
    try:
        table = reading.parse_toml(text)
    except ValueError as error:
        raise UsageError(t("{path} is not TOML: {reason}", path=path, reason=error)) from None
    except RecursionError:
        reason = t("tables or lists are nested too deeply")
        raise UsageError(t("{path} is not TOML: {reason}", path=path, reason=reason)) from None
    known = {answer.name: answer for answer in _ANSWERS}
    answers = {}
    for name, value in table.items():
        if name not in known:
            names = ", ".join(known)
            raise UsageError(
                t("{path}: unknown answer “{name}”. Known: {names}", path=path, name=name, names=names)
            )
        answers[name] = _checked(known[name], value, path, t)
    return answers


def _text_of(path: Path, t: Texts) -> str:
    try:
        text = reading.decode(reading.read_regular(path, reading.LIST_LIMIT))
    except OSError as error:
        raise UsageError(reading.unreadable(path, error, t)) from None
    except UnicodeDecodeError:
        raise UsageError(t("{path} is not UTF-8 text.", path=path)) from None
    if shows_token(text):
        # Checked first, before an error message can quote it.
        raise UsageError(
            t("{path} contains a token. Use a reference instead, as in a config file.", path=path)
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
    """Write the answers of a set-up to a private file.

    Raises:
        FileExistsError: If it already exists and must not be overwritten.
        OSError: If it cannot be written.
    """
    text = "\n".join([*_lines(answers, t), ""]).encode()
    if may_overwrite:
        write_atomically(path, text)
    else:
        create_exclusively(path, text)


def _lines(answers: Answers, t: Texts) -> Iterator[str]:
    yield f"# {t('The answers of a set-up, to repeat it:')}"
    yield "#   tripletex-wizard setup CONFIG --answers FILE --no-input"
    yield f"# {t('Flags on the command line override this file.')}"
    yield f"# {t('The key is not in this file, only where to find it.')}"
    yield ""
    yield from _setting("environment", str(answers.environment), t("production, test or sandbox"))
    yield from _setting("base_url", answers.base_url)
    yield from _setting("application", answers.application, t("the application that the key was made for"))
    yield ""
    yield from _setting("setup", answers.setup and str(answers.setup), " | ".join(Setup))
    yield from _setting("org_number", answers.org_number, t("of the client"))
    yield from _setting("clients", list(answers.clients) or None)
    yield ""
    yield from _setting("store", answers.store, t("where to store the key: keyring, file or command"))
    yield ""
    yield f"# {t('References to the tokens on this machine.')}"
    yield f"# {t('On another machine, remove them and give the key with --employee-token-file.')}"
    consumer = answers.consumer_token
    yield from _setting("employee_token", reference_table(answers.key.reference) if answers.key else None)
    yield from _setting("consumer_token", reference_table(consumer) if consumer else None)


def _setting(name: str, value: Value | None, comment: str = "") -> Iterator[str]:
    if value is not None:
        yield f"{name} = {encode(value)}" + (f"    # {comment}" if comment else "")
