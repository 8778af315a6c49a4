"""The checks of a review as rows, whose positions do not change while answers arrive."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from wizard.checks.outcomes import FIGURES, CheckId, CheckOutcome, CheckStatus, Wanted
from wizard.domain.setup import Setup, format_org_number
from wizard.findings import Finding, Verdict, codes
from wizard.text import N_, Texts
from wizard.walk.pages import CheckRow, CheckRows, State
from wizard.walk.words import kind_words


class _Words(NamedTuple):
    """The texts for the row of a check.

    Attributes:
        name: The text before the check.
        doing: The text while it is running.
        unknown: The text if the result is unknown.
        good: The text if it succeeded; empty if the row names the result.
        bad: The text if it failed; empty if the row names the result.
        short: The name in the summary; empty if it is not in the summary.
    """

    name: str
    doing: str
    unknown: str
    good: str = ""
    bad: str = ""
    short: str = ""


_WORDS: Final = {
    CheckId.LOG_ON: _Words(
        N_("The key"),
        N_("Asking Tripletex about the key …"),
        N_("The key is not checked"),
        N_("The key is accepted"),
        N_("The key is not accepted"),
        N_("key"),
    ),
    CheckId.KIND: _Words(
        N_("The kind of key"),
        N_("Reading the kind of key …"),
        N_("The kind of key is not checked"),
    ),
    CheckId.COMPANY: _Words(
        N_("The company"),
        N_("Reading the company …"),
        N_("The company is not checked"),
        short=N_("company"),
    ),
    CheckId.CLIENT: _Words(
        N_("The client"),
        N_("Looking for the client …"),
        N_("The client is not checked"),
        short=N_("client"),
    ),
    CheckId.CLIENTS: _Words(
        N_("The clients"),
        N_("Reading the clients …"),
        N_("The clients are not checked"),
        short=N_("list of clients"),
    ),
    CheckId.ACCOUNTS: _Words(
        N_("The chart of accounts"),
        N_("Reading the chart of accounts …"),
        N_("Chart of accounts: not checked"),
        N_("Chart of accounts: readable"),
        N_("Chart of accounts: not readable"),
        N_("chart of accounts"),
    ),
    CheckId.BALANCES: _Words(
        N_("The balances"),
        N_("Reading the balances …"),
        N_("Balances: not checked"),
        N_("Balances: readable"),
        N_("Balances: not readable"),
        N_("balances"),
    ),
    CheckId.POSTINGS: _Words(
        N_("All transactions"),
        N_("Reading the transactions …"),
        N_("Transactions: not checked"),
        N_("Transactions: all readable"),
        N_("Transactions: not all readable"),
        N_("transactions"),
    ),
}


def expected_checks(wanted: Wanted) -> tuple[CheckId, ...]:
    """Return the checks for a set-up, in order."""
    if not wanted.setup.is_bureau:
        about = CheckId.COMPANY
    elif wanted.setup is Setup.BUREAU_CLIENT:
        about = CheckId.CLIENT
    else:
        about = CheckId.CLIENT if wanted.clients else CheckId.CLIENTS
    return (CheckId.LOG_ON, CheckId.KIND, about, *FIGURES)


class CheckGroup(NamedTuple):
    """The outcomes of a check, of which there may be one for each client."""

    check: CheckId
    outcomes: tuple[CheckOutcome, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of the outcomes."""
        return tuple(finding for outcome in self.outcomes for finding in outcome.findings)

    @property
    def state(self) -> State:
        """The worst state of the outcomes."""
        verdicts = {outcome.verdict for outcome in self.outcomes}
        if Verdict.INVALID in verdicts:
            return State.BAD
        if Verdict.UNKNOWN in verdicts or not self.outcomes:
            return State.UNKNOWN
        # By the status, since a client's findings are listed for one check although several may be refused.
        warned = any(outcome.status is CheckStatus.WARNING for outcome in self.outcomes)
        return State.WARNING if warned else State.GOOD


def group_outcomes(results: Iterable[CheckOutcome], wanted: Wanted) -> list[CheckGroup]:
    """Group outcomes by check. The expected checks come first, even without outcomes.

    If clients are listed, the list of all clients is not a separate check, but part of finding them.
    """
    merged = {CheckId.CLIENTS: CheckId.CLIENT} if wanted.clients else {}
    named = [(merged.get(result.check, result.check), result) for result in results]
    names = dict.fromkeys([*expected_checks(wanted), *(name for name, _ in named)])
    return [CheckGroup(name, tuple(result for its, result in named if its == name)) for name in names]


def rows_of(
    results: Sequence[CheckOutcome],
    wanted: Wanted,
    finding: Finding | None,
    t: Texts,
    *,
    is_running: bool,
    before: Sequence[CheckOutcome] = (),
    when: str = "",
) -> CheckRows:
    """Return a row for each check: finished, running or pending.

    Args:
        results: The outcomes so far.
        wanted: What is checked.
        finding: The finding in the card, whose row is marked.
        t: The user's language.
        is_running: Whether the checks are running.
        before: Recent outcomes, shown for checks that are unknown now.
        when: When those were obtained, as text.
    """
    rows: list[CheckRow] = []
    has_running = is_passed_on = False
    seen = {each.check: CheckGroup(each.check, (each,)) for each in before}
    for group in group_outcomes(results, wanted):
        if is_running and not _has_all(group, wanted):
            state = State.PENDING if has_running else State.WORKING
            words = _WORDS[group.check]
            rows.append(CheckRow(state, t(words.name if has_running else words.doing)))
            has_running = True
            continue
        is_marked = finding is not None and finding in group.findings
        if group.state is State.UNKNOWN and group.check in seen and not is_running:
            rows.append(CheckRow(State.GOOD, f"{_text(seen[group.check], wanted, t)} ({when})"))
            is_passed_on = is_passed_on or is_marked
            continue
        if is_passed_on and group.state is State.UNKNOWN:
            # The finding is about something unknown, so mark the first row that is still unknown.
            is_marked, is_passed_on = True, False
        rows.append(CheckRow(group.state, _text(group, wanted, t), is_marked))
    return CheckRows(tuple(rows))


def _has_all(group: CheckGroup, wanted: Wanted) -> bool:
    expected = len(wanted.clients) if group.check is CheckId.CLIENT and wanted.clients else 1
    return len(_about(group)) >= expected


def _about(group: CheckGroup) -> list[CheckOutcome]:
    """Return the outcomes except the one for the list of several clients."""
    return [
        outcome
        for outcome in group.outcomes
        if group.check is not CheckId.CLIENT or outcome.check is CheckId.CLIENT
    ]


def counted(results: Sequence[CheckOutcome], wanted: Wanted, t: Texts) -> str:
    """Return the progress of the checks, such as «3 av 6»."""
    done = group_outcomes(results, wanted)
    return t("{n} of {total}", n=sum(_has_all(group, wanted) for group in done), total=len(done))


def _text(group: CheckGroup, wanted: Wanted, t: Texts) -> str:
    words = _WORDS[group.check]
    if group.state is State.UNKNOWN and not group.outcomes:
        return t(words.unknown)
    match group.check:
        case CheckId.LOG_ON:
            return t(_said(words, group.state))
        case CheckId.KIND:
            return _kind_text(group, t)
        case CheckId.COMPANY:
            return _company_text(group, t)
        case CheckId.CLIENT:
            return _client_text(group, wanted, t)
        case CheckId.CLIENTS:
            return _clients_text(group, t)
        case _:
            return _figures_text(group, wanted, t)


def _said(words: _Words, state: State) -> str:
    if state is State.UNKNOWN:
        return words.unknown
    return words.bad if state is State.BAD else words.good


def _kind_text(group: CheckGroup, t: Texts) -> str:
    kind = next((outcome.kind for outcome in group.outcomes if outcome.kind), None)
    if group.state is State.BAD:
        return t("The kind of key does not fit: {kind}", kind=kind_words(kind, t))
    if group.state is State.UNKNOWN:
        return t(_WORDS[CheckId.KIND].unknown)
    return t("The kind of key fits: {kind}", kind=kind_words(kind, t))


def _company_text(group: CheckGroup, t: Texts) -> str:
    name = _name_in(group, t)
    if group.state is State.BAD:
        return t("The key belongs to another company: {company}", company=name)
    return (
        t(_WORDS[CheckId.COMPANY].unknown)
        if group.state is State.UNKNOWN
        else t("Company found: {company}", company=name)
    )


def _client_text(group: CheckGroup, wanted: Wanted, t: Texts) -> str:
    total = len(wanted.clients) if wanted.setup is Setup.BUREAU_SHARED else 1
    found = _about(group)
    if total > 1 and found:
        good = sum(outcome.verdict is Verdict.VALID for outcome in found)
        if group.state is State.WARNING:
            return t("{n} of {total} clients are found, but some share a number", n=good, total=total)
        return t("{n} of {total} clients are found", n=good, total=total)
    if total > 1:
        return t(_WORDS[CheckId.CLIENTS].unknown)
    if group.state is State.BAD:
        number = wanted.org_number if wanted.setup is Setup.BUREAU_CLIENT else wanted.clients[0]
        return t("Client not found: {number}", number=format_org_number(number))
    if group.state is State.UNKNOWN:
        return t(_WORDS[CheckId.CLIENT].unknown)
    if group.state is State.WARNING:
        return t("Client found, but several have the same number")
    return t("Client found: {company}", company=_name_in(group, t))


def _clients_text(group: CheckGroup, t: Texts) -> str:
    count = next((outcome.count for outcome in group.outcomes if outcome.count is not None), None)
    if count is None:
        return t(_WORDS[CheckId.CLIENTS].unknown)
    found = t.plural("{n} client is found", "{n} clients are found", count)
    unusable = sum(unusable_clients(finding) for finding in group.findings)
    if not unusable:
        return found
    left = t.plural(
        "{n} of them cannot be used in Finale yet.", "{n} of them cannot be used in Finale yet.", unusable
    )
    return f"{found}. {left}"


def unusable_clients(finding: Finding) -> int:
    """Return the number of clients that Finale cannot find because of a finding."""
    if finding.code in {codes.SEVERAL_CLIENTS, codes.CLIENT_UNREADABLE}:
        return int(str(finding.values["count"]))
    return 0


def _figures_text(group: CheckGroup, wanted: Wanted, t: Texts) -> str:
    words, state = _WORDS[group.check], group.state
    outcome = group.outcomes[0]
    empty = next((each for each in group.findings if each.code is codes.BALANCES_EMPTY), None)
    if empty is not None and state is State.WARNING:
        text = t("Balances: empty for {year}", year=empty.values["year"])
    else:
        # A warning about balances leaves them readable, one about the others does not.
        is_refused = state is State.WARNING and group.check is not CheckId.BALANCES
        text = t(_said(words, State.BAD if is_refused else state))
    if wanted.setup is Setup.BUREAU_SHARED and (outcome.count or 0) > 1:
        readable, total = outcome.readable or 0, outcome.count
        text = t("{what} at {n} of {total} clients", what=t(words.good), n=readable, total=total)
    elif wanted.setup is Setup.BUREAU_SHARED and not wanted.clients:
        name = outcome.company.name if outcome.company else ""
        if group.check != FIGURES[0]:
            text = t("{what} (same client)", what=text)
        elif name:
            text = t("{what} (sample: {client})", what=text, client=name)
    is_read = outcome.year and state is not State.BAD
    return t("{what}, {year}", what=text, year=outcome.year) if is_read else text


def _name_in(group: CheckGroup, t: Texts) -> str:
    company = next((outcome.company for outcome in group.outcomes if outcome.company), None)
    return (company.name if company else None) or t("a company without a name")


def proven_words(results: Iterable[CheckOutcome], wanted: Wanted, t: Texts) -> tuple[str, ...]:
    """Return the successful checks for a summary. Figures of a sample client are a separate line."""
    good = [
        group
        for group in group_outcomes(results, wanted)
        if group.state in {State.GOOD, State.WARNING}
        and _WORDS[group.check].short
        and (group.state is State.GOOD or any(map(unusable_clients, group.findings)))
    ]
    is_sample = wanted.setup is Setup.BUREAU_SHARED and not wanted.clients
    total = next(
        (outcome.count for group in good for outcome in group.outcomes if group.check is CheckId.CLIENTS), 0
    )
    figures = [group for group in good if is_sample and group.check in FIGURES]
    lines = [_ok([group for group in good if group not in figures], t)]
    if figures and total:
        count = t("{n} of {total}", n=1, total=total)
        lines.append(f"{_ok(figures, t)} ({count})")
    return tuple(filter(None, lines))


def _ok(good: Sequence[CheckGroup], t: Texts) -> str:
    return t("{what}: OK", what=", ".join(t(_WORDS[group.check].short) for group in good)) if good else ""
