"""The doctor's report, from the whole program: complete, and fit to be sent to anybody."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.keys import ZERO_UUID, make_key
from tests.support.certificates import ISSUER, Authority
from tests.support.home import VARIABLE, Home
from tests.support.servers import Server, Stranger, serving, tunnel_to
from tests.support.users import NOBODY, needs_root
from wizard.doctor.observation import Fact, Part
from wizard.domain.exits import Exit
from wizard.text import LANGUAGES, Texts
from wizard.ui.report.doctor import FACTS, FIT_TO_SEND, PARTS

WITHOUT_CONFIG = [part for part in Part if part not in {Part.CONFIG, Part.KEY}]
LIVE = ("tripletex.no", "api-test.tripletex.tech")
PASSWORD = "hemmelig-passord"  # noqa: S105 - made up
USER = "kari.nordmann"
CANARIES = {
    "in the consumer token": "consumer-canary",
    "in any other variable": "variable-canary",
    "in a proxy's address": PASSWORD,
    "a key, in a file's name": make_key(2).reveal(),
    "a key of the old form, in a file's name": ZERO_UUID,
    "the user": USER,
}


@dataclass
class Site:
    """A home full of canaries, a proxy, and a Tripletex behind it."""

    home: Path
    environ: dict[str, str]
    stranger: Stranger
    proxy: Server

    def doctor(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the program. All that it may reach is the proxy, which leads to the stranger."""
        return subprocess.run(
            [sys.executable, "-m", "wizard", "doctor", *words],
            env=self.environ | environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("homes") / USER
    certificates_folder = home / make_key(2).reveal() / ZERO_UUID
    certificates_folder.mkdir(parents=True)
    certificates = Authority(certificates_folder)
    stranger = Stranger()
    with (
        serving(stranger.respond, certificates.context(*LIVE)) as inside,
        serving(tunnel_to(inside.port)) as proxy,
    ):
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "USER": USER,
            "LANG": "en_GB.UTF-8",
            "XDG_CONFIG_DIRS": str(home),
            "XDG_DATA_HOME": f"/var/tmp/{USER}/{make_key(2).reveal()}",  # noqa: S108 - the canary is what matters
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "HTTPS_PROXY": f"http://{USER}:{PASSWORD}@127.0.0.1:{proxy.port}",
            "SSL_CERT_FILE": str(certificates.path),
            "TRIPLETEX_CONSUMER_TOKEN": CANARIES["in the consumer token"],
            "SOME_PASSWORD": CANARIES["in any other variable"],
            "TERM": make_key(2).reveal(),
            "LC_MESSAGES": "",
        }
        yield Site(home, environ, stranger, proxy)


def assert_fit_to_send(run: subprocess.CompletedProcess[str]) -> None:
    assert run.returncode == Exit.DONE, run.stdout + run.stderr
    assert ISSUER in run.stdout
    assert "env:TRIPLETEX_CONSUMER_TOKEN" in run.stdout
    assert "~/" in run.stdout
    assert "***" in run.stdout
    told = run.stdout + run.stderr
    assert not {name for name, canary in CANARIES.items() if canary in told}
    assert socket.gethostname() == "localhost" or socket.gethostname() not in re.split(r"[^\w.-]", told)
    assert not Path("/var/tmp", USER).exists()  # noqa: S108 - see above


def test_the_text_report_names_every_part_and_is_fit_to_be_sent(site: Site) -> None:
    run = site.doctor("--lang", "en")

    assert_fit_to_send(run)
    assert run.stdout.startswith(FIT_TO_SEND)
    titles = [PARTS[part].replace("{host}", host) for part in WITHOUT_CONFIG for host in LIVE]
    assert all(title in run.stdout for title in titles)
    assert "\x1b" not in run.stdout
    assert not run.stderr


def test_every_request_goes_through_the_proxy_without_a_token(site: Site) -> None:
    site.stranger.received.clear()
    site.proxy.received.clear()

    assert_fit_to_send(site.doctor("-v"))

    assert {head.split()[1].partition(b":")[0].decode() for head in site.proxy.received} == set(LIVE)
    assert site.stranger.received
    sent = "".join(site.stranger.received)
    assert not [name for name, canary in CANARIES.items() if canary in sent]


def test_the_json_report_has_every_part_and_is_fit_to_be_sent(site: Site) -> None:
    run = site.doctor("--format", "json", "-v")
    document: dict[str, Any] = json.loads(run.stdout)

    assert_fit_to_send(run)
    assert document["schema_version"] == 1
    assert document["tool"]["name"] == "tripletex-wizard"
    assert document["summary"] == {"valid": len(WITHOUT_CONFIG) + 1, "invalid": 0, "unknown": 0}
    parts = {(part["part"], part["host"]): part for part in document["parts"]}
    assert [name for name, _ in parts] == [
        *(part.value for part in WITHOUT_CONFIG if part is not Part.CLOCK),
        "connection",
        "clock",
    ]
    assert parts["connection", "tripletex.no"]["facts"]["answers"] is True
    assert parts["clock", None]["facts"]["seconds_ahead"] in {-1, 0, 1}
    assert parts["keyring", None]["findings"][0]["severity"] == "info"


def test_an_unreachable_host_is_unknown(site: Site) -> None:
    run = site.doctor(HTTPS_PROXY="http://127.0.0.1:9")

    assert run.returncode == Exit.UNKNOWN
    assert "could not be checked TW505" in run.stdout
    assert "\nWRONG" not in run.stdout


def test_faults_of_the_machine_are_found_without_a_network(site: Site) -> None:
    defaults = site.home / "site" / "tripletex-wizard" / "defaults.toml"
    defaults.parent.mkdir(parents=True)
    defaults.write_text('store = "file"\n')
    run = site.doctor(
        HTTPS_PROXY="http://127.0.0.1:9", XDG_DATA_HOME="/dev/null", XDG_CONFIG_HOME=str(site.home / "site")
    )

    assert run.returncode == Exit.WRONG
    assert "\nWRONG    Private files for keys" in run.stdout


def test_the_doctor_runs_despite_broken_defaults(site: Site) -> None:
    file = site.home / "tripletex-wizard" / "defaults.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text("store = 'nowhere'\n")
    try:
        run = site.doctor()
    finally:
        file.unlink()

    assert run.returncode == Exit.WRONG
    assert "error TW603" in run.stdout
    assert "~/tripletex-wizard/defaults.toml" in run.stdout
    assert USER not in run.stdout + run.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_and_fact_has_a_name(language: str) -> None:
    assert set(PARTS) == set(Part)
    assert set(FACTS) == set(Fact)
    t = Texts("nb" if language == "nb" else "en")
    names = [t(text, host="x") for text in PARTS.values()] + [t(text) for text in FACTS.values()]
    assert all(names)


def parts_of(home: Home, *words: str | Path, code: int) -> dict[str, dict[str, Any]]:
    report = home.run("doctor", *words, "--format", "json", code=code).report
    return {part["part"]: part for part in report["parts"]}


@pytest.fixture
def config(home: Home) -> Path:
    """A config whose key and consumer token are next to it."""
    config = home.config(reference='file = "kunde.key"')
    home.write("kunde.key", home.world.single_company.employee_token)
    token = home.write("consumer.token", home.variables.pop(VARIABLE))
    text = config.read_text().replace("[key]", f'consumer_token = {{ file = "{token}" }}\n[key]')
    config.write_text(text)
    return config


def test_a_config_whose_needs_are_met_is_valid(home: Home, config: Path) -> None:
    # A service whose home cannot be written has no folder for keys, and needs none.
    home.variables["HOME"] = "/proc/nowhere"
    parts = parts_of(home, config, code=0)
    assert {"config", "key", "consumer_token", "connection"} <= parts.keys()
    assert not {"keyring", "private_files", "stored_keys"} & parts.keys()
    assert parts["key"]["facts"]["found"] is True
    assert parts["connection"]["host"] == "127.0.0.1"


@needs_root
def test_the_owner_of_a_config_is_not_named(home: Home, config: Path) -> None:
    os.chown(config, NOBODY, NOBODY)
    said = home.run("doctor", config, code=4).out
    assert "sudo -u <user> tripletex-wizard" in said
    assert "nobody" not in said


def test_what_a_config_lacks_is_reported(home: Home, config: Path) -> None:
    key = home.write("kunde.key", home.world.single_company_second.employee_token)
    (found,) = parts_of(home, config, code=0)["key"]["findings"]
    assert found["code"] == "TW218"
    key.unlink()
    (found,) = parts_of(home, config, code=1)["key"]["findings"]
    assert found["code"] == "TW322"
    home.run("doctor", "nowhere.toml", code=2)


def test_an_unused_stored_key_is_named(home: Home) -> None:
    home.variables["HTTPS_PROXY"] = "http://127.0.0.1:9"  # nothing outside is reached
    home.config(".config/tripletex-wizard/kunde.toml")
    unused = home.world.single_company_second
    home.write(home.key_file(unused), unused.employee_token)
    stored = parts_of(home, code=3)["stored_keys"]
    assert stored["facts"]["count"] == 2
    (found,) = stored["findings"]
    assert (found["code"], str(unused.token_id) in found["message"]) == ("TW606", True)
