"""What a run knows besides the answers, and the words in which both are told."""

from typing import Any

from wizard.domain.held import HeldKey
from wizard.domain.setup import KeyKind
from wizard.text import N_, Texts

SINGLE, BUREAU = "single-company", "bureau"
SHARED, CLIENT = "shared", "client"
YES, NO = "yes", "no"
RESUME, ANEW = "resume", "anew"

KEY_NAME = "Visma Finale"
"""What to call the key in Tripletex. Source: Finale's help page."""

KINDS = {
    KeyKind.ORDINARY: N_("an ordinary key"),
    KeyKind.OFFICE: N_("an office key"),
}

Common = dict[str, Any]
"""What every question has, whatever its kind."""


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
