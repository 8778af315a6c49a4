"""TW5xx: could not be checked. Nothing is proven wrong.

The ids are stable: they stand in other people's scripts.
"""

from wizard.domain.finding import Code, Severity
from wizard.domain.step import StepId
from wizard.text import N_

NAME_NOT_RESOLVED = Code(
    "TW501",
    message=N_("The address {host} could not be found (DNS)."),
    hint=N_("Check the network, and whether this machine may look up names on the internet."),
)
NOT_CONNECTED = Code(
    "TW502",
    message=N_("No connection to {host}: {reason}."),
    hint=N_("Check the network and the firewall (port 443 out), then check again."),
)
NO_ANSWER = Code(
    "TW503",
    message=N_("{host} did not answer in time."),
    hint=N_("Wait a little and check again."),
)
TLS_FAILED = Code(
    "TW504",
    message=N_("The encrypted connection to {host} could not be trusted: {reason}."),
    hint=N_(
        "A company proxy that opens traffic needs its certificate in this machine's trust store. Check the date and time too."
    ),
)
PROXY_REFUSED = Code(
    "TW505",
    message=N_("The proxy refused the connection: {reason}."),
    hint=N_("Ask the one who runs the network. HTTPS_PROXY and NO_PROXY decide which proxy is used."),
)
NOT_TRIPLETEX = Code(
    "TW506",
    message=N_("Something else than Tripletex answered: {reason}."),
    hint=N_(
        "A log-on page for the network, or a proxy, stands between. Open a web page in a browser on this machine to see it."
    ),
)
REDIRECTED = Code(
    "TW507",
    message=N_("The answer was a redirect to another address. It was not followed."),
    hint=N_("A proxy or log-on page for the network stands between. The key was sent nowhere else."),
)
SERVER_TROUBLE = Code(
    "TW508",
    message=N_("Tripletex has trouble right now (HTTP {status})."),
    hint=N_("Nothing is wrong with the key as far as is known. Check again later."),
)
RATE_LIMITED = Code(
    "TW509",
    message=N_("Tripletex asked us to wait, and the time was not enough."),
    hint=N_("Check again in a minute."),
)
CONSUMER_TOKEN_MISSING = Code(
    "TW510",
    message=N_(
        "The key was not tried against Tripletex: the application's token (consumer token) is not known here."
    ),
    hint=N_(
        "Ask the one who gave you this program for it. The set-up works without; only this check is left out."
    ),
    step=StepId.APPLICATION,
)
STORE_LOCKED = Code(
    "TW511",
    message=N_("The keyring is locked."),
    hint=N_("Unlock it (log on to the desktop, or run gnome-keyring-daemon --unlock), then check again."),
    step=StepId.STORAGE,
)
STORE_SILENT = Code(
    "TW512",
    message=N_("The keyring did not answer within {seconds} seconds."),
    hint=N_("Check again. If it goes on, choose another place for the key."),
    step=StepId.STORAGE,
)
ENV_NOT_SET = Code(
    "TW513",
    message=N_("The environment variable {name} is not set here."),
    hint=N_("Set it for this program, or correct the reference."),
    step=StepId.STORAGE,
)
COMMAND_FAILED = Code(
    "TW514",
    message=N_("The command {program} failed ({reason})."),
    hint=N_("Run it yourself to see why."),
    step=StepId.STORAGE,
)
COMMAND_SILENT = Code(
    "TW515",
    message=N_("The command {program} did not end within {seconds} seconds."),
    hint=N_("Run it yourself: it may be waiting for a password."),
    step=StepId.STORAGE,
)
FILE_UNREADABLE = Code(
    "TW516",
    message=N_("{path} could not be read: {reason}."),
    hint=N_("Have the rights corrected, or run as the right user."),
)
UNEXPECTED_ANSWER = Code(
    "TW517",
    message=N_("Tripletex gave an answer that this program does not understand: {reason}."),
    hint=N_("Check again later. If it goes on, report it with the request id."),
)
NOT_ASKED = Code(
    "TW518",
    message=N_("Not checked against Tripletex (--offline)."),
    hint=N_("Run the same without --offline."),
    severity=Severity.INFO,
)
STORE_BROKEN = Code(
    "TW519",
    message=N_("The keyring “{backend}” could not be used: {reason}."),
    hint=N_("Check again. If it goes on, choose another place for the key."),
    step=StepId.STORAGE,
)
CLIENT_UNREADABLE = Code(
    "TW520",
    message=N_("{count} clients in the list have no organisation number that can be read."),
    hint=N_("They may be among those missing. See them with `tripletex-wizard clients`."),
    severity=Severity.WARNING,
    step=StepId.CLIENT_ACCESS,
)
OUT_OF_TIME = Code(
    "TW521",
    message=N_("The time for the whole run was up before this was checked."),
    hint=N_("Run again with fewer files, or a longer deadline."),
)
KIND_UNKNOWN = Code(
    "TW522",
    message=N_("Whether this is an ordinary key or an office key could not be seen."),
    hint=N_("Check again. Until then choose what you ticked when you made the key."),
    severity=Severity.WARNING,
    step=StepId.SETUP,
)
BUSY = Code(
    "TW523",
    message=N_("Another run holds {path}: {holder}."),
    hint=N_("Wait until it is done, or end it."),
)
CREDENTIALS_DIRECTORY_UNSET = Code(
    "TW524",
    message=N_("The key file lies in $CREDENTIALS_DIRECTORY, which is not set here."),
    hint=N_("It is set by systemd for a service with LoadCredential=. Run the check from that service."),
    step=StepId.STORAGE,
)
KEYRING_NOT_HERE = Code(
    "TW525",
    message=N_("No keyring can be reached from here."),
    hint=N_("Run it in the session of the user whose keyring holds the key: cron and services have none."),
    step=StepId.STORAGE,
)
CLOCK_WRONG = Code(
    "TW526",
    message=N_(
        "The clock of this machine is {hours} hours behind, so the session had ended before it began."
    ),
    hint=N_("Set date, time and time zone right, then check again. The key itself was not tested."),
    explanation=N_(
        "A session at Tripletex ends when a date begins in Norway, and the program asks for the day after today. With a clock that is behind, that day has begun already: Tripletex still gives out the session, and refuses it at once. The difference was seen by comparing the clock with the time that Tripletex puts on its answers."
    ),
)
COMPANY_UNREADABLE = Code(
    "TW527",
    message=N_(
        "Whether the key belongs to the company {wanted} could not be seen: Tripletex did not tell its number."
    ),
    hint=N_("Compare the company in Tripletex yourself: the number stands in its company settings."),
    explanation=N_(
        "The organisation number is a free text in Tripletex and may be empty, as it often is in test companies. It may also be held back from a key with few rights. Without it there is nothing to compare, which proves neither that the company is right nor that it is wrong."
    ),
    step=StepId.CREATE_KEY,
)
NOT_WRITTEN = Code(
    "TW530",
    message=N_("{path} could not be written: {reason}."),
    hint=N_(
        "Nothing was changed. Choose another folder, or have the rights or the disk space corrected, and try again."
    ),
    explanation=N_(
        "The file is first written beside its place and then moved there in one stroke, so a failure on the way leaves everything as it was. A full disk, a folder that may not be written to and a file system that is read-only are the usual reasons. The key is safe in its store meanwhile."
    ),
    step=StepId.REVIEW,
)
NOT_EXAMINED = Code(
    "TW531",
    message=N_("This could not be examined: {reason}."),
    hint=N_("Run again with -v for more, and report it."),
    explanation=N_(
        "The doctor looks at many parts of the machine, each by itself. One of them could not even be looked at, which says nothing about whether it works; the others were examined all the same."
    ),
)
CLOCK_NOT_COMPARED = Code(
    "TW532",
    message=N_("The clock could not be compared with Tripletex's."),
    hint=N_("Have the connection to Tripletex mended first, then run again."),
    explanation=N_(
        "Every answer from Tripletex carries the time. Where none came, nothing is known about this machine's clock."
    ),
)
