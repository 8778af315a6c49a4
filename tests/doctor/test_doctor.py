"""What the doctor finds on a machine, and what its report leaves out."""

import asyncio
import gc
import getpass
import os
import re
import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.doctor.conftest import NewMachine
from tests.keys import ZERO_UUID, make_key
from tests.support.certificates import ISSUER
from tests.support.keyrings import LosingKeyring, MemoryKeyring
from tests.support.rows import every_row
from tests.support.servers import Stranger
from wizard import doctor
from wizard.context import VARIABLE
from wizard.doctor import run_doctor
from wizard.doctor.local import Discretion
from wizard.doctor.network import shown_proxy
from wizard.doctor.observation import Fact, Machine, Observation, Part
from wizard.domain.reference import FileReference
from wizard.findings import Code, Term, Verdict, codes
from wizard.secrets import keyring_backends
from wizard.site import SiteDefaults
from wizard.text import Texts, find_language

TOKEN = "a-consumer-token-that-is-known"  # noqa: S105 - made up
WITHOUT_CONFIG = [part for part in Part if part not in {Part.CONFIG, Part.KEY}]


async def seen(machine: Machine, part: Part) -> Observation:
    return next(observation for observation in await everything(machine) if observation.part is part)


async def everything(machine: Machine) -> list[Observation]:
    return [observation async for observation in run_doctor(machine)]


def codes_of(observation: Observation) -> list[Code]:
    return [finding.code for finding in observation.findings]


async def test_every_part_is_reported_in_order(new_machine: NewMachine, base_url: str) -> None:
    observations = await everything(new_machine(base_url))

    assert [observation.part for observation in observations] == WITHOUT_CONFIG
    assert all(observation.facts for observation in observations)
    assert {observation.verdict for observation in observations} == {Verdict.VALID}


async def test_the_connection_is_proven_without_any_token(
    new_machine: NewMachine, base_url: str, stranger: Stranger
) -> None:
    found = await seen(new_machine(base_url, environ={VARIABLE: TOKEN}), Part.CONNECTION)

    assert found.verdict is Verdict.VALID
    assert found.host == "127.0.0.1"
    assert found.facts[Fact.ANSWERS] is True
    assert found.facts[Fact.ADDRESSES] == ("127.0.0.1",)
    assert found.facts[Fact.ISSUER] == ISSUER
    assert str(found.facts[Fact.TLS]).startswith("TLSv1.")
    assert found.facts[Fact.EXPIRES] == (datetime.now(UTC) + timedelta(days=10)).date().isoformat()
    assert stranger.received
    assert not [head for head in stranger.received if TOKEN in head or "authorization" in head.lower()]


async def test_an_untrusted_certificate_is_reported(
    new_machine: NewMachine, base_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    empty = tmp_path / "nobody.pem"
    empty.touch()
    monkeypatch.setenv("SSL_CERT_FILE", str(empty))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))

    found = await seen(new_machine(base_url), Part.CONNECTION)

    assert codes_of(found) == [codes.TLS_FAILED]
    assert found.facts[Fact.ANSWERS] is False


async def test_a_web_page_is_not_mistaken_for_tripletex(
    new_machine: NewMachine, base_url: str, stranger: Stranger
) -> None:
    stranger.status, stranger.body = 200, b"<html>Log on to the guest network</html>"

    assert codes_of(await seen(new_machine(base_url), Part.CONNECTION)) == [codes.NOT_TRIPLETEX]


@every_row("trouble", [OSError("no such name"), TimeoutError(), UnicodeError()])
async def test_a_host_name_without_an_address_is_reported(
    new_machine: NewMachine, trouble: Exception
) -> None:
    def look_up(host: str, port: int) -> list[object]:
        raise trouble

    observations = await everything(replace(new_machine("https://127.0.0.1:9/v2"), look_up=look_up))

    assert codes_of(observations[-2]) == [codes.NAME_NOT_RESOLVED]
    assert codes_of(observations[-1]) == [codes.CLOCK_NOT_COMPARED]


@every_row(
    ("ahead", "expected"),
    [
        (0, []),
        (50, []),
        (-50, []),
        (-90, ["(89|90|91) seconds"]),
        (600, ["10 minutes"]),
        (-259_200, ["72 hours"]),
    ],
)
async def test_the_clock_is_compared_with_that_of_tripletex(
    new_machine: NewMachine, base_url: str, stranger: Stranger, ahead: int, expected: list[str]
) -> None:
    stranger.ahead = timedelta(seconds=-ahead)
    found = await seen(new_machine(base_url), Part.CLOCK)

    assert codes_of(found) == [codes.CLOCK_OFF] * len(expected)
    for finding, words in zip(found.findings, expected, strict=True):
        assert re.search(rf"clock is ({words}) wrong", finding.message(Texts("en")))
    assert found.verdict is Verdict.VALID
    seconds = found.facts[Fact.AHEAD]
    assert isinstance(seconds, int)
    assert abs(seconds - ahead) <= 2


async def test_the_date_is_the_norwegian_one(new_machine: NewMachine) -> None:
    machine = new_machine()
    late = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    context = replace(machine.context, now=lambda: late)

    found = await seen(replace(machine, context=context), Part.CLOCK)

    assert found.facts[Fact.UTC] == "2026-06-30T22:30:00+00:00"
    assert found.facts[Fact.OSLO_DATE] == "2026-07-01"


async def test_a_missing_keyring_is_not_an_error(new_machine: NewMachine) -> None:
    found = await seen(new_machine(), Part.KEYRING)

    assert found.verdict is Verdict.VALID
    assert [note.code for note in found.notes] == [codes.NO_KEYRING]


@pytest.mark.parametrize(("backend", "expected"), [(MemoryKeyring, []), (LosingKeyring, [codes.STORE_LOSES])])
async def test_the_keyring_must_give_back_what_it_is_given(
    new_machine: NewMachine,
    monkeypatch: pytest.MonkeyPatch,
    backend: type[MemoryKeyring],
    expected: list[Code],
) -> None:
    monkeypatch.setattr(keyring_backends, "choose_backend", lambda _: backend())

    found = await seen(new_machine(), Part.KEYRING)

    assert codes_of(found) == expected
    assert found.facts[Fact.BACKEND] == f"tests.support.keyrings.{backend.__name__}"
    assert found.facts[Fact.ROUND_TRIP] is not bool(expected)


async def test_private_files_are_tested_without_leaving_any(new_machine: NewMachine, home: Path) -> None:
    found = await seen(new_machine(), Part.PRIVATE_FILES)

    assert found.facts[Fact.ROUND_TRIP] is True
    assert found.facts[Fact.FOLDER] == "~/wizard/keys"
    assert not os.listdir(home)  # noqa: PTH208 - pathlib's own is refused where something may wait


@pytest.fixture
def folder_in_the_way(home: Path) -> None:
    """Put a file where the folder for keys would be created."""
    (home / "wizard").touch()


@pytest.mark.usefixtures("folder_in_the_way")
async def test_a_folder_that_cannot_be_created_is_reported(new_machine: NewMachine) -> None:
    machine = new_machine()
    unused = await seen(machine, Part.PRIVATE_FILES)
    assert ([note.code for note in unused.notes], unused.findings) == ([codes.NOT_WRITABLE], ())

    wanted = replace(machine.context, defaults=SiteDefaults(store="file"))
    found = await seen(replace(machine, context=wanted), Part.PRIVATE_FILES)
    assert codes_of(found) == [codes.NOT_WRITABLE]
    assert found.verdict is Verdict.INVALID


async def test_an_open_umask_is_a_warning(new_machine: NewMachine) -> None:
    before = os.umask(0o022)
    try:
        found = await seen(new_machine(), Part.PRIVATE_FILES)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)

    assert codes_of(found) == [codes.UMASK_OPEN]
    assert found.verdict is Verdict.VALID


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    """Return a private file with the application's token."""
    path = tmp_path / "consumer.token"
    path.write_text(TOKEN)
    return path


async def test_the_report_names_where_the_consumer_token_is_and_not_its_value(
    new_machine: NewMachine, token_file: Path
) -> None:
    of_site = SiteDefaults(consumer_token=FileReference(str(token_file)))

    places = {}
    for name, looked_at in {
        "variable": new_machine(environ={VARIABLE: TOKEN}),
        "site": new_machine(defaults=of_site),
        "nowhere": new_machine(),
    }.items():
        found = await seen(looked_at, Part.CONSUMER_TOKEN)
        assert found.verdict is Verdict.VALID
        assert TOKEN not in str(found)
        places[name] = (found.facts[Fact.PLACE], found.facts[Fact.FOUND])

    assert places == {
        "variable": (f"env:{VARIABLE}", True),
        "site": (f"file:{token_file}", True),
        "nowhere": ("keyring:production/consumer/VismaFinale", False),
    }


async def test_a_reference_of_the_site_to_nothing_is_invalid(new_machine: NewMachine) -> None:
    of_site = SiteDefaults(consumer_token=FileReference("/nowhere/consumer.token"))

    found = await seen(new_machine(defaults=of_site), Part.CONSUMER_TOKEN)

    assert found.verdict is Verdict.INVALID
    assert found.facts[Fact.FOUND] is False


@pytest.fixture
def site_file(home: Path) -> Path:
    """Return a defaults file that decides two things."""
    file = home / "tripletex-wizard" / "defaults.toml"
    file.parent.mkdir()
    file.write_text('language = "en"\nstore = "file"\n')
    return file


@pytest.mark.usefixtures("site_file")
async def test_the_defaults_of_the_site_are_listed_by_name(new_machine: NewMachine) -> None:
    found = await seen(new_machine(), Part.DEFAULTS)

    assert found.facts[Fact.FILES] == ("~/tripletex-wizard/defaults.toml",)
    assert found.facts[Fact.DECIDED] == ("language", "store")


@pytest.fixture
def exposed_site_file(site_file: Path) -> None:
    site_file.chmod(0o666)


@pytest.mark.usefixtures("exposed_site_file")
async def test_defaults_that_others_can_change_are_not_read(new_machine: NewMachine) -> None:
    found = await seen(new_machine(), Part.DEFAULTS)

    assert codes_of(found) == [codes.UNTRUSTED_WRITERS]
    assert found.verdict is Verdict.UNKNOWN


@every_row("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_missing_certificates_are_reported(
    new_machine: NewMachine, variable: str, tmp_path: Path
) -> None:
    missing = await seen(new_machine(environ={variable: str(tmp_path / "nothing")}), Part.NETWORK_SETTINGS)
    there = await seen(
        new_machine(environ={"SSL_CERT_FILE": __file__, "SSL_CERT_DIR": str(tmp_path)}), Part.NETWORK_SETTINGS
    )

    assert codes_of(missing) == [codes.CERTIFICATES_MISSING]
    assert codes_of(there) == []


async def test_the_report_says_what_chose_the_language(new_machine: NewMachine) -> None:
    norwegian = new_machine(environ={"LANG": "nb_NO.UTF-8"})
    flag = await seen(replace(norwegian, language_flag="en"), Part.LANGUAGE)
    locale = await seen(new_machine(environ={"LANG": "en_GB.UTF-8"}), Part.LANGUAGE)

    assert (flag.facts[Fact.LANGUAGE], flag.facts[Fact.DECIDED_BY]) == ("en", "--lang")
    assert (locale.facts[Fact.LANGUAGE], locale.facts[Fact.DECIDED_BY]) == ("en", "LANG")
    assert find_language(None, {}, "en") == ("en", "site")
    assert find_language(None, {}, None) == ("nb", "default")


async def test_the_value_of_an_unknown_variable_is_not_shown(new_machine: NewMachine) -> None:
    found = await seen(new_machine(environ={"TERM": "x" * 41}), Part.TERMINAL)

    assert found.facts[Fact.TERM] == "set, but not usable"


async def test_a_part_that_hangs_does_not_hide_the_others(
    new_machine: NewMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(_: Machine) -> Observation:
        await asyncio.Event().wait()
        raise AssertionError

    async def breaks(_: Machine) -> Observation:
        raise ZeroDivisionError

    looks = tuple(
        (part, {Part.KEYRING: never, Part.DEFAULTS: breaks}.get(part, look)) for part, look in doctor._CHECKS
    )
    monkeypatch.setattr(doctor, "_CHECKS", looks)
    monkeypatch.setattr(doctor, "_EACH", 0.2)
    began = time.monotonic()

    observations = {observation.part: observation for observation in await everything(new_machine())}

    assert set(observations) == set(WITHOUT_CONFIG) - {Part.CONNECTION}
    assert codes_of(observations[Part.KEYRING]) == [codes.OUT_OF_TIME]
    assert codes_of(observations[Part.DEFAULTS]) == [codes.NOT_EXAMINED]
    assert observations[Part.PROGRAM].verdict is Verdict.VALID
    assert time.monotonic() - began < doctor.WHOLE_DEADLINE


def test_the_deadlines_of_the_parts_fit_into_the_whole() -> None:
    assert doctor._EACH < doctor.WHOLE_DEADLINE


KARI = Discretion(["/home/kari.nordmann/", "/srv/homes/kari"], ["kari.nordmann", "kari"], ["regnskap01"])


@every_row(
    ("text", "expected"),
    [
        ("/home/kari.nordmann", "~"),
        ("/home/kari.nordmann/.config/x", "~/.config/x"),
        ("/srv/homes/kari/x and /srv/homes/karin", "~/x and /srv/homes/karin"),
        ("/var/spool/kari.nordmann/x", "/var/spool/<user>/x"),
        ("/srv/KARI-finale/x", "/srv/<user>-finale/x"),
        ("regnskap01.firma.example said no", "<host>.firma.example said no"),
        ("nothing to hide in karin and regnskap012", "nothing to hide in karin and regnskap012"),
        ("", ""),
    ],
)
def test_user_and_host_names_are_removed(text: str, expected: str) -> None:
    assert KARI.text(text) == expected


def test_common_words_are_kept() -> None:
    root = Discretion(["/root", "/"], ["root"], ["localhost"])

    assert root.text("/root/x is root's on localhost, / too") == "~/x is root's on localhost, / too"


def test_names_of_the_program_are_kept_even_if_a_user_has_them() -> None:
    named_alike = Discretion([], ["tripletex"], ["tripletex-wizard"])

    assert named_alike.text("https://tripletex.no by tripletex") == "https://tripletex.no by <user>"
    assert named_alike.text("/etc/tripletex-wizard/x") == "/etc/tripletex-wizard/x"


def test_without_a_user_name_nothing_is_removed() -> None:
    assert Discretion([], [""], [""]).text("as it is") == "as it is"


@every_row("key", [make_key().reveal(), ZERO_UUID])
def test_tokens_in_file_names_are_masked(key: str) -> None:
    shown = KARI.text(f"/home/kari.nordmann/{key}.pem")

    assert shown.startswith("~/***")
    assert key not in shown


def test_names_are_removed_from_findings_and_lists_too() -> None:
    finding = codes.NOT_CONNECTED.found(
        host="tripletex.no", reason=Term("regnskap01 said no"), request_id="r"
    )
    seen = KARI.observation(
        Observation(
            Part.DEFAULTS,
            {
                Fact.FILES: ("/home/kari.nordmann/x",),
                Fact.AHEAD: 3,
                Fact.TERM: Term("kari"),
                Fact.PROXY: None,
            },
            (finding,),
            (codes.FILE_UNREADABLE.found(path="/home/kari.nordmann/y", reason=7),),
        )
    )

    assert list(seen.facts.values()) == [("~/x",), 3, "<user>", None]
    assert seen.findings[0].hint(Texts("en")).endswith(": <host> said no.")
    assert seen.findings[0].request_id == "r"
    assert seen.notes[0].message(Texts("en")) == "~/y cannot be read: 7."


def test_the_names_of_this_user_and_host_are_known() -> None:
    discretion = Discretion.of({"HOME": "/home/kari", "USER": "kari.n"})
    user, host = getpass.getuser(), socket.gethostname()

    assert discretion.text("/home/kari/kari.n/x") == "~/<user>/x"
    assert user == "root" or user not in discretion.text(f"/run/{user}/x")
    assert host == "localhost" or host not in discretion.text(f"{host} is down").split()


@every_row(
    ("proxy", "expected"),
    [
        (None, None),
        ("http://proxy.example:3128", "http://proxy.example:3128"),
        ("http://kari:hemmelig@proxy.example:3128/path?x=y", "http://***@proxy.example:3128"),
        ("socks5://[::1]:1080", "socks5://[::1]:1080"),
        ("http://" + make_key().reveal(), "set, but not usable"),
        ("http://proxy.example:port", "set, but not usable"),
        ("http://[proxy", "set, but not usable"),
        ("http:///", "set, but not usable"),
    ],
)
def test_only_the_host_of_a_proxy_is_shown(proxy: str | None, expected: str | None) -> None:
    assert shown_proxy(proxy) == expected


async def test_an_interrupt_before_anything_has_begun_leaves_no_warning(new_machine: NewMachine) -> None:
    examining = asyncio.ensure_future(anext(run_doctor(new_machine())))
    await asyncio.sleep(0)
    examining.cancel()
    with pytest.raises(asyncio.CancelledError):
        await examining
    gc.collect()  # of a coroutine that was never awaited, which pytest then reports
