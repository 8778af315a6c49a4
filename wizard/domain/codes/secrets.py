"""TW3xx: tokens, and where they lie.

The ids are stable: they stand in other people's scripts.
"""

from wizard.domain.finding import Code, Severity
from wizard.domain.step import StepId
from wizard.text import N_

KEY_EMPTY = Code(
    "TW301",
    message=N_("Nothing was pasted."),
    hint=N_("Copy the key from the window in Tripletex and paste it here."),
    step=StepId.CREATE_KEY,
)
KEY_IS_ID = Code(
    "TW302",
    message=N_("This is only digits: it is the number that Tripletex calls Brukernøkkel-ID, not the key."),
    hint=N_(
        "The key is a long text that Tripletex shows once, when it is made. Make a new key and copy that text."
    ),
    step=StepId.CREATE_KEY,
)
KEY_IS_ORG_NUMBER = Code(
    "TW303",
    message=N_("This is an organisation number, not the key."),
    hint=N_("Paste the long text that Tripletex shows once, when the key is made."),
    step=StepId.CREATE_KEY,
)
KEY_IS_NAME = Code(
    "TW304",
    message=N_("This is the name of the application or of the key, not the key."),
    hint=N_("Paste the long text that Tripletex shows once, when the key is made."),
    step=StepId.CREATE_KEY,
)
KEY_IS_JWT = Code(
    "TW305",
    message=N_("This is a session token of a newer kind (JWT), not an API key."),
    hint=N_("Paste the long text that Tripletex shows once, when the key is made."),
    step=StepId.CREATE_KEY,
)
KEY_IS_REFRESH_TOKEN = Code(
    "TW306",
    message=N_("This is a refresh token (it begins with tlxr_), not an API key."),
    hint=N_("Make an API key as the steps show, and paste that."),
    step=StepId.CREATE_KEY,
)
KEY_IS_CONSUMER_TOKEN = Code(
    "TW307",
    message=N_("This is the application's own token (consumer token), not the API key."),
    hint=N_("Paste the key that you made under API-tilgang in Tripletex."),
    step=StepId.CREATE_KEY,
)
KEY_CUT_OFF = Code(
    "TW308",
    message=N_("The key was cut off: {length} characters arrived, and a part is missing."),
    hint=N_("Copy it again with the copy button in Tripletex. If the window is closed, make a new key."),
    step=StepId.CREATE_KEY,
)
KEY_UNRECOGNISED = Code(
    "TW309",
    message=N_("This does not look like a Tripletex API key."),
    hint=N_("Paste the long text that Tripletex shows once, when the key is made. It begins with eyJ."),
    step=StepId.CREATE_KEY,
)
KEY_OLD_FORMAT = Code(
    "TW310",
    message=N_("This key has a form that Tripletex has not given out since about 2022."),
    hint=N_("It may still work. If it is refused, make a new key."),
    severity=Severity.WARNING,
    step=StepId.CREATE_KEY,
)
KEY_MENDED = Code(
    "TW311",
    message=N_("Blanks, line breaks or quotation marks around or inside the key were removed."),
    hint=N_("Nothing to do: this often comes from e-mail and PDF."),
    severity=Severity.INFO,
    step=StepId.CREATE_KEY,
)
TEST_KEY_IN_PRODUCTION = Code(
    "TW312",
    message=N_("This key belongs to Tripletex's test environment, and the set-up is for production."),
    hint=N_("Make the key in the company's real Tripletex, or set up for the test environment."),
    step=StepId.CREATE_KEY,
)
PRODUCTION_KEY_IN_TEST = Code(
    "TW313",
    message=N_("This key belongs to production, and the set-up is for Tripletex's test environment."),
    hint=N_("Make the key in the test environment, or set up for production."),
    step=StepId.CREATE_KEY,
)
SAME_KEY = Code(
    "TW314",
    message=N_("This is the key that is already in use."),
    hint=N_("Make a new key in Tripletex and paste that one."),
    step=StepId.CREATE_KEY,
)
SECRET_IN_CONFIG = Code(
    "TW320",
    message=N_("“{key}” holds something that looks like a key. A key never stands in the config."),
    hint=N_(
        "Remove it, make a new key in Tripletex because this one may have been seen, and refer to it: keyring, file, env or command."
    ),
    step=StepId.CREATE_KEY,
)
NOT_IN_KEYRING = Code(
    "TW321",
    message=N_("The keyring has no entry “{entry}”."),
    hint=N_("Run `tripletex-wizard setup` or `rotate` as the user who will use it."),
    step=StepId.CREATE_KEY,
)
SECRET_FILE_MISSING = Code(
    "TW322",
    message=N_("The key file {path} does not exist."),
    hint=N_("Correct the path, or put the key there with `tripletex-wizard rotate`."),
    step=StepId.CREATE_KEY,
)
SECRET_FILE_EXPOSED = Code(
    "TW323",
    message=N_("The key file {path} can be read or changed by others on this machine."),
    hint=N_("Run: chmod 600 {quoted_path}"),
    step=StepId.STORAGE,
)
SECRET_FILE_OWNER = Code(
    "TW324",
    message=N_("The key file {path} belongs to another user."),
    hint=N_("Run: chown {user} {quoted_path}"),
    step=StepId.STORAGE,
)
SECRET_FILE_NOT_REGULAR = Code(
    "TW325",
    message=N_("{path} is not a regular file."),
    hint=N_("Point the reference at an ordinary file with the key on its first line."),
    step=StepId.STORAGE,
)
SECRET_EMPTY = Code(
    "TW326",
    message=N_("There is nothing at {reference}."),
    hint=N_("Put the key there, or correct the reference."),
    step=StepId.CREATE_KEY,
)
COMMAND_REFUSED = Code(
    "TW327",
    message=N_("The command is not run, because others can change this config."),
    hint=N_("Run: chmod go-w {quoted_path}"),
    step=StepId.STORAGE,
)
STORE_LOSES = Code(
    "TW328",
    message=N_("“{backend}” did not give back what it was given."),
    hint=N_("Choose another place for the key."),
    step=StepId.STORAGE,
)
STORE_REFUSED = Code(
    "TW329",
    message=N_("The keyring “{backend}” is not used, because it is not known to keep secrets safe."),
    hint=N_(
        "It was chosen by {source}. Remove that choice, let it name a keyring such as keyring.backends.SecretService.Keyring, or choose another place for the key."
    ),
    step=StepId.STORAGE,
)
ENTRY_TAKEN = Code(
    "TW330",
    message=N_("The store already holds another key as {reference}. It was not overwritten."),
    hint=N_("Delete that entry yourself if it is no longer used."),
    step=StepId.STORAGE,
)
NO_KEYRING = Code(
    "TW331",
    message=N_("There is no keyring on this machine."),
    hint=N_("Choose another place for the key; the choices are explained."),
    step=StepId.STORAGE,
)
NOT_WRITABLE = Code(
    "TW332",
    message=N_("The key cannot be written to {path}: {reason}."),
    hint=N_("Choose another folder, or have the rights corrected."),
    step=StepId.STORAGE,
)
SECRET_FILE_TOO_LARGE = Code(
    "TW333",
    message=N_("{path} is larger than {limit} KiB: that is not a key file."),
    hint=N_("Point the reference at an ordinary file with the key on its first line."),
    step=StepId.STORAGE,
)
SECRET_FILE_OUTSIDE = Code(
    "TW334",
    message=N_("“{path}” leads out of $CREDENTIALS_DIRECTORY."),
    hint=N_("Name a credential that lies in that folder itself."),
    step=StepId.STORAGE,
)
COMMAND_REFUSED_OWNER = Code(
    "TW335",
    message=N_("The command is not run, because {path} belongs to another user."),
    hint=N_("Run: chown {user} {quoted_path}"),
    step=StepId.STORAGE,
)
NOT_OURS = Code(
    "TW336",
    message=N_("{reference} was not put there by this program and was left alone."),
    hint=N_("Delete it yourself when it is no longer used."),
    severity=Severity.WARNING,
)
