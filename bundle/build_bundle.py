"""Makes the bundle: a folder with everything in it, Python too, and a Debian package of that.

`python main.py bundle` runs this in its own environment. `dist/avatarify/` is the folder, and its
program is `dist/avatarify/avatarify`. With `--check` it is started and measured (check_bundle.py).
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from avatarify.animation.native.build import build  # noqa: E402 - found from the line above
from avatarify.gui.desktop.icon import draw_icon  # noqa: E402
from avatarify.tracking.kept_landmarks import SHIPPED, write_landmarks  # noqa: E402
from avatarify.zoo.registry import LANDMARKS  # noqa: E402
from bundle.check_bundle import check, size_on_disk  # noqa: E402
from bundle.debian_package import build_package  # noqa: E402
from bundle.hollow import hollow_out  # noqa: E402
from bundle.icu_tables import cut_icu_tables  # noqa: E402
from bundle.libraries import libraries, remove_orphans  # noqa: E402
from bundle.libraries import needed as needed_libraries  # noqa: E402
from bundle.stripping import strip  # noqa: E402
from bundle.twins import join_twins  # noqa: E402
from hatch_build import commit_of  # noqa: E402

WORK = ROOT / "build" / "bundle"
DIST = ROOT / "dist"

# A build of OpenCV without windows of its own, which the program never opens: 140 MB less of Qt 5.
# Of version 5, like the one that pip installs: version 4 rounds places to 1/32 of a pixel on
# processors without AVX-512, so that the compact model's fast ways are refused there.
HEADLESS = "opencv-contrib-python-headless>=5,<6"


def main() -> int:
    """Build, and say how large it became."""
    parser = argparse.ArgumentParser(prog="main.py bundle", description=__doc__)
    parser.add_argument("--check", action="store_true", help="start the bundle and measure it")
    parser.add_argument("--no-package", action="store_true", help="make the folder only")
    arguments = parser.parse_args()
    start = time.monotonic()
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "build.json").write_text(json.dumps(commit_of(ROOT)) + "\n", encoding="utf-8")
    draw_icon(256).save(str(WORK / "avatarify.png"))
    fault = build()
    if fault:
        say(f"The bundle paints slower than it could: {fault}")
    # The first start then finds faces without waiting for torch.
    write_landmarks(ROOT / "models" / LANDMARKS.installed_name, WORK / SHIPPED)
    try:
        run_pyinstaller(headless_opencv())
    except subprocess.CalledProcessError as error:
        say(f"PyInstaller failed ({error.returncode}); it says why above.")
        return 1
    folder = DIST / "avatarify"
    lighten(folder)
    strip(folder)
    write_licences(folder / "licences")
    say(f"{folder}: {megabytes(folder)} MB, after {time.monotonic() - start:.0f} s")
    if sys.platform.startswith("linux") and not arguments.no_package:
        package = build_package(folder, DIST, WORK / "package")
        say(f"{package}: {package.stat().st_size / 1e6:.0f} MB")
        say(f"after {time.monotonic() - start:.0f} s")
    if arguments.check:
        return check(folder)
    return 0


def lighten(folder: Path) -> None:
    """Take out what is there twice or never used, where the tools for it are at hand."""
    tools = ("as", "ld", "nm", "readelf")
    if not sys.platform.startswith("linux") or not all(map(shutil.which, tools)):
        return
    before = needed_libraries(libraries(folder))
    join_twins(folder)
    hollow_out(folder, WORK)
    cut_icu_tables(folder, WORK)
    remove_orphans(folder, before)


def headless_opencv() -> Path | None:
    """Fetch OpenCV without windows; None where that is not possible, and the bundle is larger."""
    folder = WORK / "headless"
    if not any(folder.glob("opencv_contrib_python_headless-5*.dist-info")):
        shutil.rmtree(folder, ignore_errors=True)  # an earlier version's
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        wanted = ["--only-binary=:all:", "--target", str(folder), HEADLESS]
        if subprocess.run([*pip, *wanted], check=False).returncode:
            say("OpenCV without windows cannot be had: the bundle takes the one that is here.")
            return None
    return folder


def run_pyinstaller(opencv: Path | None) -> None:
    """Let PyInstaller collect and write the folder."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    environment = {**os.environ, "AVATARIFY_BUNDLE_WORK": str(WORK)}
    if opencv is not None:
        environment["PYTHONPATH"] = str(opencv)
    subprocess.run(
        [
            *(*command, "--distpath", str(DIST), "--workpath", str(WORK / "pyinstaller")),
            str(ROOT / "bundle" / "avatarify.spec"),
        ],
        env=environment,
        check=True,
    )


def write_licences(folder: Path) -> None:
    """Put the licence of everything that is inside beside it, and say what they ask for."""
    folder.mkdir(exist_ok=True)
    shutil.copy(Path(__file__).with_name("LICENCES.txt"), folder / "README.txt")
    shutil.copy(ROOT / "LICENSE", folder / "avatarify.txt")
    python = Path(sysconfig.get_path("stdlib")) / "LICENSE.txt"
    for text in (python, Path("/usr/share/doc/python3/copyright")):
        if text.is_file():
            shutil.copy(text, folder / "python.txt")
            break
    lines = []
    for name in sorted(needed("avatarify", {"fast", "heic"}), key=str.lower):
        package = distribution(name)
        lines.append(f"{name} {package.version}: {terms(package)}")
        for number, text in enumerate(licence_files(package)):
            shutil.copy(text, folder / f"{name}-{number}-{text.name}.txt")
    (folder / "packages.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def terms(package: Distribution) -> str:
    """What a package says of its licence, in a line."""
    about = package.metadata
    kinds = [each for each in about.get_all("Classifier") or () if each.startswith("License ::")]
    said = about["License-Expression"] or " and ".join(kinds) or about["License"]
    return said.splitlines()[0] if said else "see its file"


def needed(name: str, extras: set[str]) -> set[str]:
    """Name everything that a package needs to run, itself left out."""
    from packaging.requirements import Requirement

    found: set[str] = set()
    waiting = [(name, frozenset(extras))]
    while waiting:
        package, wanted = waiting.pop()
        for line in distribution(package).requires or []:
            requirement = Requirement(line)
            environments = [{"extra": extra} for extra in (wanted or {""})]
            marker = requirement.marker
            if marker is not None and not any(marker.evaluate(each) for each in environments):
                continue
            if requirement.name not in found and is_installed(requirement.name):
                found.add(requirement.name)
                waiting.append((requirement.name, frozenset(requirement.extras)))
    return found


def is_installed(name: str) -> bool:
    """Whether a package is in this environment."""
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def licence_files(package: Distribution) -> list[Path]:
    """Where a package's licence texts lie."""
    words = ("licen", "copying", "notice", "authors")
    paths = [Path(str(package.locate_file(file))) for file in package.files or ()]
    return [
        path
        for path in paths
        if path.suffix not in {".py", ".pyc"}
        and (".dist-info" in str(path.parent) or path.parent.name == package.metadata["Name"])
        and any(word in path.name.lower() for word in words)
        and path.is_file()
    ]


def megabytes(folder: Path) -> int:
    """The size of all files of a folder, links not counted."""
    return round(sum(map(size_on_disk, folder.rglob("*"))) / 1e6)


def say(text: str) -> None:
    """Tell what was made."""
    print(f"bundle: {text}", flush=True)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    say(f"{platform.python_version()} on {platform.platform()}")
    sys.exit(main())
