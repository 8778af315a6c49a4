from tests.keys import make_key
from wizard.domain.environment import Environment
from wizard.secrets import FileStore, KeyringStore, entry_name


def test_an_entry_goes_by_the_number_of_its_key() -> None:
    name = entry_name(Environment.PRODUCTION, 2147628461, make_key())
    assert name == "production/2147628461"


def test_a_key_without_a_number_goes_by_its_fingerprint() -> None:
    key = make_key()
    assert entry_name(Environment.TEST, None, key) == f"test/{key.fingerprint}"


def test_stores_say_what_they_are() -> None:
    assert (FileStore.kind, KeyringStore.kind) == ("file", "keyring")
