"""Somebody who answers a set-up, and what can be seen of it afterwards."""

from pathlib import Path

from tests.support.sandbox import DemoKey
from wizard.actions.setup import SetupRun
from wizard.domain.secret import Secret
from wizard.findings import StepId as S
from wizard.flow.questions import Continue, Outcome, Pasted, Progress, Reply
from wizard.text import Texts

T = Texts("en")


class Walker:
    """Answers a set-up and remembers what it was told meanwhile."""

    def __init__(self, run: SetupRun) -> None:
        self.run = run
        self.told: list[Progress] = []

    def step(self) -> S:
        return self.run.question(T).step

    async def give(self, reply: Reply) -> Outcome:
        return await self.run.submit(reply, self.told.append)

    async def paste(self, key: DemoKey | str) -> Outcome:
        text = key if isinstance(key, str) else key.employee_token
        return await self.give(Pasted(Secret(text)))

    async def to_key(self) -> None:
        while self.step() is not S.CREATE_KEY:
            await self.give(Continue())


def key_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "keys").rglob("*") if path.is_file()]


def codes_of(outcome: Outcome) -> list[str]:
    return [finding.code.id for finding in outcome.findings]
