"""The parts of the installation that need no package index; the whole of it is what makes these tests run."""

import json
import os
import shutil
import time
from collections import namedtuple
from pathlib import Path

import pytest

from launcher import data_folder
from launcher.errors import LauncherError
from launcher.installation.browser_packages import BrowserPackages
from launcher.installation.preflight import check_can_install, check_writable, python_problem
from launcher.installation.python_packages import PythonPackages
from launcher.installation.stamps import Stamps, digest_of
from launcher.installation.steps import Steps, clean_environment, phase

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("version", "fits"), [((3, 9), False), ((3, 10), False), ((3, 11), True), ((3, 13), True), ((3, 14), False)]
)
def test_python_version(version: tuple[int, int], fits: bool) -> None:
    assert (python_problem(version) is None) is fits


def test_machine_without_the_venv_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(LauncherError, match=r"^Python's venv module is missing: apt install python3-venv$"):
        check_can_install(tmp_path)


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage(2**40, 2**40, 5 * 2**20))
    with pytest.raises(LauncherError, match=r"^The disk is full: 5 MB are free"):
        check_can_install(tmp_path)
    with pytest.raises(LauncherError, match=r"^The disk is full: 5 MB are free"):
        data_folder.check_room(tmp_path)


def test_read_only_checkout(tmp_path: Path) -> None:
    """As an ordinary user, for whom permissions hold; root's process gives its rights up in a child of its own."""
    checkout = tmp_path / "checkout"
    checkout.mkdir(mode=0o555)
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            check_writable(checkout)
        except LauncherError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        assert pipe.read().startswith(f"The checkout {checkout} is read-only")


def test_failed_step_shows_its_output_and_ends_the_others(tmp_path: Path) -> None:
    steps = Steps(tmp_path)
    began = time.monotonic()
    with pytest.raises(LauncherError, match="Failing failed") as caught:
        steps.side_by_side(
            lambda: steps.run("Lasting", ["sleep", "100"]),
            lambda: steps.run("Failing", ["sh", "-c", "sleep 0.2; echo no such package; exit 1"]),
        )
    assert "no such package" in caught.value.details
    assert time.monotonic() - began < 100


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("Collecting amqp==5.4.2 (from -r /x/dev.txt (line 178))\nWARNING: Location 'file:///x/' is ignored", "amqp"),
        ("  Downloading ruff-0.17.0-py3-none-manylinux_2_17_x86_64.whl (11.2 MB)\n", "ruff"),
        ("Processing /opt/pypi/files/annotated_types-0.8.0-py3-none-any.whl (from -r x)", "annotated_types"),
        ("Collecting a==1\nInstalling collected packages: a, b, c", "unpacking 3 packages"),
        ("npm warn deprecated inflight@1.0.6: leaks\n", ""),
        ("added 9 packages in 3s", "added 9 packages in 3s"),
        ("", ""),
    ],
)
def test_progress_names_the_package_or_the_phase(output: str, shown: str) -> None:
    assert phase(output) == shown


def test_progress_ends_with_a_whole_word() -> None:
    assert phase("unpacking " * 20).endswith("unpacking …")


def test_step_on_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(LauncherError, match=r"^The disk is full"):
        Steps(tmp_path).run("Writing", ["sh", "-c", "seq 9 > /dev/full"])


def test_environment_does_not_lead_pip_astray(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example")
    assert not {"PIP_TARGET", "PYTHONDONTWRITEBYTECODE"} & clean_environment().keys()
    assert clean_environment()["PIP_INDEX_URL"] == "https://packages.example"


def test_stamp_holds_until_the_lock_changes(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("django==5.2")
    stamps = Stamps(tmp_path / ".venv")
    assert not stamps.holds("packages", digest_of(lock))
    stamps.set("packages", digest_of(lock))
    assert stamps.holds("packages", digest_of(lock))
    lock.write_text("django==5.3")
    assert not stamps.holds("packages", digest_of(lock))


def checkout_with_browser_package(root: Path, served: str) -> BrowserPackages:
    (root / "portal" / "static").mkdir(parents=True)
    (root / "tiny").mkdir()
    (root / "tiny" / "package.json").write_text(json.dumps({"name": "tiny", "version": "1.0.0"}))
    (root / "tiny" / "tiny.js").write_text("export const tiny = 1;\n")
    vendor = [{"from": served, "to": "tiny/tiny.js"}]
    package = {"name": "checkout", "dependencies": {"tiny": "file:tiny"}, "appliance": {"vendor": vendor}}
    (root / "package.json").write_text(json.dumps(package))
    locked = {
        "": {"name": "checkout", "dependencies": {"tiny": "file:tiny"}},
        "node_modules/tiny": {"resolved": "tiny", "link": True},
        "tiny": {"version": "1.0.0"},
    }
    (root / "package-lock.json").write_text(json.dumps({"name": "checkout", "lockfileVersion": 3, "packages": locked}))
    stamps = Stamps(root / ".venv")
    return BrowserPackages(root, stamps, PythonPackages(root, stamps, develop=False), develop=False)


def test_browser_packages_are_copied_to_where_they_are_served(tmp_path: Path) -> None:
    packages = checkout_with_browser_package(tmp_path, "node_modules/tiny/tiny.js")
    # In a list, since the type checker takes a property for what it was a moment ago.
    assert [packages.current] == [False]
    packages.install(Steps(tmp_path / "logs"))
    vendor = tmp_path / "portal" / "static" / "vendor"
    assert (vendor / "tiny" / "tiny.js").read_text() == "export const tiny = 1;\n"
    assert packages.current
    shutil.rmtree(vendor)
    assert not packages.current


def test_browser_package_that_lacks_a_file(tmp_path: Path) -> None:
    packages = checkout_with_browser_package(tmp_path, "node_modules/tiny/absent.js")
    with pytest.raises(LauncherError, match=r"package\.json asks for node_modules/tiny/absent\.js"):
        packages.install(Steps(tmp_path / "logs"))
    assert not packages.current
