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
