"""The config that answers amount to, and the text that will stand in its file."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wizard.actions.context import AppContext
from wizard.actions.places import seen_from
from wizard.config import Config, EditRefused, diff, read_config, render, update
from wizard.domain.setup import Setup
from wizard.findings import Verdict
from wizard.flow.answers import Answers
from wizard.flow.known import Known
from wizard.text import Texts


@dataclass(frozen=True, slots=True)
class Document:
    """A config's text and where it will stand."""

    path: Path
    text: str


def config_of(answers: Answers, path: Path, context: AppContext) -> Config:
    """Return the config for complete answers.

    Raises:
        ValueError: an answer is missing; the flow does not lead to the review without it.
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
    )


def document_of(config: Config, path: Path, t: Texts, said: Verdict | None) -> str:
    """Return the text to write: a new file, or an existing one with only what differs changed."""
    if path.exists() and (former := read_config(path)).config is not None and former.text is not None:
        # Where it leaves no place for what must change, it is written anew; its text is kept as a backup.
        with suppress(EditRefused):
            return update(former.text, config)
    return render(config, t, is_proven=said is Verdict.VALID)


def review_of(documents: Sequence[Document]) -> Known:
    """Return what is shown before writing.

    The text; or the difference to the file that is there; or the names of several files and the
    text of the first.
    """
    first = documents[0]
    if len(documents) > 1:
        names = "\n".join(f"# {document.path}" for document in documents)
        return Known(document=f"{names}\n\n{first.text}")
    former = read_config(first.path).text if first.path.exists() else None
    if former is None:
        return Known(document=first.text)
    return Known(document=diff(former, first.text, first.path), is_diff=True)


def default_name(answers: Answers) -> str:
    """Return a file name that says whose config it is: ``974760673.toml``, ``felles.toml``."""
    match answers.setup:
        case Setup.BUREAU_SHARED:
            stem = "felles"
        case Setup.BUREAU_CLIENT:
            stem = answers.org_number or "klient"
        case _:
            stem = (answers.company.org_number if answers.company else None) or "finale"
    return f"{stem}.toml"
