"""TW1xx: the file and its TOML.

The ids are stable: they stand in other people's scripts.
"""

from wizard.domain.finding import Code, Severity
from wizard.domain.step import StepId
from wizard.text import N_

TOML_SYNTAX = Code(
    "TW101",
    message=N_("This is not valid TOML: {problem}."),
    hint=N_("Correct the line, or restore the backup beside the file."),
)
NOT_UTF8 = Code(
    "TW102",
    message=N_("The file is not UTF-8 text."),
    hint=N_("Save it again as UTF-8 in your editor."),
)
UNKNOWN_KEY = Code(
    "TW103",
    message=N_("“{key}” is not a known setting and has no effect."),
    hint=N_("Remove it, or compare with the samples in config-samples."),
    severity=Severity.WARNING,
)
MISSPELLED_KEY = Code(
    "TW104",
    message=N_("“{key}” is not a known setting. Is “{suggestion}” meant?"),
    hint=N_("Change it to “{suggestion}”, or remove it."),
    severity=Severity.WARNING,
)
WRONG_TYPE = Code(
    "TW105",
    message=N_("“{key}” must be {expected}, not {actual}."),
    hint=N_("Correct the value; the samples in config-samples show the form."),
)
MISSING_KEY = Code(
    "TW106",
    message=N_("“{key}” is missing."),
    hint=N_("Add it; the samples in config-samples show where."),
)
NOT_A_CHOICE = Code(
    "TW107",
    message=N_("“{key}” must be one of {choices}."),
    hint=N_("Choose one of them."),
)
SCHEMA_VERSION = Code(
    "TW108",
    message=N_("The file says schema_version {version}; this program knows version {known}."),
    hint=N_("Use a newer tripletex-wizard, or set schema_version = {known}."),
)
TOO_LARGE = Code(
    "TW109",
    message=N_("The file is larger than {limit} and is not read."),
    hint=N_("A config is a few dozen lines. Check that this is the right file."),
)
NOT_A_FILE = Code(
    "TW110",
    message=N_("This is not a regular file."),
    hint=N_("Name a file or a folder of files."),
)
ONE_REFERENCE = Code(
    "TW111",
    message=N_("“{key}” must name exactly one of keyring, file, env and command."),
    hint=N_("Keep the one that is right and remove the others."),
)
BAD_REFERENCE = Code(
    "TW112",
    message=N_("“{key}” is not a usable value: {reason}."),
    hint=N_("Correct it; the samples in config-samples show one of each kind."),
)
ALREADY_THERE = Code(
    "TW120",
    message=N_("{path} exists already."),
    hint=N_(
        "To change the key, use `tripletex-wizard rotate`. To replace the file, add --overwrite; its text is kept as a backup."
    ),
    explanation=N_(
        "A set-up never replaces a config that is already there unless it is asked to, because somebody may have written comments or settings into it by hand. A new key does not need a new set-up: rotating moves the reference and leaves the rest of the file alone."
    ),
    step=StepId.REVIEW,
)
NOT_THERE = Code(
    "TW121",
    message=N_("{path} does not exist."),
    hint=N_("Check the spelling, or choose one from the list."),
    explanation=N_("There is no file or folder of that name as seen from here. A name without a leading slash is looked for in the folder that the program was started in; ~ stands for the home folder."),
)
