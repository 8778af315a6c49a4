"""TW7xx: replacing a key, going back to the one before, and dropping it.

The ids are stable: they stand in other people's scripts.
"""

from wizard.domain.finding import Code, Severity
from wizard.domain.step import StepId
from wizard.text import N_

HOOK_FAILED = Code(
    "TW701",
    message=N_("The site's command {program} failed after the change ({reason}): {output}"),
    hint=N_(
        "The configs are changed and good. Mend the command, then run the same again: it is run once more."
    ),
    explanation=N_(
        "The site's defaults name a command that runs when configs have been given another key, for instance to copy them elsewhere or to restart a service. It is run without a shell, with the paths of the configs as its only further arguments. When it fails, what it should have done is not done, so the whole run counts as failed although every config is in order."
    ),
)
NO_PREVIOUS = Code(
    "TW702",
    message=N_("There is no previous key to go back to."),
    hint=N_(
        "It may have been dropped with `rotate --finish`. Make a new key with `tripletex-wizard rotate`."
    ),
    explanation=N_(
        "A rotation leaves a reference to the key before it in the config, under [key] previous. Going back needs that reference. It is not there before the first rotation, and not after `rotate --finish`."
    ),
    step=StepId.CREATE_KEY,
)
CHANGED_MEANWHILE = Code(
    "TW703",
    message=N_("The config was changed by somebody else meanwhile, and was left alone."),
    hint=N_("Look at what was changed, then run the same again."),
    explanation=N_(
        "Right before a config is changed it is read once more. When it then refers to another key than the one that was proven and compared, the change was meant for something else than what stands there now."
    ),
)
NOT_COMPARED = Code(
    "TW704",
    message=N_("The key in use could not tell its company, so the new one could not be compared: {company}."),
    hint=N_("See for yourself that this is the right company."),
    explanation=N_(
        "A new key is compared with the one that it replaces, so that a key made in another company is noticed at once. A key that is dead or cannot be asked says nothing. Then only what stands in the config is left to compare with, and for a single company nothing stands there."
    ),
    severity=Severity.WARNING,
)
KEY_STILL_USED = Code(
    "TW705",
    message=N_("{reference} stays in its store: {path} still refers to it."),
    hint=N_("Rotate that config too, then run `tripletex-wizard rotate --finish` for it."),
    explanation=N_(
        "A key is taken out of its store only when no config among those given, or beside them in the same folders, refers to it any more. Otherwise finishing the rotation of one config would break another."
    ),
    severity=Severity.INFO,
)
EARLIER_KEY_LEFT = Code(
    "TW706",
    message=N_(
        "{reference}, the key before the previous one, stays in its store; the config no longer names it."
    ),
    hint=N_("Delete that entry yourself, and the key in Tripletex. Next time, run `rotate --finish` first."),
    explanation=N_(
        "A config remembers one previous key. When it is rotated again before the earlier rotation was finished, the key from before that is no longer named anywhere. It is not deleted unasked."
    ),
    severity=Severity.WARNING,
)
NOT_EDITABLE = Code(
    "TW707",
    message=N_(
        "The config is written in a way that this program cannot change without harm to the rest of it."
    ),
    hint=N_("Write employee_token and the table [key] as the samples in config-samples do, then try again."),
    explanation=N_(
        "A config is changed by replacing single values in its text, and the result is read again before it is written. When it would then say anything else than it should, nothing is written. TOML allows many ways to write the same; some leave no place for a value that is to be added."
    ),
)
