"""The start menu: what a person wants to do, and with which config."""

from pathlib import Path

from wizard.findings import Finding, StepId, codes
from wizard.flow.flow import Position
from wizard.flow.questions import (
    AskText,
    Choose,
    Chosen,
    Option,
    Outcome,
    OutlineEntry,
    Picked,
    Question,
    Reply,
    Report,
    Typed,
)
from wizard.guide import load_step
from wizard.paths import expanded
from wizard.text import Texts

SETUP, ROTATE, VALIDATE = "setup", "rotate", "validate"


class Menu:
    """Asks for the task, and for the file where the task needs one."""

    def __init__(self, t: Texts, folder: Path, *, is_resumable: bool) -> None:
        self._folder = folder
        self._is_resumable = is_resumable
        self.t = t
        self.task: str | None = None
        self.path: Path | None = None
        self.is_finished = False

    @property
    def can_go_back(self) -> bool:
        """Whether there is a question before this one."""
        return self.task is not None

    def question(self, t: Texts) -> Question:
        """Return the current question in the reader's language."""
        self.t = t
        return self._ask_task(t) if self.task is None else self._ask_path(t)

    def outline(self, t: Texts) -> tuple[OutlineEntry, ...]:  # noqa: ARG002
        """Return nothing: a menu is no walk."""
        return ()

    def _ask_task(self, t: Texts) -> Question:
        guide = load_step(StepId.WELCOME, t.language)
        first = (
            Option(value=SETUP, label=t("Continue the set-up that was not finished"))
            if self._is_resumable
            else Option(
                value=SETUP, label=t("Set up"), detail=t("Connect Finale to Tripletex, step by step.")
            )
        )
        return Choose(
            step=StepId.WELCOME,
            position=Position(0, 0),
            title=t("What would you like to do?"),
            guide="",
            help=guide.help,
            label=t("Choose:"),
            options=(
                first,
                Option(
                    value=ROTATE,
                    label=t("Change the key"),
                    detail=t("A new API key for a config file."),
                ),
                Option(
                    value=VALIDATE, label=t("Check"), detail=t("Test a config file, or a folder of them.")
                ),
            ),
            selected=SETUP,
        )

    def _ask_path(self, t: Texts) -> Question:
        guide = load_step(StepId.WELCOME, t.language)
        configs = sorted(self._folder.glob("*.toml")) if self._folder.is_dir() else []
        return AskText(
            step=StepId.WELCOME,
            position=Position(0, 0),
            title=t("Which config file?"),
            guide="",
            help=guide.help,
            label=t("File or folder:"),
            text=str(configs[0]) if len(configs) == 1 else "",
            options=tuple(
                Option(value=str(path), label=path.name, detail=str(path.parent)) for path in configs
            ),
        )

    async def submit(self, reply: Reply, report: Report) -> Outcome:  # noqa: ARG002
        """Take the task, then the path; a path that leads nowhere is refused."""
        if self.task is None:
            if not isinstance(reply, Chosen):
                return Outcome(moved=False)
            self.task = reply.value
            self.is_finished = self.task == SETUP
            return Outcome(moved=True)
        path = self._path_from(reply)
        if isinstance(path, Finding):
            return Outcome(moved=False, findings=(path,))
        self.path = path
        self.is_finished = True
        return Outcome(moved=True)

    def _path_from(self, reply: Reply) -> Path | Finding:
        text = (
            reply.values[0] if isinstance(reply, Picked) else reply.text if isinstance(reply, Typed) else ""
        )
        path = Path(expanded(text.strip()))
        if not text.strip() or not path.exists():
            return codes.NOT_THERE.found(path=text.strip() or "?")
        if self.task == ROTATE and path.is_dir():
            return codes.NOT_A_FILE.found()
        return path

    def back(self) -> None:
        """Go back to the task."""
        self.task = None

    def go_to(self, step: StepId) -> None:
        """Stay: every finding here is mended where it is shown."""
