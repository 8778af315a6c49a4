"""What the command line already answers."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Final

from wizard.config.number_list import NotAList, read_numbers
from wizard.context import AppContext
from wizard.domain.environment import Environment, is_loopback_url
from wizard.domain.exits import UsageError
from wizard.domain.org_number import parse_finale_org_number, parse_org_number
from wizard.domain.reference import Reference, parse_reference
from wizard.domain.secret import Secret
from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.files.reading import KEY_LIMIT, decode_leniently, read_named, unreadable
from wizard.findings import Finding
from wizard.setup.answers import Answers
from wizard.site import SiteDefaults
from wizard.text import Texts

ASK: Final = "ask"
"""The value of ``--store`` with which a person is asked, whatever was found or has been agreed to."""
_MOST_ROWS: Final = 20
"""Rows of a list that are named one by one."""


def answers_from(options: Namespace, t: Texts, defaults: SiteDefaults) -> Answers:
    """Return the answers that flags, an answers file and the site's defaults give, in this order.

    Raises:
        UsageError: a flag's value cannot be right.
    """
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


def require_home(context: AppContext, t: Texts) -> None:
    """Refuse to begin what keeps keys and unfinished runs if there is no folder for them.

    Raises:
        UsageError: the user has no home folder.
    """
    if not context.has_home:
        raise UsageError(
            t("This user has no home folder. Set HOME, or XDG_DATA_HOME and XDG_STATE_HOME, and run again.")
        )


def reference_from(given: str | Reference | None, flag: str, t: Texts) -> Reference | None:
    """Return the reference that a flag or an answers file gives, if it is given.

    Raises:
        UsageError: it has none of the four forms.
    """
    if not isinstance(given, str):
        return given
    reference = parse_reference(given)
    if reference is None:
        raise UsageError(
            t("{flag}: write env:NAME, file:PATH, keyring:ENTRY or command:PROGRAM …", flag=flag)
        )
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


def numbers_from(name: str, t: Texts) -> tuple[str, ...]:
    """Return the organisation numbers in a file.

    Raises:
        UsageError: it cannot be read, has none, or has a row that is not understood.
    """
    try:
        found = read_numbers(name)
    except OSError as error:
        raise UsageError(unreadable(name, error, t)) from None
    except NotAList as wrong:
        raise UsageError(t("{path} cannot be used: {reason}.", path=name, reason=t(wrong.problem))) from None
    if found.findings:
        raise UsageError("\n".join(_rows_not_understood(name, found.findings, t)))
    if not found.numbers:
        raise UsageError(t("{path} contains no organisation numbers.", path=name))
    return found.numbers


def _rows_not_understood(name: str, findings: tuple[Finding, ...], t: Texts) -> Iterator[str]:
    for each in findings[:_MOST_ROWS]:
        line = each.position.line if each.position else 0
        yield t("{path}, line {line}: {message}", path=name, line=line, message=each.message(t))
    more = len(findings) - _MOST_ROWS
    if more > 0:
        yield t.plural("… and {n} more row.", "… and {n} more rows.", more)
    yield t("Nothing was done. Correct these rows or remove them, and run the same again.")


def given_key(options: Namespace, t: Texts) -> Secret | None:
    """Return the key that a flag gives.

    Raises:
        UsageError: the key file cannot be read.
    """
    return None if options.employee_token_file is None else _key_from(options.employee_token_file, t)


def _key_from(name: str, t: Texts) -> Secret:
    try:
        return Secret(decode_leniently(read_named(name, KEY_LIMIT)))
    except OSError as error:
        raise UsageError(unreadable(name, error, t)) from None
