"""What entries are called, and what counts as proof that a stored key may be deleted."""

import re
from pathlib import Path

import pytest

import wizard
from tests.keys import make_key
from wizard.domain.environment import Environment
from wizard.findings import codes
from wizard.secrets.file_store import FileStore
from wizard.secrets.keyring_store import KeyringStore
from wizard.secrets.store import LogOn, ProofOfDeath, entry_name, is_key_name, number_in_name

URL = "http://127.0.0.1:1/v2"


def test_an_entry_goes_by_the_number_of_its_key() -> None:
    name = entry_name(Environment.PRODUCTION, 2147628461, make_key())
    assert name == "production/2147628461"


def test_a_key_without_a_number_goes_by_its_fingerprint() -> None:
    key = make_key()
    assert entry_name(Environment.TEST, None, key) == f"test/{key.fingerprint}"


def test_names_of_keys_are_told_from_others() -> None:
    numbers = {name: number_in_name(name) for name in ("test/7", "sandbox/7-3f2a-c1", "production/3f2a-c1")}
    assert numbers == {"test/7": 7, "sandbox/7-3f2a-c1": 7, "production/3f2a-c1": None}
    assert all(is_key_name(name) for name in numbers)
    for name in "production/consumer/VismaFinale", "probe/0011aabb", "production/7/8", "other/7", "7":
        assert not is_key_name(name), name


def test_stores_say_what_they_are() -> None:
    assert (FileStore.kind, KeyringStore.kind) == ("file", "keyring")


def test_only_a_refusal_beside_a_log_on_proves_death() -> None:
    old, new, consumer, other = (make_key(number) for number in range(1, 5))
    refused = codes.KEY_REJECTED.found()
    good = LogOn(new, consumer, URL, None)

    proof = ProofOfDeath.from_log_ons(LogOn(old, consumer, URL, refused), good)
    assert proof is not None
    assert proof.key == old

    alive = {
        "it logs on": (LogOn(old, consumer, URL, None), good),
        "the key in use is refused as well": (
            LogOn(old, consumer, URL, refused),
            LogOn(new, consumer, URL, refused),
        ),
        "another consumer token": (LogOn(old, other, URL, refused), good),
        "another address": (LogOn(old, consumer, f"{URL}/", refused), good),
        "the same key": (LogOn(new, consumer, URL, refused), good),
    }
    for finding in (
        codes.CONSUMER_TOKEN_REJECTED,
        codes.LOG_ON_REFUSED,
        codes.NO_RIGHTS,
        codes.RATE_LIMITED,
        codes.UNEXPECTED_ANSWER,
    ):
        alive[finding.id] = (LogOn(old, consumer, URL, finding.found()), good)
    wrong = [name for name, (tried, in_use) in alive.items() if ProofOfDeath.from_log_ons(tried, in_use)]
    assert wrong == []


def test_a_proof_cannot_be_made_up() -> None:
    with pytest.raises(TypeError):
        ProofOfDeath(make_key(), object())


def test_one_place_deletes_stored_keys() -> None:
    """``Store.delete`` asks for evidence, so nothing else may reach what removes an entry."""
    removes = re.compile(r"\._remove\(|delete_password\(|forget\(|rmtree|\.unlink\(|os\.(?:unlink|remove)\(")
    found: dict[str, int] = {}
    for path in sorted(Path(wizard.__file__).parent.joinpath("secrets").rglob("*.py")):
        if count := len(removes.findall(path.read_text())):
            found[path.name] = count
    # The dummy of a probe and the entry itself, in each store; and the two calls in Store.delete.
    assert found == {"file_store.py": 3, "keyring_store.py": 3, "store.py": 2}
