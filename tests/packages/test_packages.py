"""The packages that ``.ci/package`` builds, installed and used on this machine.

``WIZARD_PACKAGES`` names the folder with the packages; without it nothing here runs. The machine must be a
Debian that may be changed, and the user root.
"""

import os
import re
import shlex
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.sandbox import DemoKey, Sandbox
from wizard import __version__

FOLDER = os.environ.get("WIZARD_PACKAGES")
pytestmark = pytest.mark.skipif(FOLDER is None, reason="WIZARD_PACKAGES names no folder with packages")

ACCOUNT = "tripletex-wizard"
SERVICE = Path("/lib/systemd/system/tripletex-wizard-validate.service")
TIMER = SERVICE.with_suffix(".timer")
ETC = Path("/etc/finale")


def package(pattern: str) -> Path:
    (found,) = Path(FOLDER or "").glob(pattern)
    return found


def run(
    *words: str | Path, env: dict[str, str] | None = None, cwd: str = "/"
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, with nothing of the tests' environment."""
    return subprocess.run(
        list(map(str, words)),
        env=env or {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def apt(*words: str | Path) -> None:
    env = {"PATH": os.environ["PATH"], "DEBIAN_FRONTEND": "noninteractive"}
    done = run("apt-get", "-y", "-qq", "--no-install-recommends", *words, env=env)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed() -> Iterator[None]:
    """The Debian package, installed; afterwards it is gone again."""
    apt("install", "--reinstall", package("*.deb"))
    yield
    apt("purge", "tripletex-wizard")


def test_every_package_has_the_version_and_the_catalogues() -> None:
    names = ZipFile(package("*.whl")).namelist()
    assert "wizard/locale/nb/LC_MESSAGES/wizard.mo" in names
    assert "wizard/ui/report/report.schema.json" in names
    with tarfile.open(package("*.tar.gz")) as sources:
        assert f"tripletex_wizard-{__version__}/wizard/__init__.py" in sources.getnames()
    assert run("dpkg-deb", "--field", package("*.deb"), "Version").stdout.strip() == __version__
    sums = run("sha256sum", "--check", "--quiet", "SHA256SUMS", cwd=FOLDER or "")
    assert (sums.returncode, sums.stderr) == (0, "")


def test_every_link_in_the_documentation_leads_somewhere(tmp_path: Path) -> None:
    run("dpkg-deb", "--extract", package("*.deb"), tmp_path)
    pages = list((tmp_path / "usr/share/doc/tripletex-wizard").rglob("*.md"))
    assert len(pages) > 8
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#]+)", page.read_text())]
    assert [link for page, link in links if ":" not in link and not (page.parent / link).exists()] == []


@pytest.mark.usefixtures("installed")
def test_every_user_can_run_the_program() -> None:
    nobody = ("setpriv", "--reuid=54321", "--regid=54321", "--clear-groups")
    done = run(*nobody, "tripletex-wizard", "--version")
    assert (done.stdout, done.stderr) == (f"tripletex-wizard {__version__}\n", "")
    demo = run(*nobody, "tripletex-wizard", "demo", env={"PATH": "/usr/bin", "PYTHONPATH": "/nowhere"})
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert run("dpkg", "--verify", "tripletex-wizard").stdout == ""


@pytest.mark.usefixtures("installed")
def test_the_manual_names_every_command_and_is_well_formed() -> None:
    page = "/usr/share/man/man1/tripletex-wizard.1.gz"
    lint = run("mandoc", "-Tlint", "-Wwarning", page)
    assert (lint.returncode, lint.stdout) == (0, "")
    text = re.sub(".\b", "", run("mandoc", "-Tutf8", page).stdout)
    for told in ("--employee-token-file", "EXIT STATUS", "/etc/xdg/tripletex-wizard/defaults.toml"):
        assert told in text


@pytest.mark.usefixtures("installed")
def test_each_shell_reads_its_completions(tmp_path: Path) -> None:
    for shell, path in (
        ("bash", "bash-completion/completions/tripletex-wizard"),
        ("zsh", "zsh/vendor-completions/_tripletex-wizard"),
        ("fish", "fish/vendor_completions.d/tripletex-wizard.fish"),
    ):
        done = run(shell, "-n", f"/usr/share/{path}")
        assert (done.returncode, done.stderr) == (0, ""), shell
    words = "complete -C 'tripletex-wizard valid'"
    offered = run("fish", "-c", words, env={"PATH": "/usr/bin", "HOME": str(tmp_path)})
    assert offered.stdout.startswith("validate")


@pytest.mark.usefixtures("installed")
def test_the_units_are_valid_and_hardened() -> None:
    verified = run("systemd-analyze", "verify", "--man=no", SERVICE, TIMER)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = run("systemd-analyze", "security", "--offline=true", "--no-pager", SERVICE).stdout
    (exposure,) = re.findall(r"Overall exposure level for \S+: ([0-9.]+)", rated)
    assert float(exposure) <= 2.0


def lay_out(sandbox: Sandbox, base_url: str, key: DemoKey) -> None:
    """Put a config and its key into /etc/finale, owned by the account of the service."""
    files = {
        "kunde.key": key.employee_token,
        "consumer.token": sandbox.world.consumer_token,
        "kunde.toml": (
            f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
            '[finale]\nsetup = "single-company"\n[credentials]\n'
            'employee_token = { file = "kunde.key" }\nconsumer_token = { file = "consumer.token" }\n'
        ),
    }
    for name, text in files.items():
        path = ETC / name
        path.touch(0o600)
        path.write_text(text)
        assert run("chown", f"{ACCOUNT}:", path).returncode == 0


# What systemd's sandboxing does to a service, done by hand where no systemd runs.
_NO_NEW_CODE = """\
import ctypes, os, sys
PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN = 65, 1
ctypes.CDLL(None).prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0)  # older kernels do not know it
os.execv(sys.argv[1], sys.argv[1:])
"""

CONFINED = f"""
account=$1; shift
umask 077
mount --make-rprivate /
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs -o mode=1777 tmpfs /var/tmp
mount -t tmpfs -o mode=0700,ro tmpfs /home
mount -t tmpfs -o mode=0700,ro tmpfs /root
mount -t tmpfs -o mode=0700,ro tmpfs /run/user 2>/dev/null || true
mount -o remount,bind,ro /
mount -t proc -o hidepid=2,subset=pid proc /proc 2>/dev/null || mount -t proc -o hidepid=2 proc /proc
exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 ${{HOME:+HOME="$HOME"}} \\
    ${{CREDENTIALS_DIRECTORY:+CREDENTIALS_DIRECTORY="$CREDENTIALS_DIRECTORY"}} \\
    setpriv --reuid="$account" --regid="$account" --clear-groups --no-new-privs \\
        --bounding-set=-all --inh-caps=-all --ambient-caps=-all \\
    /usr/bin/python3 -Ic '{_NO_NEW_CODE}' "$@"
"""
"""A script for ``sh``: the account, then the command to run in its place."""


def serve_once(
    account: str = ACCOUNT, folder: Path = ETC, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run what the unit starts, as much as possible as systemd would confine it."""
    (line,) = re.findall(r"^ExecStart=(.*)$", SERVICE.read_text(), flags=re.MULTILINE)
    words = shlex.split(line.replace(str(ETC), str(folder)))
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/var/lib/tripletex-wizard", **variables}
    return run("unshare", "--mount", "--ipc", "sh", "-euc", CONFINED, "sh", account, *words, env=env)


@pytest.mark.usefixtures("installed")
def test_the_service_works_under_its_confinement(sandbox: Sandbox, base_url: str) -> None:
    try:
        lay_out(sandbox, base_url, sandbox.world.single_company)
        good = serve_once()
        assert (good.returncode, good.stdout, good.stderr) == (0, "", "")
        assert sandbox.requests
        assert not sandbox.open_sessions
        lay_out(sandbox, base_url, sandbox.world.deleted)
        bad = serve_once()
        assert bad.returncode == 1
        assert "TW402" in bad.stdout
    finally:
        for path in ETC.glob("*"):
            path.unlink()


@pytest.mark.usefixtures("installed")
def test_the_service_works_for_a_user_that_exists_only_while_it_runs(sandbox: Sandbox, base_url: str) -> None:
    """What DynamicUser=yes gives: a number without an account, no home, and the keys as credentials."""
    folder, credentials = Path("/etc/finale-dynamic"), Path("/etc/finale-credentials")
    try:
        folder.mkdir()
        credentials.mkdir(mode=0o700)
        (folder / "kunde.toml").write_text(
            f'schema_version = 1\n[tripletex]\nenvironment = "sandbox"\nbase_url = "{base_url}"\n'
            '[finale]\nsetup = "single-company"\n[credentials]\n'
            'employee_token = { file = "${CREDENTIALS_DIRECTORY}/tripletex.key" }\n'
            'consumer_token = { file = "${CREDENTIALS_DIRECTORY}/consumer.token" }\n'
        )
        for name, token in (
            ("tripletex.key", sandbox.world.single_company.employee_token),
            ("consumer.token", sandbox.world.consumer_token),
        ):
            (credentials / name).touch(0o400)
            (credentials / name).write_text(token)
        assert run("chown", "-R", "61234:61234", credentials).returncode == 0
        done = serve_once("61234", folder, HOME="/", CREDENTIALS_DIRECTORY=str(credentials))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(credentials, ignore_errors=True)


@pytest.mark.usefixtures("installed")
def test_an_upgrade_and_a_removal_leave_what_belongs_to_the_site() -> None:
    assert run("stat", "--format=%U %a", ETC).stdout == f"{ACCOUNT} 750\n"
    config = ETC / "kept.toml"
    config.write_text("schema_version = 1\n")
    try:
        apt("install", "--reinstall", package("*.deb"))
        assert config.exists()
        apt("remove", "tripletex-wizard")
        assert not Path("/usr/bin/tripletex-wizard").exists()
        assert not Path("/usr/lib/tripletex-wizard").exists()
        assert config.exists()
    finally:
        config.unlink()
        apt("install", package("*.deb"))
