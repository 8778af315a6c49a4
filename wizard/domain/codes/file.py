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
    explanation=N_(
        "The file breaks a rule of TOML, so nothing in it can be read: a quotation mark that is not closed, a missing “=”, a value without quotation marks, or a name that stands twice are the usual reasons. The line and column say where reading stopped; the slip is there or just before it. This says nothing about the key."
    ),
)
NOT_UTF8 = Code(
    "TW102",
    message=N_("The file is not UTF-8 text."),
    hint=N_("Save it again as UTF-8 in your editor."),
    explanation=N_(
        "TOML files are UTF-8 by definition. A file saved by an older Windows editor is often in another encoding, and then letters such as æ, ø and å cannot be read for certain. Open it, choose “Save as” and UTF-8; nothing else needs to change."
    ),
)
UNKNOWN_KEY = Code(
    "TW103",
    message=N_("“{key}” is not a known setting and has no effect."),
    hint=N_("Remove it, or compare with the samples in config-samples."),
    explanation=N_(
        "The config holds a name that this program does not use, and none that it knows is close to it. It may be a note of your own, or a setting of a newer version. It is left where it is and has no effect; that is all the warning says."
    ),
    severity=Severity.WARNING,
)
MISSPELLED_KEY = Code(
    "TW104",
    message=N_("“{key}” is not a known setting. Is “{suggestion}” meant?"),
    hint=N_("Change it to “{suggestion}”, or remove it."),
    explanation=N_(
        "The config holds a name that this program does not use, but that is one or two letters away from one it does. A misspelled setting has no effect, so what you meant to set is not set. If you did mean it as a note of your own, leave it: it does no harm."
    ),
    severity=Severity.WARNING,
)
WRONG_TYPE = Code(
    "TW105",
    message=N_("“{key}” must be {expected}, not {actual}."),
    hint=N_("Correct the value; the samples in config-samples show the form."),
    explanation=N_(
        'Each setting holds one kind of value: text stands in quotation marks, numbers and dates do not, and a reference to a key stands in braces. An organisation number is text, because it is not for counting and may be “%ORGNR%”: org_number = "974760673". Nothing else about the value has been judged yet.'
    ),
)
MISSING_KEY = Code(
    "TW106",
    message=N_("“{key}” is missing."),
    hint=N_("Add it; the samples in config-samples show where."),
    explanation=N_(
        "Some settings have no sensible default, because only you can know them: the environment, the set-up and where the key lies. Without them it cannot be said what is to be checked. Running the set-up again writes a complete config and keeps what you have written yourself."
    ),
)
NOT_A_CHOICE = Code(
    "TW107",
    message=N_("“{key}” must be one of {choices}."),
    hint=N_("Choose one of them."),
    explanation=N_(
        "The setting takes one of a few fixed words, and what stands there is none of them. Words are written in lower case, with a hyphen where there are two. Nothing is guessed here, because a wrong guess could send a key to the wrong place."
    ),
)
SCHEMA_VERSION = Code(
    "TW108",
    message=N_("The file says schema_version {version}; this program knows version {known}."),
    hint=N_("Use a newer tripletex-wizard, or set schema_version = {known}."),
    explanation=N_(
        "The number at the top says which form the config has, so that an old program does not misread a new file. The file is probably made by a newer version of this program. Changing the number by hand helps only if the rest of the file has the older form."
    ),
)
TOO_LARGE = Code(
    "TW109",
    message=N_("The file is larger than {limit} and is not read."),
    hint=N_("A config is a few dozen lines. Check that this is the right file."),
    explanation=N_(
        "A config is a short text, and a large file is nearly always something else, such as a log or an export with the wrong name. It is not opened, so that one such file cannot hold up the check of a whole folder. Nothing is known about what is in it."
    ),
)
NOT_A_FILE = Code(
    "TW110",
    message=N_("This is not a regular file."),
    hint=N_("Name a file or a folder of files."),
    explanation=N_(
        "What was named is neither a file nor a folder, but for example a device, a socket or a FIFO. Reading such a thing could wait for ever, so it is not done. A link is fine as long as it leads to an ordinary file."
    ),
)
ONE_REFERENCE = Code(
    "TW111",
    message=N_("“{key}” must name exactly one of keyring, file, env and command."),
    hint=N_("Keep the one that is right and remove the others."),
    explanation=N_(
        "A reference says where a token lies and names one place: a keyring entry, a file, an environment variable or a command. With two of them it would depend on chance which key is used. Keep the one under which the key really lies; nothing in the stores is changed by this."
    ),
)
BAD_REFERENCE = Code(
    "TW112",
    message=N_("“{key}” is not a usable value: {reason}."),
    hint=N_("Correct it; the samples in config-samples show one of each kind."),
    explanation=N_(
        'The kind of reference is right, but its value cannot name anything: it is empty, holds a sign that such a name cannot have, or is a command without a program. A keyring entry looks like "production/2147628461", a file is a path from the config\'s own folder, env is the name of a variable, and command is a list of strings.'
    ),
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
    explanation=N_(
        "There is no file or folder of that name as seen from here. A name without a leading slash is looked for in the folder that the program was started in; ~ stands for the home folder."
    ),
)
