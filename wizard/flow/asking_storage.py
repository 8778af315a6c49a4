"""The questions about where a key shall lie: in a store of the wizard's, or in a place of the user's own."""

import shlex
from collections.abc import Iterable

from wizard.domain.held import OwnPlace, StoreKind
from wizard.domain.reference import CommandReference, EnvReference, Reference
from wizard.findings import Finding, codes
from wizard.flow import questions as ask
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
    """Ask where the key shall lie; a store that did not prove itself is told of, and cannot be chosen.

    That a server has no keyring is no fault: the option says so, and nothing is reported as found.
    """
    labels: dict[StoreKind, tuple[str, str]] = {
        "keyring": (t("The keyring of this machine"), t("Encrypted, and open only while you are logged on.")),
        "file": (
            t("A private file"),
            t("Not encrypted. Readable by you and by the machine's administrator only."),
        ),
    }
    options, lacking, findings = [], [], []
    for store, trouble in stores:
        label, detail = labels[store]
        if trouble is None:
            options.append(ask.Option(value=store, label=label, detail=detail))
        elif trouble.code is codes.NO_KEYRING:
            lacking.append(_lacking(store, label, trouble, t))
        else:
            findings.append(trouble)
    if offers_own_places:
        options += _own_places(t)
    # A plain file is never preselected: it takes a person to agree to it.
    proposed = [option.value for option in options if option.value == (chosen or "keyring")]
    return ask.Choose(
        **common,
        label=t("Choose:"),
        options=(*options, *lacking),
        selected=proposed[0] if proposed else None,
        findings=tuple(findings),
    )


def _lacking(store: StoreKind, label: str, trouble: Finding, t: Texts) -> ask.Option:
    return ask.Option(
        value=store,
        label=t("{place}: not available", place=label),
        detail=f"{trouble.message(t)} {t('On a server that is how it usually is.')}",
        is_available=False,
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
            detail=t("For containers and CI: it is set where the program is started."),
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
