"""``setup``: the first-time set-up, with a face or without questions."""

import sys
from argparse import Namespace
from pathlib import Path

from wizard.cli.answers_file import save_answers, with_answers
from wizard.cli.faces import show_walk
from wizard.cli.flags import answers_from, given_key, require_home
from wizard.cli.setup_no_input import carry_out, refuse_incomplete
from wizard.cli.streams import say
from wizard.cli.summary import conclude_conversation
from wizard.context import AppContext
from wizard.domain.exits import Exit, UsageError, exit_for
from wizard.domain.key import read_key
from wizard.domain.legible import command_line
from wizard.domain.secret import Secret
from wizard.files.reading import reason_in
from wizard.paths import expanded
from wizard.setup.answers import Answers
from wizard.setup.walk import SetupWalk
from wizard.setup.writing import would_change
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.ui.report.changes import write_findings


def run(options: Namespace, t: Texts, defaults: SiteDefaults) -> int:
    """Carry the command out."""
    options = with_answers(options, t)
    answers = answers_from(options, t, defaults)
    target = Path(expanded(options.config)) if options.config else None
    _refuse_answers_path(options, t)
    if options.no_input:
        refuse_incomplete(options, t, answers, target)
    elif options.dry_run or options.employee_token_file:
        raise UsageError(t("This flag also needs --no-input."))
    elif options.format != "text":
        raise UsageError(t("--format json goes with --no-input."))
    context = AppContext.of_this_machine(defaults)
    if not (options.no_input and options.employee_token_ref):
        require_home(context, t)
    _refuse_name(target, t)
    # References in an answers file are resolved like those in a config, and a key goes to the address in it;
    # and through a config that is not trusted nobody would read the key, so none is written there.
    named = [target] if target is not None else []
    if options.answers is not None and (answers.key_reference or answers.consumer_token or answers.base_url):
        named.append(Path(expanded(options.answers)))
    for path in named:
        if refusal := context.trust.refusal(path):
            write_findings([refusal], sys.stderr, t)
            return exit_for([refusal])
    walk = SetupWalk(
        context,
        answers,
        t,
        target=target,
        is_offline=options.offline,
        may_overwrite=options.overwrite,
        asks_nobody=options.no_input,
        dry_run=options.dry_run,
    )
    key = given_key(options, t) if options.no_input else None
    if target is not None and not walk.has_begun_writing:
        _refuse_target(target, options, answers, t, key)
    if options.no_input:
        code: int = carry_out(walk, t, key, options.format)
    else:
        code = conclude_conversation(walk, show_walk(walk, options, t, defaults))
    return _save_answers(walk, options) or code


def _refuse_name(target: Path | None, t: Texts) -> None:
    """Refuse a name that no file can have as a wrong command line, before a key is asked about."""
    try:
        _ = target and target.lstat()
    except FileNotFoundError:
        return
    except NotADirectoryError:
        said = t("{path} cannot be written: what it would be in is no folder.", path=target)
        raise UsageError(said) from None


def _refuse_target(target: Path, options: Namespace, answers: Answers, t: Texts, key: Secret | None) -> None:
    if answers.is_for_several:
        if target.exists() and not target.is_dir():
            raise UsageError(
                t("{path} is not a folder. Several config files are written into a folder.", path=target)
            )
        return
    if target.is_dir():
        raise UsageError(
            t("{path} is a folder. Name a file to write, such as {path}/finale.toml", path=target)
        )
    if target.exists() and not options.overwrite:
        number = read_key(key.reveal(), answers.environment).number if key else None
        if options.no_input and not would_change(target, answers, number):
            return
        raise UsageError(
            t(
                "{path} exists already. To change the key: {command} "
                "To replace the file: add --overwrite (a backup is kept).",
                path=target,
                command=command_line("tripletex-wizard", "rotate", target),
            )
        )


def _refuse_answers_path(options: Namespace, t: Texts) -> None:
    """Refuse a place for the answers before anything is asked, rather than at the end."""
    if options.save_answers is None:
        return
    path = Path(expanded(options.save_answers))
    if options.config and path == Path(expanded(options.config)):
        raise UsageError(t("{path} cannot be both the config file and the answers file.", path=path))
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(
            t("{path} cannot be written: it is a folder, or its folder does not exist.", path=path)
        )
    if path.exists() and not options.overwrite:
        raise UsageError(t("{path} exists already. To replace it, add --overwrite.", path=path))


def _save_answers(walk: SetupWalk, options: Namespace) -> int:
    """Save the answers of a set-up that came to its end; return what that adds to the exit code."""
    state = walk.state
    if options.save_answers is None or not state.written or not (walk.is_finished or options.no_input):
        return Exit.DONE
    path = Path(expanded(options.save_answers))
    try:
        save_answers(path, state.answers, state.t, may_overwrite=options.overwrite)
    except OSError as error:
        say(state.t("{path} could not be written: {reason}.", path=path, reason=reason_in(error, state.t)))
        return Exit.USAGE
    say(state.t("The answers are saved in {path}", path=path))
    return Exit.DONE
