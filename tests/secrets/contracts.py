"""What every kind of reference, and every store, has to do: inherited by one test class for each."""

import asyncio
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from tests.keys import make_key
from wizard.domain.key import Secret
from wizard.domain.reference import EnvReference, Reference
from wizard.domain.setup import Environment
from wizard.findings import Code, Finding, codes
from wizard.secrets.resolver import Resolver
from wizard.secrets.store import ForcedByNumber, LogOn, ProofOfDeath, Store
from wizard.text import Texts

KEY = make_key()


def proof_of_death(key: Secret) -> ProofOfDeath:
    """Return the proof that a run gives after Tripletex has refused a key and accepted another one."""
    consumer, url = make_key(90), "http://127.0.0.1:1/v2"
    tried = LogOn(key, consumer, url, codes.KEY_REJECTED.found())
    proof = ProofOfDeath.from_log_ons(tried, LogOn(make_key(91), consumer, url, None))
    assert proof is not None
    return proof


def code_of(answer: object) -> Code:
    """Return what kind of finding an answer is."""
    assert isinstance(answer, Finding), f"no finding: {answer!r}"
    for language in Texts("en"), Texts("nb"):
        # A placeholder that was given no value would raise here.
        assert KEY.reveal() not in answer.message(language) + answer.hint(language)
    assert KEY.reveal() not in repr(answer)
    return answer.code


class SourceContract(ABC):
    """``lay`` makes a reference, which is read by a resolver with the environment ``environ``."""

    missing_code: Code

    @abstractmethod
    def lay(self, content: str) -> Reference:
        """Put a text where a reference of this kind finds it."""

    @abstractmethod
    def missing(self) -> Reference:
        """Return a reference that leads nowhere."""

    @pytest.fixture
    def environ(self) -> dict[str, str]:
        return {}

    @pytest.fixture
    def resolver(self, environ: dict[str, str]) -> Resolver:
        return Resolver(environ=environ)

    @pytest.fixture
    def config_path(self, tmp_path: Path) -> Path:
        path = tmp_path / "acme.toml"
        path.touch(0o600)
        return path

    async def test_gives_the_token(self, resolver: Resolver, config_path: Path) -> None:
        assert (
            await resolver.resolve(
                self.lay(KEY.reveal()), config_path=config_path, environment=Environment.PRODUCTION
            )
            == KEY
        )

    async def test_gives_the_token_without_a_config(self, resolver: Resolver) -> None:
        assert (
            await resolver.resolve(
                self.lay(KEY.reveal()), config_path=None, environment=Environment.PRODUCTION
            )
            == KEY
        )

    async def test_strips_spaces_around_the_token(self, resolver: Resolver, config_path: Path) -> None:
        assert (
            await resolver.resolve(
                self.lay(f" {KEY.reveal()}\t\r\n"),
                config_path=config_path,
                environment=Environment.PRODUCTION,
            )
            == KEY
        )

    @pytest.mark.parametrize("content", ["", " \n"])
    async def test_says_that_it_is_empty(self, resolver: Resolver, config_path: Path, content: str) -> None:
        answer = await resolver.resolve(
            self.lay(content), config_path=config_path, environment=Environment.PRODUCTION
        )
        assert code_of(answer) is codes.SECRET_EMPTY

    async def test_says_that_it_is_missing(self, resolver: Resolver, config_path: Path) -> None:
        answer = await resolver.resolve(
            self.missing(), config_path=config_path, environment=Environment.PRODUCTION
        )
        assert code_of(answer) is self.missing_code

    def test_works_in_any_event_loop(self, resolver: Resolver, config_path: Path) -> None:
        reference = self.lay(KEY.reveal())
        for _ in range(2):
            assert (
                asyncio.run(
                    resolver.resolve(reference, config_path=config_path, environment=Environment.PRODUCTION)
                )
                == KEY
            )

    async def test_serves_many_callers_at_once(self, resolver: Resolver, config_path: Path) -> None:
        reference = self.lay(KEY.reveal())
        answers = await asyncio.gather(
            *(
                resolver.resolve(reference, config_path=config_path, environment=Environment.PRODUCTION)
                for _ in range(20)
            )
        )
        assert answers == [KEY] * 20


class StoreContract(ABC):
    """The fixture ``store`` gives a store; ``entries`` returns what is in it."""

    other_key = make_key(1)

    @pytest.fixture
    @abstractmethod
    def store(self) -> Store:
        """Return an empty store."""

    async def test_proves_itself(self, store: Store) -> None:
        assert await store.probe() is None

    async def test_proves_itself_again(self, store: Store) -> None:
        await store.put("production/1", KEY)
        assert await store.probe() is None

    async def test_keeps_a_key(self, store: Store) -> None:
        reference = await store.put("production/1", KEY)
        assert not isinstance(reference, Finding)
        assert await store.get(reference) == KEY

    async def test_names_the_reference_of_a_key_beforehand(self, store: Store) -> None:
        foreseen = store.reference("production/1")
        assert isinstance(await store.get(foreseen), Finding)
        assert await store.put("production/1", KEY) == foreseen

    async def test_accepts_the_same_key_again(self, store: Store) -> None:
        assert await store.put("production/1", KEY) == await store.put("production/1", KEY)

    async def test_never_overwrites(self, store: Store) -> None:
        reference = await store.put("production/1", KEY)
        assert code_of(await store.put("production/1", self.other_key)) is codes.ENTRY_TAKEN
        assert not isinstance(reference, Finding)
        assert await store.get(reference) == KEY

    async def test_tells_keys_apart(self, store: Store) -> None:
        first = await store.put("production/1", KEY)
        second = await store.put("production/2", self.other_key)
        assert not isinstance(first, Finding)
        assert not isinstance(second, Finding)
        assert await store.get(first) == KEY
        assert await store.get(second) == self.other_key

    async def test_deletes_a_key(self, store: Store) -> None:
        reference = await store.put("production/1", KEY)
        assert not isinstance(reference, Finding)
        assert await store.delete(reference, proof_of_death(KEY)) is None
        assert isinstance(await store.get(reference), Finding)
        assert await store.put("production/1", self.other_key) == reference

    async def test_does_nothing_if_there_is_nothing_to_delete(self, store: Store) -> None:
        reference = await store.put("production/1", KEY)
        assert not isinstance(reference, Finding)
        for _ in range(2):
            assert await store.delete(reference, proof_of_death(KEY)) is None
            assert await store.delete(reference, ForcedByNumber("1")) is None

    async def test_deletes_only_the_dead_key(self, store: Store) -> None:
        reference = await store.put("production/1", KEY)
        assert not isinstance(reference, Finding)
        answer = await store.delete(reference, proof_of_death(self.other_key))
        assert code_of(answer) is codes.CHANGED_MEANWHILE
        with pytest.raises(ValueError, match="production/1"):
            await store.delete(reference, ForcedByNumber("2"))
        assert await store.get(reference) == KEY

    async def test_a_damaged_copy_does_not_take_the_name_of_the_key(self, store: Store) -> None:
        first = await store.name_for(Environment.PRODUCTION, 1, KEY)
        await store.put(first, KEY)
        second = await store.name_for(Environment.PRODUCTION, 1, self.other_key)
        assert (first, second) == ("production/1", f"production/1-{self.other_key.fingerprint}")
        assert await store.name_for(Environment.PRODUCTION, 1, KEY) == first
        reference = await store.put(second, self.other_key)
        assert not isinstance(reference, Finding)
        assert await store.delete(reference, ForcedByNumber("1")) is None

    async def test_gives_references_that_a_config_can_hold(self, store: Store) -> None:
        reference = await store.put("production/1", KEY)
        assert not isinstance(reference, Finding)
        resolved = await Resolver(environ={}).resolve(
            reference, config_path=None, environment=Environment.PRODUCTION
        )
        assert resolved == KEY or store.kind == "keyring"

    async def test_refuses_references_of_other_kinds(self, store: Store) -> None:
        with pytest.raises(TypeError):
            await store.get(EnvReference("KEY"))
        with pytest.raises(TypeError):
            await store.delete(EnvReference("KEY"), proof_of_death(KEY))

    async def test_keeps_any_token(self, store: Store) -> None:
        odd = Secret("+/=~%&\"'\\ æøå " + "x" * 600 + "\N{SNOWMAN}")
        reference = await store.put("test/3f2a-c1", odd)
        assert not isinstance(reference, Finding)
        assert await store.get(reference) == odd
