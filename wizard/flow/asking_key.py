"""The questions about tokens; a set-up and a rotation ask the same."""

from wizard.domain.environment import Environment
from wizard.domain.held import HeldKey
from wizard.domain.key import read_key
from wizard.domain.reference import Reference, describe
from wizard.domain.secret import Secret
from wizard.findings import Finding
from wizard.flow import questions as ask
from wizard.flow.known import Common, held_line
from wizard.text import Texts


def ask_application(common: Common, t: Texts, held: Reference | None = None) -> ask.Question:
    """Ask for the application's token, which not everybody has."""

    def judge(text: str) -> ask.Shape:
        secret = Secret(text.strip())
        return ask.Shape(len(secret), secret.fingerprint)

    return ask.AskSecret(
        **common,
        label=t("The application's token (leave empty if you do not have it):"),
        held=t("Kept as {place}", place=describe(held)) if held else None,
        is_optional=True,
        judge=judge,
    )


def ask_key(
    common: Common,
    t: Texts,
    environment: Environment,
    held: HeldKey | None,
    *,
    place: str = "",
    pasted: HeldKey | None = None,
    notes: tuple[str, ...] = (),
    findings: tuple[Finding, ...] = (),
) -> ask.Question:
    """Ask for the key while Tripletex still shows it, and judge it at once.

    One that is held already, or lies in a place of the user's own, need not be pasted.

    Args:
        common: What every question has.
        t: The reader's language.
        environment: Where the key belongs.
        held: The key that is safe in its store, or was read in its place.
        place: Where the user keeps the key, where the wizard does not.
        pasted: What was pasted and has not been seen in that place yet.
        notes: What has been found so far.
        findings: What stands in the way.
    """

    def judge(text: str) -> ask.Shape:
        reading = read_key(text, environment)
        if reading.secret is None:
            return ask.Shape(len(Secret(text)), "", "", reading.findings)
        place = t("test environment") if reading.is_test else t("production")
        # The sandbox takes keys of either form: what they look like says nothing there.
        summary = _summary(reading.number, t("sandbox") if environment is Environment.SANDBOX else place, t)
        return ask.Shape(len(reading.secret), reading.secret.fingerprint, summary, reading.findings)

    return ask.AskSecret(
        **common,
        label=t("Paste the API key here (the long text, shown only once):"),
        held=_held(held or pasted, place, t),
        is_kept=not place or bool(held and held.length),
        judge=judge,
        notes=notes,
        findings=findings,
    )


def _held(key: HeldKey | None, place: str, t: Texts) -> str | None:
    if key is not None and key.length:
        return held_line(key, t)
    return t("It is read from {place}", place=place) if place else None


def _summary(number: int | None, place: str, t: Texts) -> str:
    if number is None:
        return t("A key of the old form, {place}", place=place)
    return t("Key no. {number}, {place}", number=number, place=place)
