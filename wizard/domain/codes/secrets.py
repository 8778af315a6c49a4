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
    explanation=N_(
        "The field was empty, or held nothing but blanks and signs that cannot be seen. In PuTTY you paste with the right mouse button or Shift+Insert, in Windows Terminal with Ctrl+Shift+V or the right mouse button. The key is shown as dots, so that it cannot be read over your shoulder."
    ),
    step=StepId.CREATE_KEY,
)
KEY_IS_ID = Code(
    "TW302",
    message=N_("This is only digits: it is the number that Tripletex calls Brukernøkkel-ID, not the key."),
    hint=N_(
        "The key is a long text that Tripletex shows once, when it is made. Make a new key and copy that text."
    ),
    explanation=N_(
        "Tripletex lists every key with a number, which it calls Brukernøkkel-ID, and Finale has a field of the same name that wants something else: the key itself. The number can be looked up at any time and opens nothing. The key is a text of about 80 to 100 letters and digits that is shown once. If it is gone, make a new one and delete the first."
    ),
    step=StepId.CREATE_KEY,
)
KEY_IS_ORG_NUMBER = Code(
    "TW303",
    message=N_("This is an organisation number, not the key."),
    hint=N_("Paste the long text that Tripletex shows once, when the key is made."),
    explanation=N_(
        "What was pasted has nine digits and the check digit of an organisation number. It is asked for later, if it is needed at all. Probably the clipboard still held something that was copied earlier: copy the key in Tripletex again and paste at once."
    ),
    step=StepId.CREATE_KEY,
)
KEY_IS_NAME = Code(
    "TW304",
    message=N_("This is the name of the application or of the key, not the key itself."),
    hint=N_("Paste the long text that Tripletex shows once, when the key is made."),
    explanation=N_(
        "The application is called VismaFinale, and the key is given a name of your choice, such as Visma Finale. Both are seen in the list under API-tilgang, and neither opens anything. The key is a text of about 80 to 100 letters and digits without blanks, shown once when you click OPPRETT NØKKEL."
    ),
    step=StepId.CREATE_KEY,
)
KEY_IS_JWT = Code(
    "TW305",
    message=N_("This is a session token of a newer kind (JWT), not an API key."),
    hint=N_("Paste the long text that Tripletex shows once, when the key is made."),
    explanation=N_(
        "The text has three parts with full stops between, which is the form of a session token: it opens Tripletex for a few hours for one program. Finale needs a key, which lasts until it is deleted. Keys are made by a person under Min profil → API-tilgang."
    ),
    step=StepId.CREATE_KEY,
)
KEY_IS_REFRESH_TOKEN = Code(
    "TW306",
    message=N_("This is a refresh token (it begins with tlxr_), not an API key."),
    hint=N_("Make an API key as the steps show, and paste that."),
    explanation=N_(
        "A refresh token is something that programs get from Tripletex to renew their log-on. It holds an API key within it, but Finale cannot use it. Treat it as a secret, and make an ordinary API key for Finale under Min profil → API-tilgang."
    ),
    step=StepId.CREATE_KEY,
)
KEY_IS_CONSUMER_TOKEN = Code(
    "TW307",
    message=N_("This is the application's own token (consumer token), not the API key."),
    hint=N_("Paste the key that you made under API-tilgang in Tripletex."),
    explanation=N_(
        "The text is the very token that is already set up for the application. Both look alike, so they cannot be told apart by eye. The application's token says which program is asking and is the same for all; the key is made in Tripletex by you and says which company."
    ),
    step=StepId.CREATE_KEY,
)
KEY_CUT_OFF = Code(
    "TW308",
    message=N_("The key was cut off: {length} characters arrived, and a part is missing."),
    hint=N_("Copy it again with the copy button in Tripletex. If the window is closed, make a new key."),
    explanation=N_(
        "What arrived is the beginning, the middle or the end of a key, but not all of it. A double click, a narrow column in a PDF or a line break in an e-mail often takes only a piece. It cannot be put together again from here, and Tripletex shows it once. As long as the window in Tripletex is open, copy it anew; otherwise make a new key and delete this one."
    ),
    step=StepId.CREATE_KEY,
)
KEY_UNRECOGNISED = Code(
    "TW309",
    message=N_("This does not look like a Tripletex API key."),
    hint=N_("Paste the long text that Tripletex shows once, when the key is made. It begins with eyJ."),
    explanation=N_(
        "A key is a text of about 80 to 100 letters and digits that begins with eyJ. What was pasted has not that form, is no known mistake either, or holds two different keys at once. It was not sent to Tripletex and not kept. Copy the key alone, without the text around it."
    ),
    step=StepId.CREATE_KEY,
)
KEY_OLD_FORMAT = Code(
    "TW310",
    message=N_("This key has a form that Tripletex has not given out since about 2022."),
    hint=N_("It may still work. If it is refused, make a new key."),
    explanation=N_(
        "Until about 2022 a key was 36 signs with hyphens; since then it is longer and begins with eyJ. Old keys may still work, but nothing can be seen on them: neither their number nor whether they belong to production. If Tripletex refuses it, or you are setting up anew anyway, make a new one."
    ),
    severity=Severity.WARNING,
    step=StepId.CREATE_KEY,
)
KEY_MENDED = Code(
    "TW311",
    message=N_(
        "The key was mended after copying: what does not belong to it was removed, or its end was put back."
    ),
    hint=N_("Nothing to do: this often comes from e-mail and PDF."),
    explanation=N_(
        "Copying from e-mail, PDF or a web page often brings blanks, line breaks, quotation marks or words along, and a double click leaves out the “=” at the end. What belongs to the key is beyond doubt here, because a key that is not whole cannot be read at all. What was stored is the mended key; paste the same into Finale, without the extra signs."
    ),
    severity=Severity.INFO,
    step=StepId.CREATE_KEY,
)
TEST_KEY_IN_PRODUCTION = Code(
    "TW312",
    message=N_("This key belongs to Tripletex's test environment, and the set-up is for production."),
    hint=N_("Make the key in the company's real Tripletex, or set up for the test environment."),
    explanation=N_(
        "Keys of the test environment carry a mark inside, and it was seen before anything was sent. Tripletex has two separate worlds, tripletex.no and api-test.tripletex.tech, and keys of one are unknown in the other. If you have an account in both, look at the address in your browser."
    ),
    step=StepId.CREATE_KEY,
)
PRODUCTION_KEY_IN_TEST = Code(
    "TW313",
    message=N_("This key belongs to production, and the set-up is for Tripletex's test environment."),
    hint=N_("Make the key in the test environment, or set up for production."),
    explanation=N_(
        "Keys of the test environment carry a mark inside, and this one has none. Nothing was sent to the test environment. Take care which of the two you mean: a key of production opens real accounts."
    ),
    step=StepId.CREATE_KEY,
)
SAME_KEY = Code(
    "TW314",
    message=N_("This is the key that is already in use."),
    hint=N_("Make a new key in Tripletex and paste that one."),
    explanation=N_(
        "The key was compared with the one that the config refers to, and they are the same. Replacing a key by itself would change nothing, and afterwards you would delete the key that is in use. Click NY NØKKEL in Tripletex and copy the text that is shown then."
    ),
    step=StepId.CREATE_KEY,
)
SECRET_IN_CONFIG = Code(
    "TW320",
    message=N_("“{key}” holds something that looks like a key. A key never stands in the config."),
    hint=N_(
        "Remove it, make a new key in Tripletex because this one may have been seen, and refer to it: keyring, file, env or command."
    ),
    explanation=N_(
        "A config is copied, mailed and backed up, so it only says where the key lies. The value has the form of a token and is not shown again. Whoever could read the file has been able to read the key: delete it in Tripletex and make a new one, then let the wizard put that into a store and write the reference."
    ),
    step=StepId.CREATE_KEY,
)
NOT_IN_KEYRING = Code(
    "TW321",
    message=N_("The keyring has no entry “{entry}”."),
    hint=N_("Run `tripletex-wizard setup` or `rotate` as the user who will use it."),
    explanation=N_(
        "The keyring answered, and has nothing under that name. A keyring belongs to one user on one machine: an entry made by you is not there for root, for a service user or on another server. Look under the service “tripletex-wizard”. It says nothing about whether the key works."
    ),
    step=StepId.CREATE_KEY,
)
SECRET_FILE_MISSING = Code(
    "TW322",
    message=N_("The key file {path} does not exist."),
    hint=N_("Correct the path, or put the key there with `tripletex-wizard rotate`."),
    explanation=N_(
        "The config refers to a file, and there is none at that path. Relative paths start in the folder of the config, so a config that was moved or copied loses its file. The key may still exist elsewhere; it is not known to be bad."
    ),
    step=StepId.CREATE_KEY,
)
SECRET_FILE_EXPOSED = Code(
    "TW323",
    message=N_("The key file {path} can be read or changed by others on this machine."),
    hint=N_("Run: chmod 600 {quoted_path}"),
    explanation=N_(
        "The file with the key must be open to its owner alone, and its permissions give others leave to read or change it. It was not read. If others have been able to read it, rotate the key after mending the permissions: what has been seen stays seen."
    ),
    step=StepId.STORAGE,
)
SECRET_FILE_OWNER = Code(
    "TW324",
    message=N_("The key file {path} belongs to another user."),
    hint=N_("Run: chown {user} {quoted_path}"),
    explanation=N_(
        "A key file must belong to the user who runs this, or to root, because its owner can change it at any time and so decide which key is used. The file was not read. If the owner is right and you are the wrong user, run the check as that user instead."
    ),
    step=StepId.STORAGE,
)
SECRET_FILE_NOT_REGULAR = Code(
    "TW325",
    message=N_("{path} is not a regular file."),
    hint=N_("Point the reference at an ordinary file with the key on its first line."),
    explanation=N_(
        "The path leads to a folder, a device, a pipe or another thing that is not an ordinary file. Reading it could wait for ever or change something, so it is not done. For a program that hands out the key use “command” instead."
    ),
    step=StepId.STORAGE,
)
SECRET_EMPTY = Code(
    "TW326",
    message=N_("There is nothing at {reference}."),
    hint=N_("Put the key there, or correct the reference."),
    explanation=N_(
        "The place exists, but holds nothing, or only blanks and line breaks. A file that was made in advance and never filled, or a variable set to nothing, are the usual reasons. Nothing was sent to Tripletex."
    ),
    step=StepId.CREATE_KEY,
)
COMMAND_REFUSED = Code(
    "TW327",
    message=N_("The command is not run, because others can change this config."),
    hint=N_("Run: chmod go-w {quoted_path}"),
    explanation=N_(
        "A config with a command decides which program runs as you. If others can change the config, or a folder on the way to it, they could run anything in your name, so the command is not run. Take away their right to write; reading is allowed, for a config holds no secrets."
    ),
    step=StepId.STORAGE,
)
STORE_LOSES = Code(
    "TW328",
    message=N_("“{backend}” did not give back what it was given."),
    hint=N_("Choose another place for the key."),
    explanation=N_(
        "Before a key is trusted to a store, a random value is put in, read back and removed. This store took the value and then did not have it. Some keyrings do so on purpose, such as keyring's “null”; others when their service is not running. A key put there would be lost, and Tripletex shows it only once."
    ),
    step=StepId.STORAGE,
)
STORE_REFUSED = Code(
    "TW329",
    message=N_("The keyring “{backend}” is not used, because it is not known to keep secrets safe."),
    hint=N_(
        "It was chosen by {source}. Remove that choice, let it name a keyring such as keyring.backends.SecretService.Keyring, or choose another place for the key."
    ),
    explanation=N_(
        "The program keyring can be told to use many kinds of stores, and some of them write secrets as plain text or not at all. Only stores of the operating system are used here: Secret Service (GNOME, KWallet), the macOS keychain and the Windows credential store. Your key is not in the refused one; nothing was put there."
    ),
    step=StepId.STORAGE,
)
ENTRY_TAKEN = Code(
    "TW330",
    message=N_("The store already holds another key as {reference}. It was not overwritten."),
    hint=N_("Delete that entry yourself if it is no longer used."),
    explanation=N_(
        "Keys are stored under their own number, and a stored key is never overwritten, so that no key is lost by a mistake. Under this name there lies another value than the one to be stored. Look at it before you delete it: it may be the only copy of a key that is still in use."
    ),
    step=StepId.STORAGE,
)
NO_KEYRING = Code(
    "TW331",
    message=N_("There is no keyring on this machine."),
    hint=N_("Choose another place for the key; the choices are explained."),
    explanation=N_(
        "A keyring comes with a desktop, and a server reached over SSH often has none. That is no fault. A private file, open to your user only, is the usual place on a server; systemd credentials and a command of your own are others."
    ),
    step=StepId.STORAGE,
)
NOT_WRITABLE = Code(
    "TW332",
    message=N_("The key cannot be written to {path}: {reason}."),
    hint=N_("Choose another folder, or have the rights corrected."),
    explanation=N_(
        "The key was to be stored as a private file, and the operating system said no. The folder may belong to another user, the disk may be full, or the file system may be read-only. No half-written file is left behind, and a key that was there before is untouched."
    ),
    step=StepId.STORAGE,
)
SECRET_FILE_TOO_LARGE = Code(
    "TW333",
    message=N_("{path} is larger than {limit} KiB: that is not a key file."),
    hint=N_("Point the reference at an ordinary file with the key on its first line."),
    explanation=N_(
        "A key is one short line. A large file is something else, perhaps a log, an archive or a list of keys, and is not read. Give each key a file of its own, with the key on the first line."
    ),
    step=StepId.STORAGE,
)
SECRET_FILE_OUTSIDE = Code(
    "TW334",
    message=N_("“{path}” leads out of $CREDENTIALS_DIRECTORY."),
    hint=N_("Name a credential that lies in that folder itself."),
    explanation=N_(
        "systemd puts the credentials of a service into one folder of its own, and a path that begins with $CREDENTIALS_DIRECTORY may name what lies in it and nothing else. This one leads out again, by “..”. Name the credential as it is called in LoadCredential=."
    ),
    step=StepId.STORAGE,
)
COMMAND_REFUSED_OWNER = Code(
    "TW335",
    message=N_("The command is not run, because {path} belongs to another user."),
    hint=N_("Run: chown {user} {quoted_path}"),
    explanation=N_(
        "A config with a command decides which program runs as you, and the owner of a file can always change it. The config, or a folder on the way to it, belongs to somebody who is neither you nor root, so the command is not run. Take the file over, or run the check as its owner."
    ),
    step=StepId.STORAGE,
)
NOT_OURS = Code(
    "TW336",
    message=N_("{reference} was not put there by this program and was left alone."),
    hint=N_("Delete it yourself when it is no longer used."),
    explanation=N_(
        "The wizard removes only what it has put away itself: its own entries in the keyring and the files in its own folder. The key here was put in place by somebody else, who may use it for other things too. When nothing refers to it any longer, remove it the way it was put there, and delete the key in Tripletex."
    ),
    severity=Severity.WARNING,
)
