"""TW6xx: something is wrong with this machine, whatever the config says.

The ids are stable: they stand in other people's scripts.
"""

from wizard.domain.finding import Code, Severity
from wizard.text import N_

CLOCK_OFF = Code(
    "TW601",
    message=N_("The clock of this machine differs by {seconds} seconds from Tripletex's."),
    hint=N_("Have the clock set by the network (timedatectl set-ntp true)."),
    explanation=N_(
        "Tripletex ends a session when a date begins in Norway, and a certificate is good from one moment to another. A clock that is a minute wrong does no harm yet, and says that nobody keeps it right."
    ),
    severity=Severity.WARNING,
)
CERTIFICATES_MISSING = Code(
    "TW602",
    message=N_("{variable} names {path}, which cannot be used: {reason}."),
    hint=N_("Unset {variable}, or let it name what it should: then the system's own certificates are used."),
    explanation=N_(
        "SSL_CERT_FILE and SSL_CERT_DIR stand for the file and the folder of certificates that the system trusts. Where one leads nowhere, only the other is left, and where both do, other programs trust nobody at all and every encrypted connection fails as if Tripletex had a false certificate."
    ),
    severity=Severity.WARNING,
)
DEFAULTS_UNUSABLE = Code(
    "TW603",
    message=N_("The site's defaults cannot be used: {problem}"),
    hint=N_("Have the administrator correct the file. No other command runs until then."),
    explanation=N_(
        "The defaults decide for everybody on the machine where keys are kept and where the application's token comes from. Going on without them would do something else than the administrator has decided."
    ),
)
UMASK_OPEN = Code(
    "TW604",
    message=N_("New files would be open to others (umask {umask})."),
    hint=N_("Run umask 077 first."),
    explanation=N_(
        "The umask says which rights a new file does not get. The program sets it to 077 for itself, so that what it writes is private; a program that uses it as a library must do so too."
    ),
    severity=Severity.WARNING,
)
ANSWERS_NOT_KEPT = Code(
    "TW605",
    message=N_("Your answers cannot be kept on the way: {path} cannot be written to ({reason})."),
    hint=N_("Go on to the end without a break, or have the folder put in order first."),
    explanation=N_(
        "After every step the program notes where a set-up is, never a key, so that a lost connection loses nothing. The folder for these notes is $XDG_STATE_HOME/tripletex-wizard, usually ~/.local/state/tripletex-wizard. It may belong to another user, because the program once ran as root, or the disk may be full. Everything else works."
    ),
    severity=Severity.WARNING,
)
