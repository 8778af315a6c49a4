"""Reads a config and says everything that is wrong with it at once, each with its place."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from wizard.config.fields import BASE_URL, CLIENTS, ENVIRONMENT, ORG_NUMBER, SETUP
from wizard.config.flaw import Document, Flaw, value_at
from wizard.config.leaks import leaks_in, leaks_in_broken, leaks_in_comments, may_have_leaking_comment
from wizard.config.model import Config
from wizard.config.problems import load
from wizard.config.validation import choice, validate
from wizard.domain.environment import Environment
from wizard.domain.legible import visible
from wizard.domain.reference import reference_in
from wizard.domain.setup import DEFAULT_APPLICATION, Setup
from wizard.files.reading import CONFIG_LIMIT, NotRegular, TooLarge, read_regular, reason_of
from wizard.findings import Finding, Position, codes

BOM: Final = "\ufeff"
"""Windows editors put it in front of UTF-8; it is no part of the first line."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a config.

    Attributes:
        config: What it says; None where an error was found.
        findings: Everything that was found, in the order of the file; what has no place comes last.
        text: The file's own text, BOM and line ends included; None where it is no text.
        path: The file, if it was one.
        setup: The set-up, where it could be read in spite of errors.
        environment: The environment, likewise.
    """

    config: Config | None
    findings: tuple[Finding, ...]
    text: str | None = field(default=None, repr=False)
    path: Path | None = None
    setup: Setup | None = None
    environment: Environment | None = None


def read_config(path: Path) -> Reading:
    """Read a config file. What is wrong with it, or with reading it, is among the findings."""
    try:
        data = read_regular(path, CONFIG_LIMIT)
    except NotRegular:
        return Reading(None, (codes.NOT_A_FILE.found(),), path=path)
    except TooLarge as error:
        return Reading(None, (codes.TOO_LARGE.found(limit=error.shown_limit),), path=path)
    except OSError as error:
        shown = visible(str(path))
        return Reading(None, (codes.FILE_UNREADABLE.found(path=shown, reason=reason_of(error)),), path=path)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        good = data[: error.start].decode().removeprefix(BOM)
        place = Position(good.count("\n") + 1, len(good) - good.rfind("\n"))
        leaks = leaks_in_broken(data.decode(errors="replace"))
        return Reading(None, (codes.NOT_UTF8.found(position=place), *leaks), path=path)
    return parse_config(text, path)


def parse_config(text: str, path: Path | None = None) -> Reading:
    """Read the text of a config, with or without a BOM in front; ``path`` is only passed on."""
    plain = text.removeprefix(BOM)
    document = load(plain)
    if isinstance(document, Finding):
        return Reading(None, (document, *leaks_in_broken(plain)), text, path)
    findings = _findings(plain, document)
    return Reading(
        config=None if any(finding.is_error for finding in findings) else _build(document),
        findings=findings,
        text=text,
        path=path,
        setup=choice(Setup, value_at(document, SETUP)),
        environment=choice(Environment, value_at(document, ENVIRONMENT)),
    )


def _findings(plain: str, document: Document) -> tuple[Finding, ...]:
    leaks = list(leaks_in(document))
    leaking = {(leak.path, leak.is_name) for leak in leaks}
    # A key in the place of something else is one fault, not two.
    flaws = [*leaks, *(flaw for flaw in validate(document) if (flaw.path, flaw.is_name) not in leaking)]
    may_leak = may_have_leaking_comment(plain)
    return _placed(plain, flaws, with_comments=may_leak) if flaws or may_leak else ()


def _placed(plain: str, flaws: list[Flaw], *, with_comments: bool) -> tuple[Finding, ...]:
    from wizard.config.positions import Positions  # noqa: PLC0415 - nothing of it is needed for a good config

    positions = Positions(plain)
    findings = [flaw.finding.at(positions.place_of(flaw)) for flaw in flaws]
    if with_comments:
        findings += leaks_in_comments(positions)
    last = Position(len(plain) + 2, 0)
    return tuple(sorted(findings, key=lambda finding: finding.position or last))


def _build(document: Document) -> Config:
    """Return the config of a document without errors."""

    def at(*names: str) -> Any:  # noqa: ANN401 - the types have been checked
        return value_at(document, names)

    consumer_token, previous = at("credentials", "consumer_token"), at("key", "previous")
    return Config(
        environment=Environment(at(*ENVIRONMENT)),
        base_url=at(*BASE_URL),
        application=at("tripletex", "application") or DEFAULT_APPLICATION,
        setup=Setup(at(*SETUP)),
        org_number=at(*ORG_NUMBER) or "",
        clients=tuple(at(*CLIENTS) or ()),
        employee_token=reference_in(at("credentials", "employee_token")),
        consumer_token=reference_in(consumer_token) if consumer_token else None,
        key_id=at("key", "id"),
        installed=_day_in(at("key", "installed")),
        previous=reference_in(previous) if previous else None,
        company_id=at("key", "company_id"),
    )


def _day_in(value: date | str | None) -> date | None:
    """Return a day that was written as TOML's own date or in quotation marks."""
    return date.fromisoformat(value) if isinstance(value, str) else value
