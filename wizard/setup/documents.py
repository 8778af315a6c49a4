"""Turns answers into the texts of configs."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from wizard.config.editing import diff, render, update
from wizard.config.reading import Config, read_config
from wizard.config.syntax import EditRefused
from wizard.context import AppContext, seen_from
from wizard.domain.setup import Setup
from wizard.findings import Verdict
from wizard.setup.answers import Answers
from wizard.text import Texts


class Document(NamedTuple):
    """The path and text of a config to write.

    Attributes:
        is_changed: Whether the text differs from that of an existing file.
    """

    path: Path
    text: str
    is_changed: bool = True


def config_of(answers: Answers, path: Path, context: AppContext) -> Config:
    """Return the config for complete answers.

    Raises:
        ValueError: If an answer is missing.
    """
    if answers.setup is None or answers.key is None:
        raise ValueError("the answers are not complete")
    consumer = answers.consumer_token
    return Config(
        environment=answers.environment,
        base_url=answers.base_url,
        application=answers.application,
        setup=answers.setup,
        org_number=answers.finale_org_number,
        clients=() if answers.setup is Setup.BUREAU_CLIENT else answers.clients,
        employee_token=seen_from(path, answers.key.reference, context),
        consumer_token=consumer and seen_from(path, consumer, context),
        key_id=answers.key.number,
        installed=context.today,
        previous=None,
        company_id=answers.company.id if answers.company else None,
    )


def document_of(config: Config, path: Path, t: Texts, key_verdict: Verdict | None) -> Document:
    """Return the document to write. An existing file is only changed where it differs."""
    if os.path.exists(path) and (former := read_config(path)).config is not None and former.text is not None:
        # If it cannot be edited, it is written again, with a backup.
        with suppress(EditRefused):
            text = update(former.text, _with_dates_of(former.config, config))
            return Document(path, text, is_changed=text != former.text)
    return Document(path, render(config, t, is_proven=key_verdict is Verdict.VALID))


def _with_dates_of(former: Config, config: Config) -> Config:
    """If the key is the same, keep what the old config says about it, such as when it was installed.

    The consumer token and the clients are kept as well if they were not asked for.
    """
    by_reference = (former.key_id, former.employee_token) == (None, config.employee_token)
    if not by_reference and (config.key_id is None or former.key_id != config.key_id):
        return config
    return replace(
        config,
        consumer_token=config.consumer_token or former.consumer_token,
        clients=config.clients or (former.clients if config.setup is former.setup else ()),
        installed=former.installed or config.installed,
        previous=former.previous,
        company_id=former.company_id if config.company_id is None else config.company_id,
    )


def would_change(path: Path, answers: Answers, key_number: int | None) -> bool:
    """Return whether an existing config differs from the answers, without contacting Tripletex.

    Args:
        path: The path of the config.
        answers: The answers from the command line.
        key_number: The number of the given key, if it has one.
    """
    former = read_config(path).config
    if former is None:
        return True
    if answers.key_reference is not None:
        is_same_key = former.employee_token == answers.key_reference
    else:
        is_same_key = key_number is not None and former.key_id == key_number
    wanted = (answers.environment, answers.base_url, answers.application, answers.setup)
    says = (former.environment, former.base_url, former.application, former.setup)
    return not is_same_key or wanted != says or former.org_number != answers.finale_org_number


def preview(documents: Sequence[Document]) -> str:
    """Return the text of a config, or a diff if the file exists.

    If there are several, return their paths and the text of the first one.
    """
    first = documents[0]
    if len(documents) > 1:
        names = "\n".join(f"# {document.path}" for document in documents)
        return f"{names}\n\n{first.text}"
    former = read_config(first.path).text if os.path.exists(first.path) else None
    return first.text if former is None else diff(former, first.text, first.path)


def default_name(answers: Answers) -> str:
    """Return the default name of a config, such as ``974760673.toml`` or ``felles.toml``."""
    match answers.setup:
        case Setup.BUREAU_SHARED:
            stem = "felles"
        case Setup.BUREAU_CLIENT:
            stem = answers.org_number or "klient"
        case _:
            stem = (answers.company.org_number if answers.company else None) or "finale"
    return f"{stem}.toml"
