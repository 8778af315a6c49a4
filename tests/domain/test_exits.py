"""Exit codes: what findings, and several commands in one, lead to."""

from itertools import permutations

from wizard.domain.exits import Exit, exit_for, signal_exit, worst
from wizard.findings.codes import ALL_CODES

EXPECTED = {
    Exit.WRONG: "TW101 TW102 TW201 TW321 TW322 TW323 TW324 TW325 TW326 TW401 TW402",
    Exit.UNKNOWN: "TW501 TW502 TW503 TW504 TW505 TW506 TW507 TW508 TW509 TW510 TW517 TW521",
    Exit.MACHINE: "TW327 TW335 TW511 TW512 TW513 TW514 TW515 TW516 TW519 TW524 TW525 TW530",
    Exit.DONE: "TW103 TW217 TW518 TW520",
}


def test_every_kind_of_finding_has_its_exit_code() -> None:
    found = {
        code: " ".join(each for each in ids.split() if exit_for([ALL_CODES[each].found()]) is code)
        for code, ids in EXPECTED.items()
    }

    assert found == EXPECTED


def test_wrong_wins_over_this_machine_which_wins_over_tripletex() -> None:
    wrong, local, remote, warning = (ALL_CODES[each].found() for each in ("TW401", "TW513", "TW503", "TW103"))

    for order in permutations((wrong, local, remote, warning)):
        assert exit_for(order) is Exit.WRONG
    for order in permutations((local, remote, warning)):
        assert exit_for(order) is Exit.MACHINE
    assert exit_for([warning, remote]) is Exit.UNKNOWN
    assert exit_for([]) is Exit.DONE


def test_several_ends_come_to_the_worst() -> None:
    ranks = ["INTERRUPTED", "CRASHED", "USAGE", "WRONG", "MACHINE", "UNKNOWN", "DONE"]

    for at, name in enumerate(ranks):
        assert worst(Exit[each] for each in reversed(ranks[at:])) is Exit[name]
    assert worst([]) is Exit.DONE


def test_a_signal_counts_as_in_a_shell() -> None:
    assert [signal_exit(number) for number in (1, 2, 15)] == [129, 130, 143]
