"""The questions about where a key shall lie: in a store of the wizard's, or in a place of the user's own."""

import shlex
from collections.abc import Iterable

from wizard.domain.finding import Finding
from wizard.domain.reference import CommandReference, EnvReference, Reference
from wizard.flow import questions as ask
from wizard.flow.answers import OwnPlace, StoreKind
from wizard.flow.known import Common
from wizard.text import Texts


def ask_storage(
    common: Common,
    t: Texts,
    stores: Iterable[tuple[StoreKind, Finding | None]],
    chosen: StoreKind | OwnPlace | None,
    *,
    offers_own_places: bool = False,
) -> ask.Question:
    """Ask where the key shall lie; a store that did not prove itself is told of, and cannot be chosen."""
    labels: dict[StoreKind, tuple[str, str]] = {
        "keyring": (t("The keyring of this machine"), t("Encrypted, and open only while you are logged on.")),
        "file": (
            t("A private file"),
            t("Not encrypted. Readable by you and by the machine's administrator only."),
        ),
    }
    options = []
    findings = []
    for store, trouble in stores:
        if trouble is None:
            label, detail = labels[store]
            options.append(ask.Option(value=store, label=label, detail=detail))
        else:
            findings.append(trouble)
    # A plain file is never preselected: it takes a person to agree to it.
    works = any(option.value == "keyring" for option in options)
    return ask.Choose(
        **common,
        label=t("Where shall the key lie?"),
        options=(*options, *(_own_places(t) if offers_own_places else ())),
        selected=chosen or ("keyring" if works else None),
        findings=tuple(findings),
    )


def _own_places(t: Texts) -> tuple[ask.Option, ...]:
    return (
        ask.Option(
            value="command",
            label=t("A command of your own"),
            detail=t("Given out by pass, age, systemd-creds or a vault. You put it there."),
        ),
        ask.Option(
            value="env",
            label=t("An environment variable"),
            detail=t("For containers and CI: whoever starts the program sets it."),
        ),
    )


def ask_own_place(common: Common, t: Texts, kind: OwnPlace, named: Reference | None) -> ask.Question:
    """Ask for the command or the variable by which the user's own place is read."""
    if kind == "command":
        text = shlex.join(named.command) if isinstance(named, CommandReference) else ""
        label = t("The command that prints the key on its first line:")
        return ask.AskText(**common, label=label, text=text, placeholder="pass show finale/tripletex")
    name = named.name if isinstance(named, EnvReference) else ""
    label = t("The name of the variable that holds the key:")
    return ask.AskText(**common, label=label, text=name, placeholder="FINALE_KEY")
