"""The words in which keys, companies and fates are told in a rotation, for screens and reports alike."""

from typing import Final

from wizard.domain.held import FoundCompany
from wizard.domain.org_number import format_org_number
from wizard.findings import Verdict
from wizard.flow.rotation.answers import Fate, KeyInUse
from wizard.text import N_, Texts

FATES: Final = {
    Fate.WAITING: N_("not moved yet"),
    Fate.MOVED: N_("moved"),
    Fate.ALREADY_MOVED: N_("already moved"),
    Fate.FAILED: N_("failed"),
    Fate.NOT_CHECKED: N_("not checked"),
}


def named(number: int | None, t: Texts) -> str:
    """Return a key as it is called in a sentence."""
    return t("the key without a number") if number is None else t("key no. {number}", number=number)


def company_name(company: FoundCompany, t: Texts) -> str:
    """Return a company as one reads it out: ``Demo AS (974 760 673)``."""
    name = company.name or t("a company without a name")
    return f"{name} ({format_org_number(company.org_number)})" if company.org_number else name


def in_use_line(key: KeyInUse, t: Texts) -> str:
    """Return number and age of the key in use, as the configs know them."""
    who = t("In use now: {key}", key=named(key.number, t))
    if key.installed is None or key.days is None:
        return f"{who}."
    age = t.plural("{n} day ago", "{n} days ago", key.days) if key.days > 0 else t("today")
    return f"{who}, {t('installed {date}, {age}', date=t.date(key.installed), age=age)}."


def tried_line(key: KeyInUse, t: Texts) -> str:
    """Return number and company of the key in use, and whether it works."""
    who = t("In use now: {key}", key=named(key.number, t))
    whose = f", {company_name(key.company, t)}" if key.company else ""
    return f"{who}{whose}. {state_line(key, t)}"


def state_line(key: KeyInUse, t: Texts) -> str:
    """Return what trying the key in use gave: good, bad or not known."""
    match key.verdict:
        case Verdict.VALID:
            return t("It works.")
        case Verdict.INVALID:
            return t("It does not work: {why}", why=key.finding.message(t) if key.finding else "")
        case Verdict.UNKNOWN:
            why = key.finding.message(t) if key.finding else ""
            return t("Whether it works could not be seen: {why}", why=why)
        case _:
            return t("It has not been tried yet.")


def others_line(count: int, t: Texts) -> str:
    """Return how many configs a run passes over."""
    return t.plural(
        "{n} config in the folder uses another key and stays as it is.",
        "{n} configs in the folder use other keys and stay as they are.",
        count,
    )


def delete_line(key: KeyInUse, new_name: str, t: Texts) -> str:
    """Return which key to delete in Tripletex, so that nobody deletes the wrong one."""
    if key.number is None:
        return t("To delete in Tripletex: the key before «{name}», which is the new one.", name=new_name)
    return t(
        "To delete in Tripletex: key no. {number}, probably named «Visma Finale». «{name}» is the new one.",
        number=key.number,
        name=new_name,
    )
