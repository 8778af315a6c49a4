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
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_CHECK_DIGIT = Code(
    "TW202",
    message=N_("The organisation number {number} cannot be right: its last digit does not fit the others."),
    hint=N_("Compare it with Brønnøysundregistrene; two digits are often swapped."),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_MISSING = Code(
    "TW203",
    message=N_("The client's organisation number is missing."),
    hint=N_("Set org_number to the client's nine digits."),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_NOT_EMPTY = Code(
    "TW204",
    message=N_("A single company must have no organisation number here: OrgNr stays empty in Finale."),
    hint=N_("Leave it empty, or choose the bureau set-up if the key is an office key."),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_IS_PERSONAL = Code(
    "TW205",
    message=N_("Eleven digits look like a national identity number, not an organisation number."),
    hint=N_("Type the company's nine digits. What you typed was not kept."),
    step=StepId.ORG_NUMBER,
)
PLACEHOLDER_MISSPELLED = Code(
    "TW206",
    message=N_("This looks like a misspelling of %ORGNR%."),
    hint=N_("Write exactly %ORGNR%: capital letters, a per cent sign before and after, no blanks."),
    step=StepId.ORG_NUMBER,
)
PLACEHOLDER_NOT_HERE = Code(
    "TW207",
    message=N_("%ORGNR% only works in a set-up that is common for all clients."),
    hint=N_("Type the client's organisation number, or choose the common set-up."),
    step=StepId.SCOPE,
)
PLACEHOLDER_NEEDED = Code(
    "TW208",
    message=N_("A common set-up needs %ORGNR% as organisation number."),
    hint=N_('Set org_number to "%ORGNR%", or choose a set-up for one client.'),
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_UNUSUAL = Code(
    "TW209",
    message=N_("Norwegian organisation numbers begin with 8 or 9; {number} does not."),
    hint=N_("Check the number. Test companies may have such numbers."),
    severity=Severity.WARNING,
    step=StepId.ORG_NUMBER,
)
ORG_NUMBER_NOT_PLAIN = Code(
    "TW210",
    message=N_("The organisation number must stand as nine digits and nothing else: {number}."),
    hint=N_('Write it as "{number}".'),
    step=StepId.ORG_NUMBER,
)
CLIENTS_NOT_HERE = Code(
    "TW211",
    message=N_("“clients” belongs to a common set-up (bureau-shared) only."),
    hint=N_('Remove it, or set setup = "bureau-shared".'),
    step=StepId.SCOPE,
)
BASE_URL_NOT_HERE = Code(
    "TW212",
    message=N_("“base_url” may be set for the sandbox only."),
    hint=N_("Remove it: the address of production and test is fixed."),
)
BASE_URL_NOT_LOOPBACK = Code(
    "TW213",
    message=N_("“base_url” must be an address on this machine, such as http://127.0.0.1:8765/v2."),
    hint=N_("The key is never sent anywhere else. Correct the address."),
)
BASE_URL_MISSING = Code(
    "TW214",
    message=N_("The sandbox needs a “base_url”."),
    hint=N_("Start `tripletex-wizard sandbox` and enter the address it prints."),
)
CLIENT_TWICE = Code(
    "TW215",
    message=N_("The client {number} is listed twice."),
    hint=N_("Remove one of them."),
    severity=Severity.WARNING,
)
KEY_TOO_OLD = Code(
    "TW216",
    message=N_("The key was installed {days} days ago; the limit is {limit}."),
    hint=N_("Make a new one with `tripletex-wizard rotate`."),
    severity=Severity.WARNING,
    step=StepId.CREATE_KEY,
)
PREVIOUS_KEY_KEPT = Code(
    "TW217",
    message=N_("The previous key still lies in the store."),
    hint=N_("When the new key is known to work in Finale, run `tripletex-wizard rotate --finish`."),
    severity=Severity.INFO,
)
