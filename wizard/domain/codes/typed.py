"""TW3xx as well: what is typed about keys and the places where their users keep them."""

from wizard.domain.finding import Code, Severity
from wizard.domain.step import StepId
from wizard.text import N_

KEY_SHOWN = Code(
    "TW315",
    message=N_("That looks like a key, and what is typed here can be read on the screen. It was not taken."),
    hint=N_(
        "Paste a key only where the API key is asked for: there nothing of it is shown. If anybody may have seen it, or the screen is recorded, make a new key and delete this one in Tripletex."
    ),
    explanation=N_(
        "Every field but the one for the key shows what is typed, and a terminal keeps what it has shown. The text was neither stored nor sent nor noted anywhere by the wizard. Clear the terminal's scroll-back. Whether the key must be replaced depends on who could see the screen: on a shared screen, in a recorded session or with a colleague beside you, make a new one. Alone, it can be pasted again where it belongs."
    ),
)
NOT_THE_PASTED_KEY = Code(
    "TW337",
    message=N_("{reference} gives something else than the key that was pasted."),
    hint=N_(
        "Put the pasted key there and press Enter: it is read again. Or choose another place for it. Keep the window in Tripletex open until then."
    ),
    explanation=N_(
        "You chose to keep the key in a place of your own, and what is read from there was compared with what you pasted. They differ: an older key may still lie there, the name of the entry may be another one, or something stands before the key on the first line. Neither of the two was stored or shown. The config would refer to the wrong key, so it is not written like this."
    ),
    step=StepId.STORAGE,
)
COMMAND_UNREADABLE = Code(
    "TW338",
    message=N_("This cannot be taken apart into a program and its arguments."),
    hint=N_("Write them with blanks between, as in: pass show finale. Close every quotation mark."),
    explanation=N_(
        "The command is kept as a list of words, the program first, because it is run without a shell. To make that list, the line is split at its blanks as a shell would do it, with quotation marks around what belongs together. Here nothing was typed, or a quotation mark is left open."
    ),
    step=StepId.OWN_PLACE,
)
COMMAND_NEEDS_SHELL = Code(
    "TW339",
    message=N_("“{word}” means something to a shell only, and the command is run without one."),
    hint=N_("Name one program with its arguments. A pipe goes into a script of your own, or into sh -c '…'."),
    explanation=N_(
        "The program would be given the sign as an ordinary argument, and would print something else than you expect, or nothing. Without a shell nothing in a config can be understood in two ways. If you need a pipe, write a small script and name that, or name the shell yourself: sh -c 'age -d key.age | head -1'."
    ),
    step=StepId.OWN_PLACE,
)
VARIABLE_NAME = Code(
    "TW340",
    message=N_("This is not the name of an environment variable."),
    hint=N_("Write the name alone, without = and blanks, such as FINALE_KEY."),
    explanation=N_(
        "Only the name of the variable is wanted; the key itself is put into it by whoever starts the program, for example by a container or a CI system. A name holds no blanks, quotation marks or equals signs."
    ),
    step=StepId.OWN_PLACE,
)
PROGRAM_MISSING = Code(
    "TW341",
    message=N_("There is no program “{program}” here that could be run."),
    hint=N_("Install it, or write its whole path."),
    explanation=N_(
        "The command that is to hand out the key begins with the name of a program, and none of that name was found in the folders that PATH names. A path with a slash is looked for from the folder of the config. Nothing was run. In cron and in services PATH is often shorter than in your terminal: a whole path, such as /usr/bin/pass, works everywhere."
    ),
    step=StepId.OWN_PLACE,
)
COMMAND_WORDS = Code(
    "TW342",
    message=N_("The command is kept as a list, and run without a shell: {words}"),
    hint=N_("Put the key there once it is made. When you have pasted it, the two are compared."),
    explanation=N_(
        "This is how the line that you typed was understood. Each word in quotation marks reaches the program as it stands: no variables, pipes or stars are understood. The first line that the program prints is the key; the wizard stores no copy of it."
    ),
    severity=Severity.INFO,
    step=StepId.OWN_PLACE,
)
CONSUMER_TOKEN_NOT_KEPT = Code(
    "TW343",
    message=N_("The application's token is used for this run, and kept nowhere."),
    hint=N_(
        "For later checks put it into {variable}, or write into the config where it lies (consumer_token)."
    ),
    explanation=N_(
        "You keep the key in a place of your own, so the wizard has no store into which it could put the application's token either. The checks of this run are made with it. Later runs look for it in the config, in the variable, in the site's defaults and in the secret store, in this order."
    ),
    severity=Severity.WARNING,
    step=StepId.STORAGE,
)
