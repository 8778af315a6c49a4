"""What a run knows besides the answers, and the words in which both are told."""

from dataclasses import dataclass
from typing import Any

from wizard.domain.org_number import format_org_number
from wizard.domain.setup import KeyKind
from wizard.findings import Finding
from wizard.flow.answers import Answers, HeldKey, StoreKind
from wizard.flow.questions import CheckLine
from wizard.text import N_, Texts

SINGLE, BUREAU = "single-company", "bureau"
SHARED, CLIENT = "shared", "client"
YES, NO = "yes", "no"
RESUME, ANEW = "resume", "anew"

KEY_NAME = "Visma Finale"
"""What to call the key in Tripletex. Source: Finale's help page."""

KINDS = {
    KeyKind.ORDINARY: N_("an ordinary key"),
    KeyKind.OFFICE: N_("an accounting office's key"),
}

Common = dict[str, Any]
"""What every question has, whatever its kind."""


@dataclass(frozen=True, slots=True)
class Reached:
    """A client that the key has access to."""

    name: str
    org_number: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a run has found out besides the answers.

    Attributes:
        clients: The clients that an office key reaches; None when that is not known.
        findings: What the last proof of the key said, to be shown where it matters.
        stores: The places for the key that exist here, with what is wrong with those that do not work.
        key_place: Where the user keeps the key, where the wizard does not.
        pasted: A key that was pasted and has not been seen in that place yet.
    """

    config_path: str = ""
    document: str = ""
    is_diff: bool = False
    clients: tuple[Reached, ...] | None = None
    lines: tuple[CheckLine, ...] = ()
    findings: tuple[Finding, ...] = ()
    stores: tuple[tuple[StoreKind, Finding | None], ...] = ()
    is_resumable: bool = False
    key_place: str = ""
    pasted: HeldKey | None = None


def company_line(answers: Answers, t: Texts) -> str:
    """Return the company that was found, as one reads it out: ``Demo AS (974 760 673)``."""
    if answers.company is None:
        return t("not known yet")
    name = answers.company.name or t("a company without a name")
    number = answers.company.org_number
    return f"{name} ({format_org_number(number)})" if number else name


def held_line(key: HeldKey, t: Texts) -> str:
    """Return what is said of a key that is safe in its store."""
    if key.number is None:
        return t("{length} characters · {fingerprint}", length=key.length, fingerprint=key.fingerprint)
    return t(
        "Key no. {number} · {length} characters · {fingerprint}",
        number=key.number,
        length=key.length,
        fingerprint=key.fingerprint,
    )
