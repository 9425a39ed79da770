"""The launcher, run for real on a project so small that setting it up needs no network."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.timeout(300)  # environments are made for real, also on a busy machine

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "avatarify"
version = "1"
[project.optional-dependencies]
dev = []
bundle = []
"""

# Builds an editable wheel by hand. It counts its calls, fails while there is a file `break`, and
# takes forever while there is a file `hang`.
BACKEND = """
import pathlib, sys, time, zipfile

HERE = pathlib.Path(__file__).parent
INFO = "avatarify-1.dist-info"
EXTRAS = "Provides-Extra: dev\\nProvides-Extra: bundle\\n"
METADATA = "Metadata-Version: 2.1\\nName: avatarify\\nVersion: 1\\n" + EXTRAS
WHEEL = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"

def prepare_metadata_for_build_editable(metadata_directory, config_settings=None):
    folder = pathlib.Path(metadata_directory, INFO)
    folder.mkdir()
    (folder / "METADATA").write_text(METADATA)
    return INFO

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    with (HERE / "builds").open("a") as file:
        file.write("x")
    while (HERE / "hang").exists():
        time.sleep(0.1)
    if (HERE / "break").exists():
        sys.exit("broken on purpose")
    name = "avatarify-1-py3-none-any.whl"
    files = {"avatarify.pth": str(HERE), INFO + "/METADATA": METADATA, INFO + "/WHEEL": WHEEL}
    with zipfile.ZipFile(pathlib.Path(wheel_directory, name), "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(INFO + "/RECORD", "".join(path + ",,\\n" for path in files))
    return name
"""

COMMAND_LINE = """
import sys

def main(argv):
    print("avatarify", sys.prefix, argv)
    return int(argv[1]) if argv[:1] == ["exit"] else 0
"""


class Project:
    """A copy of the launcher beside a package that prints its arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "avatarify" / "cli").mkdir(parents=True)
        (folder / "avatarify" / "__init__.py").touch()
        (folder / "avatarify" / "cli" / "__init__.py").write_text(COMMAND_LINE)
        (folder / "backend.py").write_text(BACKEND)
        (folder / "pyproject.toml").write_text(PYPROJECT)
        shutil.copy(ROOT / "main.py", folder)
        # A project folder may hold metadata left by another interpreter: it must not count.
        (folder / "avatarify.egg-info").mkdir()
        (folder / "avatarify.egg-info" / "PKG-INFO").write_text("Name: avatarify\nVersion: 1\n")

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        environment = {key: value for key, value in os.environ.items() if "COV" not in key}
        return subprocess.Popen(
            # The interpreter of this test's own environment has the package: start its base.
            [str(getattr(sys, "_base_executable")), str(self.folder / "main.py"), *arguments],  # noqa: B009
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**environment, "PIP_NO_INDEX": "1"},
            start_new_session=True,
        )

    def launch(self, *arguments: str) -> tuple[int, str, str]:
        """Return the exit code, what was printed and what was complained about."""
        with self.start(*arguments) as launcher:
            out, errors = launcher.communicate()
        return launcher.returncode, out, errors

    def change_pyproject(self, addition: str = "") -> None:
        """Write a pyproject.toml that was not there before, `addition` among its extras."""
        number = (self.folder / "pyproject.toml").stat().st_mtime_ns
        (self.folder / "pyproject.toml").write_text(f"{PYPROJECT}{addition}\n# {number}\n")

    def write_bundler(self, name: str, line: str, code: int) -> None:
        """Write a script of the bundle's that runs a line and ends with a code."""
        (self.folder / "bundle").mkdir(exist_ok=True)
        (self.folder / "bundle" / name).write_text(f"import sys\n{line}\nsys.exit({code})")

    @property
    def venv(self) -> Path:
        return self.folder / ".venv"

    @property
    def venv_python(self) -> Path:
        return self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    @property
    def builds(self) -> int:
        """How many times the project was installed, finished or not."""
        log = self.folder / "builds"
        return len(log.read_text()) if log.exists() else 0


def wait_for_build(project: Project, count: int) -> None:
    deadline = time.monotonic() + 60
    while project.builds < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project that one launch has set up; its folder's name has a space."""
    project = Project(tmp_path_factory.mktemp("my avatars"))
    code, out, errors = project.launch("demo", "--seconds", "3")
    assert (code, errors) == (0, "")
    assert "Making" in out
    assert out.endswith(f"avatarify {project.venv} ['demo', '--seconds', '3']\n")
    assert project.builds == 1
    return project


def test_old_pythons_can_read_the_launcher_and_are_told() -> None:
    source = (ROOT / "main.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    pretend_to_be_old = source.replace(
        "import sys\n", "import sys\nsys.version_info = (3, 6, 9)\n", 1
    )
    finished = subprocess.run(
        [sys.executable, "-c", pretend_to_be_old], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert finished.stderr.startswith(
        "Avatarify needs Python 3.11 or newer, and this is Python 3.6"
    )


def test_the_needed_python_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11"
    assert "NEEDED_PYTHON = (3, 11)" in (ROOT / "main.py").read_text()


def test_the_second_launch_only_runs(installed: Project) -> None:
    assert installed.launch() == (0, f"avatarify {installed.venv} []\n", "")
    assert installed.builds == 1


def test_an_environment_of_the_users_own_is_used(installed: Project, tmp_path: Path) -> None:
    other = Project(tmp_path)
    finished = subprocess.run(
        [str(installed.venv_python), str(other.folder / "main.py"), "demo"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stdout == f"avatarify {installed.venv} ['demo']\n"
    assert not other.venv.exists()


def test_exit_codes_pass_through(installed: Project) -> None:
    assert installed.launch("exit", "41")[0] == 41


def test_a_changed_pyproject_is_installed_again(installed: Project) -> None:
    builds = installed.builds
    installed.change_pyproject('hotkeys = ["a-package-that-no-index-has"]')
    code, out, _ = installed.launch()
    assert code == 0
    assert "Installing" in out
    assert "Global hotkeys stay off, all else works" in out
    assert "Rebuilding" not in out
    assert installed.builds == builds + 1


def test_openvino_is_added_where_there_is_a_wheel(installed: Project, tmp_path: Path) -> None:
    wheel = tmp_path / "openvino-1-py3-none-any.whl"
    metadata = "Metadata-Version: 2.1\nName: openvino\nVersion: 1\n"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("openvino.py", "")
        file.writestr("openvino-1.dist-info/METADATA", metadata)
        file.writestr(
            "openvino-1.dist-info/WHEEL",
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr("openvino-1.dist-info/RECORD", "openvino.py,,\n")
    installed.change_pyproject(f'fast = ["openvino @ {wheel.as_uri()}"]')
    code, out, _ = installed.launch()
    assert code == 0
    assert "OpenVINO" not in out
    command = [str(installed.venv_python), "-c", "import openvino"]
    assert subprocess.run(command, check=False).returncode == 0


def test_without_a_wheel_of_openvino_the_rest_is_installed_and_runs(installed: Project) -> None:
    installed.change_pyproject('fast = ["a-package-that-no-index-has>=2"]')
    code, out, errors = installed.launch()
    assert (code, errors) == (0, "")
    assert "OpenVINO could not be installed, all else works" in out
    assert f"{installed.venv_python} -m pip install 'a-package-that-no-index-has>=2'" in out
    assert out.endswith(f"avatarify {installed.venv} []\n")
    assert installed.launch() == (0, f"avatarify {installed.venv} []\n", "")


def test_what_the_launcher_adds_are_extras_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert extras["fast"][0].startswith("openvino")
    assert extras["hotkeys"][0].startswith("pynput")
    assert not [needed for needed in project["dependencies"] if needed.startswith("openvino")]


def test_the_extra_of_test_is_added_and_kept(installed: Project) -> None:
    installed.change_pyproject()
    builds = installed.builds
    installed.write_bundler("build_bundle.py", "", 3)
    installed.write_bundler("check_bundle.py", "print('checks')", 0)
    code, out, _ = installed.launch("test", "--bundle", "-k", "nothing")
    assert code == 1  # the tiny project has none of the tools
    assert "Failed: lint, format, layers, tests, bundle, docs, types, tests alone." in out
    assert "checks" not in out  # what was not built is not checked
    assert installed.builds == builds + 1
    assert installed.launch()[0] == 0
    assert installed.builds == builds + 1
    state = json.loads((installed.venv / "avatarify-install.json").read_text())
    assert state["extras"] == ["dev"]


def test_the_extra_of_bundle_is_added_and_the_builder_gets_the_arguments(
    installed: Project,
) -> None:
    installed.write_bundler("build_bundle.py", "print('builds in', sys.prefix, sys.argv[1:])", 3)
    code, out, _ = installed.launch("bundle", "--check")
    assert code == 3
    assert out.endswith(f"builds in {installed.venv} ['--check']\n")
    assert "bundle" in json.loads((installed.venv / "avatarify-install.json").read_text())["extras"]


def test_a_bundle_made_beside_the_tests_is_checked_after_them(installed: Project) -> None:
    installed.write_bundler("build_bundle.py", "print('builds', sys.argv[1:])", 0)
    installed.write_bundler("check_bundle.py", "print('checks', sys.argv[1:])", 0)
    code, out, _ = installed.launch("test", "--bundle", "-k", "nothing")
    assert code == 1  # for want of the tools
    assert out.index("builds []") < out.index("bundle: ok") < out.index("tests alone:")
    checked = [str(installed.folder / "dist" / "avatarify"), "--live-seconds", "20"]
    ends = ("tests alone:", f"checks {checked}\n", "bundle check: ok")
    assert sorted(ends, key=out.index) == list(ends)


def test_a_failed_install_is_told_and_repaired(installed: Project) -> None:
    installed.change_pyproject()
    (installed.folder / "break").touch()
    code, out, errors = installed.launch()
    assert code == 1
    assert "avatarify [" not in out
    assert "The installation failed" in errors
    assert "Traceback" not in errors.split("main.py:")[-1]
    (installed.folder / "break").unlink()
    (installed.venv / "half-copied-package").touch()
    code, out, _ = installed.launch()
    assert code == 0
    assert "Rebuilding" in out
    assert not (installed.venv / "half-copied-package").exists()


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_a_second_launcher_waits_and_an_interrupted_one_is_repaired(installed: Project) -> None:
    builds = installed.builds
    installed.change_pyproject()
    (installed.folder / "hang").touch()
    first = installed.start()
    wait_for_build(installed, builds + 1)
    second = installed.start()
    assert second.stdout is not None
    assert "waiting" in second.stdout.readline()
    os.killpg(first.pid, signal.SIGINT)  # what Ctrl-C does: launcher and pip both get it
    _, errors = first.communicate()  # `hang` stays until here: no build ends before the signal
    (installed.folder / "hang").unlink()
    assert first.returncode == 130
    assert errors.endswith("main.py: Stopped. The same command goes on from here.\n")
    out, _ = second.communicate()
    assert second.returncode == 0
    assert "Rebuilding" in out
    assert installed.builds == builds + 2


def test_a_venv_made_by_hand_is_kept(installed: Project) -> None:
    (installed.venv / "avatarify-install.json").unlink()
    (installed.venv / "mine").touch()
    assert installed.launch()[0] == 0
    assert (installed.venv / "mine").exists()


@pytest.mark.skipif(os.name != "posix", reason="Windows copies the interpreter")
def test_a_venv_whose_interpreter_is_gone_is_rebuilt(installed: Project) -> None:
    interpreter = installed.venv / "bin" / "python"
    interpreter.unlink()
    interpreter.symlink_to("/nowhere/python3")
    code, out, _ = installed.launch()
    assert code == 0
    assert "Rebuilding" in out


def test_a_python_that_cannot_make_environments_is_told_what_to_install(tmp_path: Path) -> None:
    project = Project(tmp_path)
    # What Debian leaves in place without its package python3-venv: a path without ensurepip.
    code = (
        "import importlib.util, runpy, sys; find = importlib.util.find_spec;"
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else find(name);"
        f"sys.argv = ['main.py']; path = {str(project.folder / 'main.py')!r};"
        "runpy.run_path(path, None, '__main__')"
    )
    finished = subprocess.run(
        [str(getattr(sys, "_base_executable")), "-c", code],  # noqa: B009
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 1
    assert "sudo apt install python3-venv" in finished.stderr


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.venv.write_text("a file where the folder should be")
    code, _, errors = project.launch()
    assert code == 1
    assert errors.startswith(f"main.py: Setting up {project.venv} failed: ")
    assert "Traceback" not in errors
