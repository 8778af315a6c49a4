"""Checks settings against each other: set-up, organisation numbers, environment and address."""

from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

from wizard.config.fields import CLIENTS, CONDITIONS, ENVIRONMENT, ORG_NUMBER, SETUP
from wizard.config.flaw import Document, Flaw, Path, value_at
from wizard.domain.environment import Environment
from wizard.domain.org_number import judge_first_digit, parse_finale_org_number, parse_org_number
from wizard.domain.setup import Setup
from wizard.findings import Finding, codes

Choice = TypeVar("Choice", bound=StrEnum)


def judge_meaning(document: Document) -> list[Flaw]:
    """Return every contradiction; settings that are wrong by themselves are passed over."""
    setup = choice(Setup, value_at(document, SETUP))
    environment = choice(Environment, value_at(document, ENVIRONMENT))
    flaws = list(_judge_presence(document))
    numbers = list(_good_clients(document))
    written = value_at(document, ORG_NUMBER)
    if setup and isinstance(written, str):
        if finding := _judge_org_number(written, setup):
            flaws.append(Flaw(finding, ORG_NUMBER))
        elif setup is Setup.BUREAU_CLIENT:
            numbers.append((written, ORG_NUMBER))
    return [*flaws, *_judge_numbers(numbers, environment)]


def _judge_presence(document: Document) -> Iterator[Flaw]:
    for condition in CONDITIONS:
        if value_at(document, condition.when) != condition.value:
            continue
        is_there = value_at(document, condition.field) is not None
        if is_there and condition.is_needed is False:
            yield Flaw(condition.code.found(), condition.field, is_name=True)
        elif not is_there and condition.is_needed:
            yield Flaw(condition.code.found(), condition.field[:-1], is_name=True)


def _judge_org_number(written: str, setup: Setup) -> Finding | None:
    number = parse_finale_org_number(written, setup)
    if isinstance(number, Finding):
        return number
    if number == written:
        return None
    # The domain accepts spaces; Finale's field and this file do not.
    match setup:
        case Setup.SINGLE_COMPANY:
            return codes.ORG_NUMBER_NOT_EMPTY.found()
        case Setup.BUREAU_CLIENT:
            return codes.ORG_NUMBER_NOT_PLAIN.found(number=number)
        case Setup.BUREAU_SHARED:
            return codes.PLACEHOLDER_MISSPELLED.found()


def _good_clients(document: Document) -> Iterator[tuple[str, Path]]:
    clients = value_at(document, CLIENTS)
    for index, client in enumerate(clients if isinstance(clients, list) else ()):
        if isinstance(client, str) and parse_org_number(client) == client:
            yield client, (*CLIENTS, index)


def _judge_numbers(numbers: list[tuple[str, Path]], environment: Environment | None) -> Iterator[Flaw]:
    seen = set()
    for number, path in numbers:
        if number in seen:
            yield Flaw(codes.CLIENT_TWICE.found(number=number), path)
        elif environment and (unusual := judge_first_digit(number, environment)):
            yield Flaw(unusual, path)
        seen.add(number)


def choice(choices: type[Choice], value: object) -> Choice | None:
    """Return the choice that a value names, if it names one."""
    return next((one for one in choices if one == value), None)
