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
    explanation=N_(
        "Two tokens go to Tripletex: the key, which says which company, and the application's own token, which says which program is asking. Tripletex looked at the second one first and refused it (HTTP 422), so it never came to the key. Tokens of the test environment do not work in production, nor the other way round. Compare the environment in the config with the one the token was given for."
    ),
    step=StepId.APPLICATION,
)
KEY_REJECTED = Code(
    "TW402",
    message=N_("Tripletex does not accept the key."),
    hint=N_(
        "Likeliest first: it was made for another application than {application}; it was deleted in Tripletex; it has expired. Make a new key and choose {application} as application."
    ),
    explanation=N_(
        "Tripletex knows the application but not this key together with it (HTTP 422). Tripletex gives the same answer whether the key was made for another application, was deleted, has expired or never existed, so the reason cannot be seen from here. Under API-tilgang in Tripletex you see which keys exist and for which application. It is not a matter of network, rights or organisation number."
    ),
    step=StepId.CREATE_KEY,
)
LOG_ON_REFUSED = Code(
    "TW403",
    message=N_("Tripletex gave a session and then refused it."),
    hint=N_(
        "The owner of the key may have lost access to Tripletex, or this machine's date is wrong. Make a new key as a user who stays."
    ),
    explanation=N_(
        "The key was accepted and a session was given, but the first question asked with it was answered “Unauthorized” (HTTP 401). That happens when the owner of the key can no longer log on to Tripletex, for example after leaving, and when the session was given a last day that had already begun in Norway because the clock here is wrong. The key as such is known to Tripletex."
    ),
    step=StepId.CREATE_KEY,
)
NO_RIGHTS = Code(
    "TW404",
    message=N_("The key may not read the company: its owner lacks rights in Tripletex."),
    hint=N_("Have an administrator make the key. A key never has more rights than the user who made it."),
    explanation=N_(
        "The log-on went well, but reading the company was refused (HTTP 403). A key has at most the rights of the user who made it, and fewer if fewer were chosen when it was made. In Tripletex, grey rights on the key are those that its owner lacks. Give the owner the rights and make a new key, or let an administrator make it."
    ),
    step=StepId.CREATE_KEY,
)
OFFICE_KEY_FOR_COMPANY = Code(
    "TW405",
    message=N_(
        "This is an accounting office's key («Regnskapskontorets brukernøkkel»); a single company needs an ordinary key."
    ),
    hint=N_("Choose accounting office, or make a new key without that tick."),
    explanation=N_(
        "A key made with that tick reads the clients of the office and nothing in the office's own accounts; Tripletex says so itself when it is tried on a company. The key is not broken, it is only of the other kind. Is the company a client of the office, then choose accounting office. Is it to be read with a key of its own, log on to that company and make one without the tick."
    ),
    step=StepId.SETUP,
)
ORDINARY_KEY_FOR_BUREAU = Code(
    "TW406",
    message=N_("This is an ordinary key; an accounting office needs an office key."),
    hint=N_(
        "Make a new key in the office's own Tripletex and tick «Regnskapskontorets brukernøkkel», or choose single company."
    ),
    explanation=N_(
        "An ordinary key reads the one company in which it was made, and no clients. It was seen by asking Tripletex for that company, which an office key may not read. The tick cannot be added afterwards: a new key must be made, in the office's own account, by a user with the right «Brukeradministrator i klientkontoer»."
    ),
    step=StepId.CREATE_KEY,
)
CLIENT_ACCESS_MISSING = Code(
    "TW407",
    message=N_("The key does not reach the client {number}."),
    hint=N_("Give the key Klienttilgang for that client in Tripletex, then check again."),
    explanation=N_(
        "An office key reaches the clients that it has been given access to, one by one, and this client is not in the list that Tripletex gave. The access belongs to the key, which stands under Klienttilgang as an employee with the key's name; that your own user has access does not help. If access has been given, compare the organisation number on the client in Tripletex with the one here."
    ),
    step=StepId.CLIENT_ACCESS,
)
OTHER_COMPANY = Code(
    "TW408",
    message=N_("The key belongs to {company} ({number}), not to {wanted}."),
    hint=N_("Log on to the right company in Tripletex and make the key there."),
    explanation=N_(
        "Tripletex says itself which company a key belongs to: the one that was open when it was made. Whoever has several companies in Tripletex easily makes it in the wrong one. The key works, and Finale would read the figures of that other company without saying so. If it is the number in the config that is wrong, correct that instead."
    ),
    step=StepId.CREATE_KEY,
)
SEVERAL_CLIENTS = Code(
    "TW409",
    message=N_("{count} clients share the organisation number {number}: {names}."),
    hint=N_(
        "Finale cannot tell them apart. Take access away from those that are not meant, or correct their number in Tripletex."
    ),
    explanation=N_(
        "Finale names a client by its organisation number only, and Tripletex gave several clients with this one. Often one is an old or closed account, a test copy or a branch that was given the number of its owner. Which of them Finale would read is not known; that the key works is."
    ),
    severity=Severity.WARNING,
    step=StepId.CLIENT_ACCESS,
)
NO_CLIENTS = Code(
    "TW410",
    message=N_("The office key reaches no clients yet."),
    hint=N_("Give it Klienttilgang for the clients, as the step shows."),
    explanation=N_(
        "The key is an office key and Tripletex accepts it, but the list of clients it may log on to is empty. A new key always begins like that: access is given per client, or to many at once from Kunder/leverandører. It is nothing wrong with the key."
    ),
    step=StepId.CLIENT_ACCESS,
)
CLIENT_LOG_ON_REFUSED = Code(
    "TW411",
    message=N_("The client {number} is in the list, but Tripletex refuses the log-on to it."),
    hint=N_(
        "Open the client in Tripletex and give the key Klienttilgang anew, with the template «Standardrettigheter for regnskapsførere»."
    ),
    explanation=N_(
        "Tripletex lists the client as reachable, but a log-on to it was refused (HTTP 401 or 403). The access may have been given with a template that holds too little, the client's account may be closed, or the client may have taken rights back from the office. Other clients are not affected."
    ),
    step=StepId.CLIENT_ACCESS,
)
REQUEST_REFUSED = Code(
    "TW412",
    message=N_("Tripletex refused the request (HTTP {status}, code {code})."),
    hint=N_("Give Tripletex support the request id {request}."),
    explanation=N_(
        "Tripletex answered, and the answer was a no that fits none of the known cases. So it is neither the network nor one of the usual mistakes. With the request id Tripletex support can find this very request and see why; the id holds nothing secret. A newer version of this program may know the answer."
    ),
)
EARLIER_KEY_LIVES = Code(
    "TW413",
    message=N_("The previous key (number {key}) still logs on."),
    hint=N_("Delete it in Tripletex under API-tilgang."),
    explanation=N_(
        "After a rotation the previous key was tried, and Tripletex still accepts it. Making a new key does not delete the old one. As long as it lives, whoever has it can read the accounts. Find it by its number or name under API-tilgang, on the user who made it, and delete it when Finale works with the new one."
    ),
    severity=Severity.WARNING,
)
FEWER_CLIENTS = Code(
    "TW414",
    message=N_("Clients that the old key reached and the new one does not: {count}."),
    hint=N_("Give the new key Klienttilgang for them, or accept the list."),
    explanation=N_(
        "Client access belongs to the key, so a new key does not take over the clients of the one it replaces. The lists of both were read and compared. Going on is possible if the missing clients have left; otherwise Finale loses them. Many clients at once: Kunder/leverandører, tick them, Klienttilgang."
    ),
    step=StepId.CLIENT_ACCESS,
)
OTHER_KIND = Code(
    "TW415",
    message=N_("The new key is of another kind than the one it replaces."),
    hint=N_("Make it as before: with or without the tick «Regnskapskontorets brukernøkkel»."),
    explanation=N_(
        "The key in use and the new one differ in the tick «Regnskapskontorets brukernøkkel»: one reads a single company, the other the clients of an office. Finale is set up for the first kind, so the new key would not work there. If you do want to change kind, run the set-up anew instead of rotating."
    ),
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
