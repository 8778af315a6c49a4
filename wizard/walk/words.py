"""Phrases for keys, companies and stores, for pages and reports."""

import re
import textwrap
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    HeldKey,
    KeyringReference,
    Reference,
    describe,
)
from wizard.domain.setup import KeyKind, format_org_number
from wizard.text import N_, Texts
from wizard.tripletex.models import Company
from wizard.walk.pages import Card, Choice, State

KEY_NAME = "Visma Finale"
"""The name to give the key in Tripletex, according to Finale's help page."""
_IN_NUMBER: Final = re.compile(r"(?<=\b(?:kl|nr|no)\.) (?=\d)|(?<=\b\d{3}) (?=\d{3}\b)")


def number_of_key(number: int | None, t: Texts) -> str:
    """Return the number of a key, such as «nr. 84201», or that it has none."""
    return t("without a number") if number is None else t("no. {number}", number=number)


def kind_words(kind: KeyKind | None, t: Texts) -> str:
    """Return the name of a kind of key."""
    match kind:
        case KeyKind.OFFICE:
            return t("office key")
        case KeyKind.ORDINARY:
            return t("ordinary key")
        case _:
            return t("key")


def key_words(kind: KeyKind | None, number: int | None, t: Texts) -> str:
    """Return the kind and number of a key, such as «vanlig nøkkel nr. 84201»."""
    return f"{kind_words(kind, t)} {number_of_key(number, t)}"


def key_fact(kind: KeyKind | None, number: int | None, t: Texts) -> str:
    """Return the kind and number of a key, or only the number if the kind is unknown."""
    return number_of_key(number, t) if kind is None else key_words(kind, number, t)


def company_words(company: Company | None, t: Texts) -> str:
    """Return the name and number of a company, such as «Demobakeriet AS · 310 000 000»."""
    if company is None:
        return t("not known yet")
    name = company.name or t("a company without a name")
    return f"{name} · {format_org_number(company.org_number)}" if company.org_number else name


def key_summary(
    company: Company | None, kind: KeyKind | None, number: int | None, clients: int | None, t: Texts
) -> str:
    """Return «Demobakeriet AS · 310 000 000 · vanlig nøkkel nr. 84201», or the clients of an office key.

    The number of an office is left out: it is never needed.
    """
    words = [key_words(kind, number, t)]
    if company is not None and kind is KeyKind.OFFICE:
        words.insert(0, company.name or t("a company without a name"))
    elif company is not None:
        words.insert(0, company_words(company, t))
    if clients is not None:
        words.append(t.plural("{n} client", "{n} clients", clients))
    return " · ".join(words)


def place_words(reference: Reference, t: Texts, *, is_demo: bool = False) -> str:
    """Return where a key is stored, such as «i nøkkelringen»."""
    match reference:
        case _ if is_demo:
            return t("in the demo folder")
        case KeyringReference():
            return t("in the keyring")
        case EnvReference(name):
            return t("in the variable {name}", name=name)
        case CommandReference():
            return t("with the command {name}", name=describe(reference).partition(":")[2])
        case _:
            return t("in a private file")


def stored_words(reference: Reference, t: Texts, *, is_demo: bool = False) -> str:
    """Return that a key is stored, such as «Lagret i nøkkelringen»."""
    return t("Stored {place}", place=place_words(reference, t, is_demo=is_demo))


RESUME, FRESH = "resume", "fresh"


def unfinished_rotation_card(new: HeldKey, t: Texts) -> Card:
    """Return the card for an unfinished rotation, with the number of its new key."""
    number = number_of_key(new.number, t)
    kept = t("The new key, {number}, is stored. You are not asked for it again.", number=number)
    return Card(State.RESTING, t("A change of key is not finished"), (kept,))


def resume_choices(key: HeldKey | None, t: Texts) -> tuple[Choice, Choice]:
    """Return the choices for an unfinished run: to continue with it, or to start again."""
    kept, left = t("Your answers are kept"), t("Your answers are deleted")
    if key is not None:
        kept = t("Your answers and the key are kept")
        left = t("Key {number} stays where it is stored", number=number_of_key(key.number, t))
    return (
        Choice(RESUME, t("Continue where you left off"), note=kept),
        Choice(FRESH, t("Start again"), note=left),
    )


_MOST_NAMED = 2


def listed(names: Sequence[str], t: Texts) -> str:
    """Return «Demo Sameie og Demo Tvilling AS», or the first two «og 3 til»."""
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[:_MOST_NAMED])} {t('and {n} more', n=len(names) - _MOST_NAMED)}"
    return t(" and ").join(names)


_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


_MONTHS = (
    N_("Jan"),
    N_("Feb"),
    N_("Mar"),
    N_("Apr"),
    N_("May"),
    N_("Jun"),
    N_("Jul"),
    N_("Aug"),
    N_("Sep"),
    N_("Oct"),
    N_("Nov"),
    N_("Dec"),
)
"""The Norwegian translations are numbers."""


def moment_words(moment: datetime, t: Texts) -> str:
    """Return a date and time, such as «ons. 25.11 kl. 14.05»."""
    return t(
        "{weekday} {day:02} {month} {hour:02}:{minute:02}",
        weekday=t(_DAYS[moment.weekday()]),
        month=t(_MONTHS[moment.month - 1]),
        day=moment.day,
        hour=moment.hour,
        minute=moment.minute,
    )


def day_words(moment: datetime, now: datetime, t: Texts) -> str:
    """Return «i dag kl. 14.05», «i går kl. 14.05» or «ons. 25.11 kl. 14.05»."""
    match (now.date() - moment.date()).days:
        case 0:
            return f"{t('today')} {time_words(moment, t)}"
        case 1:
            return f"{t('yesterday')} {time_words(moment, t)}"
        case _:
            return moment_words(moment, t)


def time_words(moment: datetime, t: Texts) -> str:
    """Return a time, such as «kl. 14.05»."""
    return t("at {hour:02}:{minute:02}", hour=moment.hour, minute=moment.minute)


def summary_head(title: str, now: datetime, t: Texts) -> list[str]:
    """Return the first lines of the summary: a title with the date and time, and an empty line."""
    at = now.astimezone()
    when = f"{t.date(at.date())} {time_words(at, t)}"
    return [f"{title:<{max(78 - len(when), 0)}} {when}", ""]


def summary_row(label: str, value: str | Path) -> list[str]:
    """Return the lines for a row of the summary, of at most 79 columns. A path is not wrapped."""
    lines = (
        [str(value)]
        if isinstance(value, Path)
        else [
            row
            for line in value.split("\n")
            for row in textwrap.wrap(line, 60, break_long_words=False, break_on_hyphens=False)
        ]
    )
    return [f"  {label if at == 0 else '':<16} {line}" for at, line in enumerate(lines or [""])]


def numbers_unbroken(text: str) -> str:
    """Return a text with no-break spaces in «kl. 14.05», «nr. 84201» and «310 000 027»."""
    return _IN_NUMBER.sub("\N{NO-BREAK SPACE}", text)


def state_word(state: State, t: Texts) -> str:
    """Return the word for the state of a result, or an empty string for other states."""
    return {
        State.GOOD: t("OK"),
        State.BAD: t("ERROR"),
        State.UNKNOWN: t("UNKNOWN"),
        State.WARNING: t("WARNING"),
    }.get(state, "")
