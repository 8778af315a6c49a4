"""TW2xx: what the config means.

The ids are stable: they stand in other people's scripts.
"""

from wizard.domain.finding import Code, Severity
from wizard.domain.step import StepId
from wizard.text import N_

ORG_NUMBER_MALFORMED = Code(
    "TW201",
    message=N_("This is not an organisation number: it should have nine digits."),
    hint=N_("Find the number in Brønnøysundregistrene and type all nine digits."),
    explanation=N_(
        "An organisation number has nine digits. Blanks, full stops, “NO” in front and “MVA” behind are understood; letters, other signs and a digit too few or too many are not. Eight digits is usually a telephone number or a lost digit. The number was not looked up anywhere: this is seen on the text alone."
    ),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_CHECK_DIGIT = Code(
    "TW202",
    message=N_("The organisation number {number} cannot be right: its last digit does not fit the others."),
    hint=N_("Compare it with Brønnøysundregistrene; two digits are often swapped."),
    explanation=N_(
        "The ninth digit of an organisation number follows from the first eight, so that most typing mistakes can be seen. Here it does not fit: a digit is wrong, or two have changed places. Tripletex was not asked; a number like this cannot exist. Copy it from brreg.no or from a letter of the client."
    ),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_MISSING = Code(
    "TW203",
    message=N_("The client's organisation number is missing."),
    hint=N_("Set org_number to the client's nine digits."),
    explanation=N_(
        "An office key reads many clients, so Finale must be told which one is meant. In a set-up for one client that is done by the client's organisation number, in the field OrgNr in Finale and as org_number in the config. For all clients at once choose the common set-up instead, where Finale puts in the number itself."
    ),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_NOT_EMPTY = Code(
    "TW204",
    message=N_("A single company must have no organisation number here: OrgNr stays empty in Finale."),
    hint=N_("Leave it empty, or choose the set-up for an accounting office if the key is an office key."),
    explanation=N_(
        "A key of a single company belongs to that one company, and Finale's help page says that OrgNr is not to be filled in. A number there makes Tripletex look for a client of an accounting office. If the key was made with the tick «Regnskapskontorets brukernøkkel», it is an office key and the set-up is the wrong one, not the number."
    ),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_IS_PERSONAL = Code(
    "TW205",
    message=N_("Eleven digits look like a national identity number, not an organisation number."),
    hint=N_("Type the company's nine digits. What you typed was not kept."),
    explanation=N_(
        "Eleven digits are the length of a fødselsnummer or D-nummer. Such a number says nothing to Tripletex here, and is nobody else's business: it was neither stored nor logged, and is not shown again. A sole proprietorship too has an organisation number of nine digits, to be found at brreg.no."
    ),
    step=StepId.ORG_NUMBER,
)
PLACEHOLDER_MISSPELLED = Code(
    "TW206",
    message=N_("This looks like a misspelling of %ORGNR%."),
    hint=N_("Write exactly %ORGNR%: capital letters, a per cent sign before and after, no blanks."),
    explanation=N_(
        "Finale replaces %ORGNR% by the organisation number in the client's Firmaopplysninger when it logs on, but only when it is written exactly so. Anything else is sent to Tripletex as it stands, and no client has that number. The same spelling must stand in Finale, under Tilleggsfunksjoner → Byråopplysninger."
    ),
    step=StepId.ORG_NUMBER,
)
PLACEHOLDER_NOT_HERE = Code(
    "TW207",
    message=N_("%ORGNR% only works in a set-up that is common for all clients."),
    hint=N_("Type the client's organisation number, or choose the common set-up."),
    explanation=N_(
        "%ORGNR% stands for “the client that is open in Finale”, and belongs in the set-up that is common for all clients. In a set-up for one client, and for a single company, the value is fixed. Choose the common set-up if you meant all clients; otherwise write the number."
    ),
    step=StepId.SCOPE,
)
PLACEHOLDER_NEEDED = Code(
    "TW208",
    message=N_("A common set-up needs %ORGNR% as organisation number."),
    hint=N_('Set org_number to "%ORGNR%", or choose a set-up for one client.'),
    explanation=N_(
        "A common set-up is entered once in Finale and used for every client, so it cannot hold the number of one of them. With a fixed number Finale would read the same client's figures whichever is open. If the config really is for one client, change the set-up, not the number."
    ),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_UNUSUAL = Code(
    "TW209",
    message=N_("Norwegian organisation numbers begin with 8 or 9; {number} does not."),
    hint=N_("Check the number. Test companies may have such numbers."),
    explanation=N_(
        "All organisation numbers that Brønnøysundregistrene gives out begin with 8 or 9. This one has a check digit that fits, so it may be typed as it was meant, but no real company is likely to have it. Tripletex's test companies do have such numbers; then environment should be “test”."
    ),
    severity=Severity.WARNING,
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_NOT_PLAIN = Code(
    "TW210",
    message=N_("The organisation number must stand as nine digits and nothing else: {number}."),
    hint=N_('Write it as "{number}".'),
    explanation=N_(
        "The number is right, but other programs read this file as well, and they compare it digit by digit. On the screen you may type it with blanks, NO and MVA; in the file it stands as nine digits in quotation marks."
    ),
    step=StepId.ORG_NUMBER,
)
CLIENTS_NOT_HERE = Code(
    "TW211",
    message=N_("“clients” belongs to a common set-up (bureau-shared) only."),
    hint=N_('Remove it, or set setup = "bureau-shared".'),
    explanation=N_(
        "The list “clients” names the clients that an office key must reach, and is checked for a common set-up. A set-up for one client has its client in org_number, and a single company has none. Either the list is left over from a former set-up, or the set-up is meant to be the common one."
    ),
    step=StepId.SCOPE,
)
BASE_URL_NOT_HERE = Code(
    "TW212",
    message=N_("“base_url” may be set for the sandbox only."),
    hint=N_("Remove it: the address of production and test is fixed."),
    explanation=N_(
        "The key is sent to the address of Tripletex, so that address is not for a file to decide: production is tripletex.no and the test environment api-test.tripletex.tech, always. Only the sandbox, which runs on this machine with a port of its own, needs to be told where it is."
    ),
)
BASE_URL_NOT_LOOPBACK = Code(
    "TW213",
    message=N_("“base_url” must be an address on this machine, such as http://127.0.0.1:8765/v2."),
    hint=N_("The key is never sent anywhere else. Correct the address."),
    explanation=N_(
        "An address in a config may lead to this very machine and nowhere else, because the key travels in the request. It is written plainly: http or https, then localhost, 127.0.0.1 or [::1], a port and a path. User names, other ways to write an address and anything after “?” or “#” are refused, for they can hide another destination."
    ),
)
BASE_URL_MISSING = Code(
    "TW214",
    message=N_("The sandbox needs a “base_url”."),
    hint=N_("Start `tripletex-wizard sandbox` and enter the address it prints."),
    explanation=N_(
        "The sandbox is a small Tripletex on this machine, for trying things out. It chooses a port when it starts, so its address cannot be known beforehand. For the real Tripletex set environment to “production” instead."
    ),
)
CLIENT_TWICE = Code(
    "TW215",
    message=N_("The client {number} is listed twice."),
    hint=N_("Remove one of them."),
    explanation=N_(
        "The same number stands more than once in “clients”. The check is done once, so nothing is wrong with the result. It may be that another client was meant, and that one is then not checked."
    ),
    severity=Severity.WARNING,
)
KEY_TOO_OLD = Code(
    "TW216",
    message=N_("The key was installed {days} days ago; the limit is {limit}."),
    hint=N_("Make a new one with `tripletex-wizard rotate`."),
    explanation=N_(
        "The config says when the key was put in, and --max-age sets the limit. An old key is not a bad key: it may work as well as ever. It is replaced from time to time because nobody remembers all who have seen it. Rotating proves the new key before the old one goes."
    ),
    severity=Severity.WARNING,
    step=StepId.CREATE_KEY,
)
PREVIOUS_KEY_KEPT = Code(
    "TW217",
    message=N_("The previous key still lies in the store."),
    hint=N_("When the new key is known to work in Finale, run `tripletex-wizard rotate --finish`."),
    explanation=N_(
        "After a rotation the previous key stays in the store, so that `tripletex-wizard rollback` can put it back in one step. When Finale has read figures with the new key, it is no longer needed. Finishing removes it from the store here; in Tripletex you delete it yourself."
    ),
    severity=Severity.INFO,
)
