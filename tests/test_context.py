"""Where references lead, and which entries the wizard itself has put into a store."""

from pathlib import Path

from tests.keys import make_key
from tests.support.rows import every_row
from wizard.context import AppContext, is_entry_of, is_own, located, number_in, seen_from, store_of
from wizard.domain.reference import (
    CommandReference,
    EnvReference,
    FileReference,
    KeyringReference,
    Reference,
)
from wizard.domain.setup import Environment
from wizard.site import SiteDefaults
from wizard.text import Texts

CONTEXT = AppContext.inside(Path("/srv/finale"), SiteDefaults())
CONFIG = Path("/srv/finale/kunder/a.toml")


@every_row(
    ("reference", "place"),
    [
        (FileReference("key"), FileReference("/srv/finale/kunder/key")),
        (FileReference("../keys/x"), FileReference("/srv/finale/keys/x")),
        (FileReference("/etc/key"), FileReference("/etc/key")),
        (FileReference("${CREDENTIALS_DIRECTORY}/key"), FileReference("${CREDENTIALS_DIRECTORY}/key")),
        (EnvReference("KEY"), EnvReference("KEY")),
        (CommandReference(("pass",)), CommandReference(("pass",))),
        (KeyringReference("production/1"), KeyringReference("production/1")),
    ],
)
def test_a_reference_means_the_same_from_any_folder(reference: Reference, place: Reference) -> None:
    assert located(reference, CONFIG) == place


def test_a_key_below_the_configs_folder_is_named_relative_to_it() -> None:
    assert seen_from(CONFIG, FileReference("/srv/finale/kunder/keys/1"), CONTEXT) == FileReference("keys/1")
    for other in (FileReference("/srv/finale/keys/1"), FileReference("keys/1"), KeyringReference("x")):
        assert seen_from(CONFIG, other, CONTEXT) == other


def test_a_moved_config_still_finds_the_wizards_store() -> None:
    stored = FileReference(str(CONTEXT.key_folder / "production/2147628461"))
    assert seen_from(Path("/srv/finale/a.toml"), stored, CONTEXT) == stored


@every_row(
    ("reference", "expected"),
    [
        (KeyringReference("production/2147628461"), ("keyring", True, 2147628461)),
        (KeyringReference("test/0a1b-2c"), ("keyring", True, None)),
        (KeyringReference("finale"), ("keyring", False, None)),
        (KeyringReference("production/consumer/VismaFinale"), ("keyring", False, None)),
        (FileReference("/srv/finale/keys/sandbox/84201"), ("file", True, 84201)),
        (FileReference("/srv/finale/keys/by-hand"), ("file", False, None)),
        (FileReference("/srv/finale/keys/../sandbox/84201"), (None, False, None)),
        (FileReference("/srv/elsewhere/sandbox/84201"), (None, False, None)),
        (EnvReference("KEY"), (None, False, None)),
    ],
)
def test_an_entry_of_the_wizard_is_recognised_by_its_name(
    reference: Reference, expected: tuple[str | None, bool, int | None]
) -> None:
    place = located(reference, CONFIG)
    assert (store_of(place, CONTEXT), is_own(place, CONTEXT), number_in(place, CONTEXT)) == expected


def test_a_key_is_found_again_by_the_name_of_its_entry() -> None:
    key = make_key(84201)
    mine = FileReference("/srv/finale/keys/sandbox/84201")
    assert is_entry_of(mine, Environment.SANDBOX, 84201, key, CONTEXT)
    assert not is_entry_of(mine, Environment.PRODUCTION, 84201, key, CONTEXT)
    assert not is_entry_of(EnvReference("KEY"), Environment.SANDBOX, 84201, key, CONTEXT)


def test_a_leftover_file_that_cannot_have_been_a_key_is_not_said_to_be_one(tmp_path: Path) -> None:
    context = AppContext.inside(tmp_path, SiteDefaults())
    for path in (context.key_folder / "sandbox" / "84201", context.state_folder / "configs"):
        path.parent.mkdir(parents=True)
        path.with_name(f".{path.name}.{'0' * 12}.tmp").touch()
    key, other = context.sweep()
    assert "paste it again" in key.hint(Texts("en"))
    assert other.hint(Texts("en")).endswith("No key was lost.")
