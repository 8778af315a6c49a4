"""In GNU screen, tmux without an alternate screen, and mosh: what is printed begins on a clean screen.

There is no other screen to go back to, so that text printed on leaving would mix with the page.
"""

import shlex
from collections.abc import Callable

import pytest

from tests.e2e.faces import SINGLE_COMPANY, FullScreen
from tests.support.home import WIZARD, Home
from tests.support.terminal import Terminal
from wizard.findings import StepId

pytestmark = pytest.mark.system
F3 = "\x1bOR"
BEFORE = "what was there before"


def in_screen(home: Home, program: str, words: list[str]) -> Terminal:
    folder = home.folder / "screens"
    folder.mkdir(mode=0o700)
    environ = {**home.environment, "SCREENDIR": str(folder), "BEFORE": BEFORE}
    return home.on_terminal((program, "-U", "-c", "/dev/null", *words), environ)


def in_tmux(home: Home, program: str, words: list[str]) -> Terminal:
    settings = home.folder / "tmux.conf"
    settings.write_text("set -g status off\nset -g alternate-screen off\n")
    environ = {**home.environment, "BEFORE": BEFORE}
    place = ("-u", "-S", home.folder / "tmux", "-f", settings)
    return home.on_terminal((program, *place, "new-session", shlex.join(words)), environ)


@pytest.mark.parametrize(("program", "start"), [("screen", in_screen), ("tmux", in_tmux)])
def test_what_is_printed_begins_on_a_clean_screen(
    home: Home,
    system_program: Callable[[str], str],
    program: str,
    start: Callable[[Home, str, list[str]], Terminal],
) -> None:
    wizard = shlex.join(map(str, (*WIZARD, "setup", home.target, *home.flags)))
    script = f'for i in 1 2 3; do echo "$BEFORE"; done; {wizard}; echo "code $?"; read _'
    terminal = start(home, system_program(program), ["/bin/sh", "-c", script])
    person = FullScreen(terminal)
    person.at(StepId.WELCOME)
    title = next(row.strip() for row in terminal.rows if row.strip())
    terminal.send(F3)
    terminal.see(person.t("Press Enter to go back to the wizard."))
    assert title not in terminal.text, "the page is gone"
    person.go_on()
    SINGLE_COMPANY.take(person, home, to=StepId.FINALE)
    person.go_on()
    terminal.see("code 0")
    rows = [row for row in terminal.rows if row]
    assert not any("═══" in row or "F1" in row for row in rows), terminal.text
    assert any(home.target.name in row for row in rows), terminal.text
    terminal.send("\r")
    terminal.end()
