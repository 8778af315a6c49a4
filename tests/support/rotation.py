"""A sandbox, a folder with configs and keys, and the answers to a rotation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.support.sandbox import DemoKey, DemoWorld, Sandbox
from wizard.cli.commands.rotate import found_in
from wizard.context import VARIABLE, AppContext
from wizard.domain.key import Secret
from wizard.domain.reference import StoreKind
from wizard.findings import Finding, StepId, Verdict
from wizard.rotation.members import gather, read_candidates
from wizard.rotation.walk import RotationWalk
from wizard.secrets.file_store import FileStore
from wizard.site import SiteDefaults
from wizard.text import Texts
from wizard.walk.pages import Chosen, Continue, Page, Pasted, Reply

EN = Texts("en")


@dataclass
class Rig:
    """Everything that a rotation needs, in one folder.

    Attributes:
        seen: Every page that was to be seen while something was worked on.
    """

    folder: Path
    sandbox: Sandbox
    base_url: str
    defaults: SiteDefaults = field(default_factory=SiteDefaults)
    seen: list[Page] = field(default_factory=list)

    @property
    def world(self) -> DemoWorld:
        return self.sandbox.world

    @property
    def context(self) -> AppContext:
        context = AppContext.inside(self.folder, self.defaults)
        return replace(context, environ={**context.environ, VARIABLE: self.world.consumer_token})

    def key_file(self, key: DemoKey) -> Path:
        return self.folder / "keys" / "sandbox" / str(key.token_id)

    @property
    def stored(self) -> set[str]:
        """The names of the keys in the store."""
        folder = self.folder / "keys" / "sandbox"
        return {path.name for path in folder.iterdir()} if folder.is_dir() else set()

    @property
    def pages(self) -> list[Path]:
        """The pages of rotations that did not come to their end."""
        return sorted((self.folder / "state").rglob("*.json"))

    async def keep(self, key: DemoKey) -> None:
        """Put a key into the store, as a set-up does."""
        await FileStore(self.folder / "keys").put(f"sandbox/{key.token_id}", Secret(key.employee_token))

    async def config(self, name: str, key: DemoKey, setup: str = "single-company", more: str = "") -> Path:
        """Write a config that uses a key; ``more`` goes into the table ``[finale]``."""
        await self.keep(key)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text(key, setup, more))
        return path

    def text(self, key: DemoKey, setup: str = "single-company", more: str = "") -> str:
        return (
            f'schema_version = 1\n\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{self.base_url}"\n\n'
            f'[finale]\nsetup = "{setup}"\n{more}\n'
            f'[credentials]\nemployee_token = {{ file = "{self.key_file(key)}" }}\n\n'
            f"[key]\nid = {key.token_id}\ninstalled = 2026-01-02\n"
        )

    def rotation(
        self,
        *paths: Path,
        folder: Path | None = None,
        pasted: DemoKey | None = None,
        store: StoreKind | None = None,
        refused: Mapping[Path, Finding] | None = None,
        dry_run: bool = False,
        resumes: bool = False,
    ) -> RotationWalk:
        """Return a rotation of the configs; ``pasted`` is known before, as on a command line."""
        candidates = read_candidates(paths, folder, self.context)
        secret = Secret(pasted.employee_token) if pasted else None
        group = gather(candidates, self.context, secret, dry_run=dry_run)
        group = replace(group, refused=refused or {})
        return RotationWalk(self.context, group, EN, store=store, dry_run=dry_run, resumes=resumes)

    async def submit(self, run: RotationWalk, reply: Reply) -> Page:
        """Give a reply; after a paste of a key that is good, Enter as well."""
        if run.state.in_use.verdict is None:
            await run.begin(lambda: None)
        await run.reply(reply, lambda: self.seen.append(run.page(EN)))
        if isinstance(reply, Pasted) and run.state.key_verdict is Verdict.VALID:
            await run.reply(Continue(), lambda: None)
        return run.page(EN)

    async def walk(
        self, run: RotationWalk, key: DemoKey | None = None, **replies: Reply | Sequence[Reply]
    ) -> tuple[Finding, ...]:
        """Answer everything until the end or until the rotation is stuck, and return the findings.

        Args:
            run: The rotation.
            key: What is pasted where the new key is asked for.
            replies: Other answers than those proposed, by step; several are given one after another.
        """
        left = {
            step: [reply] if not isinstance(reply, Sequence) else list(reply)
            for step, reply in replies.items()
        }
        if run.state.in_use.verdict is None:
            await run.begin(lambda: None)
        former: object = None
        while not run.is_finished:
            page = run.page(EN)
            if page.step == StepId.CREATE_KEY and key is None and page.is_blocked and not left.get(page.step):
                return found_in(run)
            if left.get(page.step):
                reply = left[page.step].pop(0)
            elif page.step == StepId.CREATE_KEY and key is not None:
                reply, key = Pasted(Secret(key.employee_token)), None
            else:
                reply = _proposed(page)
                now = (page.step, page.part, page.card, reply)
                if now == former:
                    return found_in(run)
                former = now
            await self.submit(run, reply)
        return ()

    def log_ons(self, key: DemoKey) -> int:
        """How often a key was used to log on."""
        created = [each for each in self.sandbox.requests if each.call == "POST /token/session/:create"]
        return sum(key.employee_token in each.body.decode() for each in created)


def _proposed(page: Page) -> Reply:
    if page.step == StepId.ROTATE_END and any(choice.value == "later" for choice in page.choices):
        return Chosen("later" if page.part != "failed" else "again")
    return Chosen(page.marked) if page.choices else Continue()


def codes_of(findings: Sequence[Finding]) -> list[str]:
    return [finding.code.id for finding in findings]
