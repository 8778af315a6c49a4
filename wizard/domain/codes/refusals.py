"""TW4xx: Tripletex says no.

The ids are stable: they stand in other people's scripts.
"""

from wizard.domain.finding import Code, Severity
from wizard.domain.step import StepId
from wizard.text import N_

CONSUMER_TOKEN_REJECTED = Code(
    "TW401",
    message=N_("Tripletex does not accept the application's token (consumer token)."),
    hint=N_(
        "It belongs to another environment, or is wrong. Ask the one who gave it to you. The key itself was not tested."
    ),
    step=StepId.APPLICATION,
)
KEY_REJECTED = Code(
    "TW402",
    message=N_("Tripletex does not accept the key."),
    hint=N_(
        "Likeliest first: it was made for another application than {application}; it was deleted in Tripletex; it has expired. Make a new key and choose {application} as application."
    ),
    step=StepId.CREATE_KEY,
)
LOG_ON_REFUSED = Code(
    "TW403",
    message=N_("Tripletex gave a session and then refused it."),
    hint=N_(
        "The owner of the key may have lost access to Tripletex, or this machine's date is wrong. Make a new key as a user who stays."
    ),
    step=StepId.CREATE_KEY,
)
NO_RIGHTS = Code(
    "TW404",
    message=N_("The key may not read the company: its owner lacks rights in Tripletex."),
    hint=N_("Have an administrator make the key. A key never has more rights than the user who made it."),
    step=StepId.CREATE_KEY,
)
OFFICE_KEY_FOR_COMPANY = Code(
    "TW405",
    message=N_(
        "This is an accounting office's key («Regnskapskontorets brukernøkkel»); a single company needs an ordinary key."
    ),
    hint=N_("Choose the bureau set-up, or make a new key without that tick."),
    step=StepId.SETUP,
)
ORDINARY_KEY_FOR_BUREAU = Code(
    "TW406",
    message=N_("This is an ordinary key; a bureau needs an office key."),
    hint=N_(
        "Make a new key in the office's own Tripletex and tick «Regnskapskontorets brukernøkkel», or choose single company."
    ),
    step=StepId.CREATE_KEY,
)
CLIENT_ACCESS_MISSING = Code(
    "TW407",
    message=N_("The key does not reach the client {number}."),
    hint=N_("Give the key Klienttilgang for that client in Tripletex, then check again."),
    step=StepId.CLIENT_ACCESS,
)
OTHER_COMPANY = Code(
    "TW408",
    message=N_("The key belongs to {company} ({number}), not to {wanted}."),
    hint=N_("Log on to the right company in Tripletex and make the key there."),
    step=StepId.CREATE_KEY,
)
SEVERAL_CLIENTS = Code(
    "TW409",
    message=N_("{count} clients share the organisation number {number}: {names}."),
    hint=N_(
        "Finale cannot tell them apart. Take access away from those that are not meant, or correct their number in Tripletex."
    ),
    severity=Severity.WARNING,
    step=StepId.CLIENT_ACCESS,
)
NO_CLIENTS = Code(
    "TW410",
    message=N_("The office key reaches no clients yet."),
    hint=N_("Give it Klienttilgang for the clients, as the step shows."),
    step=StepId.CLIENT_ACCESS,
)
CLIENT_LOG_ON_REFUSED = Code(
    "TW411",
    message=N_("The client {number} is in the list, but Tripletex refuses the log-on to it."),
    hint=N_(
        "Open the client in Tripletex and give the key Klienttilgang anew, with the template «Standardrettigheter for regnskapsførere»."
    ),
    step=StepId.CLIENT_ACCESS,
)
REQUEST_REFUSED = Code(
    "TW412",
    message=N_("Tripletex refused the request (HTTP {status}, code {code})."),
    hint=N_("Give Tripletex support the request id {request}."),
)
EARLIER_KEY_LIVES = Code(
    "TW413",
    message=N_("The previous key (number {key}) still logs on."),
    hint=N_("Delete it in Tripletex under API-tilgang."),
    severity=Severity.WARNING,
)
FEWER_CLIENTS = Code(
    "TW414",
    message=N_("The new key does not reach {count} clients that the old one reached."),
    hint=N_("Give the new key Klienttilgang for them, or accept the list."),
    step=StepId.CLIENT_ACCESS,
)
OTHER_KIND = Code(
    "TW415",
    message=N_("The new key is of another kind than the one it replaces."),
    hint=N_("Make it as before: with or without the tick «Regnskapskontorets brukernøkkel»."),
    step=StepId.CREATE_KEY,
)
TOKENS_REJECTED = Code(
    "TW416",
    message=N_("Tripletex refuses the log-on and does not say whether for the key or for the application."),
    hint=N_(
        "Likeliest first: the key was made for another application than {application}; it was deleted in Tripletex; the application's token (consumer token) is wrong. Make a new key and choose {application} as application."
    ),
    explanation=N_(
        "A log-on takes two tokens: the key, and the token of the application that the key was made for. Tripletex usually names the one that it refuses. Here it gave a general refusal instead, so either may be the cause. When keys of other companies work with the same application, it is the key."
    ),
    step=StepId.CREATE_KEY,
)
