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
    explanation=N_(
        "Before anything is sent, the name is turned into an address by DNS, and that gave no answer. No connection was made, so nothing is known about the key. A machine without access to the internet, a VPN that is off or a wrong name server are the usual reasons; behind a proxy, see that HTTPS_PROXY is set."
    ),
)
NOT_CONNECTED = Code(
    "TW502",
    message=N_("No connection to {host}: {reason}."),
    hint=N_("Check the network and the firewall (port 443 out), then check again."),
    explanation=N_(
        "The address is known, but no connection came about: it was refused, had no route or broke off. Usually a firewall lets nothing out on port 443, or the network is down. The key was not sent and may well be right."
    ),
)
NO_ANSWER = Code(
    "TW503",
    message=N_("{host} did not answer in time."),
    hint=N_("Wait a little and check again."),
    explanation=N_(
        "The connection was made, but the answer took longer than this program waits. Tripletex may be busy, or a firewall drops the traffic without a word. Whether the key works is not known. Trying again is safe: checking changes nothing in Tripletex."
    ),
)
TLS_FAILED = Code(
    "TW504",
    message=N_("The encrypted connection to {host} could not be trusted: {reason}."),
    hint=N_(
        "A company proxy that opens traffic needs its certificate in this machine's trust store. Check the date and time too."
    ),
    explanation=N_(
        "The other side could not prove to be Tripletex with a certificate that this machine trusts, so the key was not sent. Many companies open encrypted traffic in a proxy and sign it anew; then their certificate must be in this machine's trust store. A clock that is wrong by more than a little makes valid certificates look expired. The check is never switched off here."
    ),
)
PROXY_REFUSED = Code(
    "TW505",
    message=N_("The proxy refused the connection: {reason}."),
    hint=N_("Ask the one who runs the network. HTTPS_PROXY and NO_PROXY decide which proxy is used."),
    explanation=N_(
        "Traffic from this machine goes through a proxy, and the proxy did not let it pass. It may want a user name, or have no permission for Tripletex. Tripletex itself was never reached, so nothing is known about the key. Which proxy is used is decided by the variables HTTPS_PROXY and NO_PROXY."
    ),
)
NOT_TRIPLETEX = Code(
    "TW506",
    message=N_("Something else than Tripletex answered: {reason}."),
    hint=N_(
        "A log-on page for the network, or a proxy, stands between. Open a web page in a browser on this machine to see it."
    ),
    explanation=N_(
        "An answer came, but it does not have the form of Tripletex's answers; a web page is typical. Guest networks and proxies put their own page in the way until somebody logs on or accepts the terms. Nothing can be said about the key from such an answer."
    ),
)
REDIRECTED = Code(
    "TW507",
    message=N_("The answer was a redirect to another address. It was not followed."),
    hint=N_("A proxy or log-on page for the network stands between. The key was sent nowhere else."),
    explanation=N_(
        "Tripletex's interface answers where it is asked and does not send anybody elsewhere, so a redirect comes from something in between. Following it could hand the key to a stranger, and is never done. Log on to the network, or ask whoever runs the proxy to let the two addresses of Tripletex pass."
    ),
)
SERVER_TROUBLE = Code(
    "TW508",
    message=N_("Tripletex has trouble right now (HTTP {status})."),
    hint=N_("Nothing is wrong with the key as far as is known. Check again later."),
    explanation=N_(
        "Tripletex answered that something went wrong on its own side (HTTP 500 or above). That says nothing about the key, the rights or the organisation number. If it lasts, look at Tripletex's status page or ask its support, with the request id."
    ),
)
RATE_LIMITED = Code(
    "TW509",
    message=N_("Tripletex asked us to wait, and the time was not enough."),
    hint=N_("Check again in a minute."),
    explanation=N_(
        "Tripletex allows a certain number of requests in a short time for each key, about a hundred in ten seconds, and answers HTTP 429 beyond that. This program waits and tries again, but something else seems to use the same key heavily. That does not mean that the key is wrong, only that the check was not finished."
    ),
)
CONSUMER_TOKEN_MISSING = Code(
    "TW510",
    message=N_(
        "The key was not tried against Tripletex: the application's token (consumer token) is not known here."
    ),
    hint=N_(
        "Ask the one who gave you this program for it. The set-up works without; only this check is left out."
    ),
    explanation=N_(
        "Tripletex tells nothing about a key alone: it must come together with the token of the application it was made for, in this case Visma Finale's own. That token is given by the one who runs this program, in the config, in TRIPLETEX_CONSUMER_TOKEN, in the site's defaults or in the secret store. What can be seen on the key itself has been checked. Finale has the token built in and is not affected."
    ),
    step=StepId.APPLICATION,
)
STORE_LOCKED = Code(
    "TW511",
    message=N_("The keyring is locked."),
    hint=N_("Unlock it (log on to the desktop, or run gnome-keyring-daemon --unlock), then check again."),
    explanation=N_(
        "The keyring is there but locked, and opens with its owner's password, usually when logging on to the desktop. Over SSH and in cron nobody has logged on that way. The key lies in it unharmed; it just cannot be read now. For checks that run by themselves, a private file or systemd credentials fit better."
    ),
    step=StepId.STORAGE,
)
STORE_SILENT = Code(
    "TW512",
    message=N_("The keyring did not answer within {seconds} seconds."),
    hint=N_("Check again. If it goes on, choose another place for the key."),
    explanation=N_(
        "The keyring was asked and gave no answer. Often it is waiting for a password in a window that nobody sees, because it was started on another screen. This program does not wait longer, so that it does not hang. Log on to the desktop to see the window, or choose a private file."
    ),
    step=StepId.STORAGE,
)
ENV_NOT_SET = Code(
    "TW513",
    message=N_("The environment variable {name} is not set here."),
    hint=N_("Set it for this program, or correct the reference."),
    explanation=N_(
        "The config says that the token is in an environment variable, and here there is no such variable. A variable set in one terminal is not there in another, nor in cron, sudo or a service. The token may be right where it is set; from here it cannot be seen."
    ),
    step=StepId.STORAGE,
)
COMMAND_FAILED = Code(
    "TW514",
    message=N_("The command {program} failed ({reason})."),
    hint=N_("Run it yourself to see why."),
    explanation=N_(
        "The command that hands out the token ended with an error or could not be started. What it wrote is not shown here, because it could hold the token. It is run without a shell, so pipes, variables and ~ are not understood, and with the rights and surroundings of the user who runs this check."
    ),
    step=StepId.STORAGE,
)
COMMAND_SILENT = Code(
    "TW515",
    message=N_("The command {program} did not end within {seconds} seconds."),
    hint=N_("Run it yourself: it may be waiting for a password."),
    explanation=N_(
        "The command that hands out the token was still running when the time was up, and was ended. It gets no keyboard, so one that asks for a password or a confirmation waits for ever. Let it log on beforehand, or use another kind of reference for checks that run by themselves."
    ),
    step=StepId.STORAGE,
)
FILE_UNREADABLE = Code(
    "TW516",
    message=N_("{path} could not be read: {reason}."),
    hint=N_("Have the rights corrected, or run as the right user."),
    explanation=N_(
        "The file exists, but the operating system did not let this user read it, or reading failed on the way. That is about permissions or the disk, not about what stands in the file. Checks from cron and systemd often run as another user than the one who made the file."
    ),
)
UNEXPECTED_ANSWER = Code(
    "TW517",
    message=N_("Tripletex gave an answer that this program does not understand: {reason}."),
    hint=N_("Check again later. If it goes on, report it with the request id."),
    explanation=N_(
        "The answer came from Tripletex, but has another form than this program knows, so nothing is concluded from it. Tripletex may have changed something, or a proxy may have altered the answer. It is not a sign that the key is bad. A newer version of the program may understand it."
    ),
)
NOT_ASKED = Code(
    "TW518",
    message=N_("Not checked against Tripletex (--offline)."),
    hint=N_("Run the same without --offline."),
    explanation=N_(
        "With --offline only what can be seen on this machine is checked: the file, the organisation number, and the form of the key. Whether Tripletex accepts the key, and which company or clients it reaches, is left open. No connection was made."
    ),
    severity=Severity.INFO,
)
STORE_BROKEN = Code(
    "TW519",
    message=N_("The keyring “{backend}” could not be used: {reason}."),
    hint=N_("Check again. If it goes on, choose another place for the key."),
    explanation=N_(
        "The keyring is installed, but its service failed when it was asked. After an update, with a full disk or without a session bus that can happen. Whether the key lies in it is not known. `tripletex-wizard doctor` tries the store from end to end and shows where it stops."
    ),
    step=StepId.STORAGE,
)
CLIENT_UNREADABLE = Code(
    "TW520",
    message=N_("Clients in the list without an organisation number that can be read: {count}."),
    hint=N_("They may be among those missing. See them with `tripletex-wizard clients`."),
    explanation=N_(
        "Clients are found by their organisation number. In Tripletex that field is free text and can be empty, or hidden from the key, and then it cannot be seen which client it is. A client reported as missing may be among these. Fill in the number on the client's card in Tripletex and check again."
    ),
    severity=Severity.WARNING,
    step=StepId.CLIENT_ACCESS,
)
OUT_OF_TIME = Code(
    "TW521",
    message=N_("The time for the whole run was up before this was checked."),
    hint=N_("Run again with fewer files, or a longer deadline."),
    explanation=N_(
        "The whole run has a limit, so that a check from cron ends before the next begins. What was not reached by then is reported like this, and not as wrong. Files that share a key are checked together and take little time; many different keys take longer."
    ),
)
KIND_UNKNOWN = Code(
    "TW522",
    message=N_("Whether this is an ordinary key or an office key could not be seen."),
    hint=N_("Check again. Until then choose what you ticked when you made the key."),
    explanation=N_(
        "The two kinds of keys are told apart by asking for the company the key belongs to: an ordinary key may read it, an office key may not. This time the answer was neither a clear yes nor that no. The key itself was accepted. What you ticked in Tripletex decides: «Regnskapskontorets brukernøkkel» or not."
    ),
    severity=Severity.WARNING,
    step=StepId.SETUP,
)
BUSY = Code(
    "TW523",
    message=N_("Another run holds {path}: {holder}."),
    hint=N_("Wait until it is done, or end it."),
    explanation=N_(
        "Each config is held by one run at a time, so that two do not write over each other. The other run may be waiting for an answer on another screen, or be a rotation that is going on. The hold is let go by itself when that run ends, also if it crashes; a file that it left behind holds nobody up."
    ),
)
CREDENTIALS_DIRECTORY_UNSET = Code(
    "TW524",
    message=N_("The key file lies in $CREDENTIALS_DIRECTORY, which is not set here."),
    hint=N_("It is set by systemd for a service with LoadCredential=. Run the check from that service."),
    explanation=N_(
        "systemd hands a service its secrets in a folder that exists only while that service runs, and names it in $CREDENTIALS_DIRECTORY. In a terminal there is no such folder, so the key cannot be seen from here, though it may be right for the service. Start the check as the service does, with systemctl start, and read the result with journalctl."
    ),
    step=StepId.STORAGE,
)
KEYRING_NOT_HERE = Code(
    "TW525",
    message=N_("No keyring can be reached from here."),
    hint=N_("Run it in the session of the user whose keyring holds the key: cron and services have none."),
    explanation=N_(
        "A keyring lives in the session of one user, and from here none answers. cron, sudo and services run outside that session, and so does a bare SSH log-on on many servers. The key may lie safely in the keyring all the same. For checks that run by themselves, move it to a private file or to systemd credentials."
    ),
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
