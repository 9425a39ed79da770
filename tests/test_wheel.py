"""The wheel, built from the sdist, installed where there is no repository, and run from there."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from avatarify.animation.native.build import LIBRARY, compiler
from avatarify.media.video_file import VideoFile

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build an sdist of the repository, and a wheel of what is in the sdist alone."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (sdist,) = folder.glob("*.tar.gz")
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--no-index", "-w", str(folder), str(sdist)], check=True)
    (built,) = folder.glob("*.whl")
    return built


class Machine:
    """A machine of its own: an environment that cannot be written to, and an empty home."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.environment, self.home = folder / "environment", folder / "home"
        self.home.mkdir()
        command = [sys.executable, "-m", "venv", "--without-pip", str(self.environment)]
        subprocess.run(command, check=True)
        packages = Path(
            sysconfig.get_path("purelib", vars={"base": str(self.environment)}, scheme="venv")
        )
        # What the program depends on is taken from here. Hooks of editable installs, such as our
        # own, are not followed from such a line: the repository stays out of sight.
        dependencies = [entry for entry in sys.path if Path(entry).name == "site-packages"]
        (packages / "dependencies.pth").write_text("\n".join(dependencies))
        pip = [sys.executable, "-m", "pip", "--python", str(self.environment), "install"]
        command = [*pip, "--quiet", "--no-deps", "--no-index", str(wheel)]
        subprocess.run(command, check=True)
        for path in (packages, *packages.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)

    def run(self, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment as a user without rights."""
        kept = {"PATH", "LANG", "SYSTEMROOT"} & set(os.environ)
        # Root may write anywhere, unless this right is taken from the process.
        without_rights = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
        can_drop = shutil.which("setpriv") and os.name == "posix" and os.geteuid() == 0
        scripts = Path(
            sysconfig.get_path("scripts", vars={"base": str(self.environment)}, scheme="venv")
        )
        return subprocess.run(
            [*(without_rights if can_drop else ()), str(scripts / words[0]), *words[1:]],
            cwd=cwd,
            env={"HOME": str(self.home), **{name: os.environ[name] for name in kept}},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def machine(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("machine"), wheel)


def test_the_wheel_holds_all_that_the_repository_ships(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name: archive.getinfo(name).file_size for name in archive.namelist()}
        build = json.loads(archive.read("avatarify/shipped/build.json"))
    made = {".pyc", LIBRARY.suffix}
    code = [path for path in (ROOT / "avatarify").rglob("*.*") if path.suffix not in made]
    shipped = [*(ROOT / "models").iterdir(), *(ROOT / "assets").rglob("*.*"), ROOT / "LICENSE"]
    wanted = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in code} | {
        f"avatarify/shipped/{path.relative_to(ROOT).as_posix()}": path.stat().st_size
        for path in shipped
        if path.is_file()
    }
    assert wanted.items() <= inside.items()
    assert any(name.endswith("licenses/LICENSE") for name in inside)
    assert not [name for name in inside if name.startswith(("tests/", "docs/", "main.py"))]
    assert set(build) == {"commit", "date"}


@pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
def test_the_wheel_holds_compiled_functions_and_says_for_which_system(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert f"avatarify/animation/native/{LIBRARY.name}" in archive.namelist()
    assert not wheel.name.endswith("-any.whl")


def test_it_is_found_without_the_repository_and_cannot_be_written(
    machine: Machine, tmp_path: Path
) -> None:
    code = "import avatarify as a; print(a.__file__); open(a.__file__, 'a')"
    looked = machine.run("python", "-c", code, cwd=tmp_path)
    assert looked.stdout.startswith(str(machine.environment))
    assert "PermissionError" in looked.stderr


def test_the_demo_runs_from_an_empty_folder(machine: Machine, tmp_path: Path) -> None:
    finished = machine.run("avatarify", "demo", "--no-window", cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert "Amara is driven live by demo_motion.npz" in finished.stdout
    assert "live." in finished.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["demo.mp4"]
    with VideoFile(tmp_path / "demo.mp4") as video:
        first = video.read()
    assert first is not None
    assert first.image.shape == (720, 1280, 3)


def test_the_doctor_finds_models_and_tracker(machine: Machine, tmp_path: Path) -> None:
    finished = machine.run("python", "-m", "avatarify", "doctor", "--json", cwd=tmp_path)
    findings = {each["subject"]: each for each in json.loads(finished.stdout)["findings"]}
    for subject in ("Model face", "Model compact", "Face tracker", "Packages"):
        assert findings[subject]["level"] == "ok", findings[subject]
    assert str(machine.environment) in findings["Model compact"]["text"]


def test_a_model_names_its_card(machine: Machine, tmp_path: Path) -> None:
    said = machine.run("avatarify", "models", "info", "compact", cwd=tmp_path).stdout
    card = next(line for line in said.splitlines() if line.startswith("card:"))
    assert Path(card.removeprefix("card:").strip()).is_file()
