"""``setup``: the first-time set-up, with a face or without questions."""

from argparse import Namespace
from pathlib import Path

from wizard.actions.defaults import SiteDefaults
from wizard.actions.setup import SetupRun
from wizard.actions.surroundings import Surroundings
from wizard.cli.exits import UsageError
from wizard.cli.faces import show
from wizard.cli.given import answers_from
from wizard.cli.unattended import set_up_without_questions
from wizard.text import Texts


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    target = Path(options.config).expanduser() if options.config else None
    if target is not None:
        _judge_target(target, options, t)
    surroundings = Surroundings.of_this_machine(defaults)
    answers = answers_from(options, t, defaults)
    if options.no_input:
        return set_up_without_questions(options, t, surroundings, answers, target)
    if options.dry_run or options.employee_token_file or options.employee_token_ref:
        raise UsageError(t("This flag needs --no-input as well."))
    conversation = SetupRun(
        surroundings,
        answers,
        t,
        target=target,
        is_offline=options.offline,
        may_overwrite=options.overwrite,
    )
    return show(conversation, options, t, defaults)


def _judge_target(target: Path, options: Namespace, t: Texts) -> None:
    if options.org_numbers_file:
        if target.exists() and not target.is_dir():
            raise UsageError(t("{path} is not a folder; several configs are written into one.", path=target))
        return
    if target.is_dir():
        raise UsageError(
            t("{path} is a folder; name a file to write, such as {path}/finale.toml", path=target)
        )
    if target.exists() and not options.overwrite:
        raise UsageError(
            t(
                "{path} exists already. To change the key: tripletex-wizard rotate {path}. "
                "To replace the file: add --overwrite; its text is kept as a backup.",
                path=target,
            )
        )
