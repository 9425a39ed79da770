"""The bundle as a Debian package: for all users of a machine, in the menu, removed without a trace.

A package and no AppImage: `appimagetool` is published on GitHub alone, and the machines that build
this reach none but the registries of Python and Debian. `dpkg-deb` is on every Debian system.
"""

import shutil
import subprocess
from pathlib import Path

from avatarify.gui.desktop import menu_entry
from avatarify.session.checkup.program import program_version

CONTROL = """Package: avatarify
Version: {version}
Architecture: {architecture}
Maintainer: The Avatarify maintainers <maintainers@avatarify.invalid>
Installed-Size: {kilobytes}
Depends: libc6 (>= {libc}), libegl1, libgl1
Recommends: pipewire, wireplumber
Suggests: v4l2loopback-dkms
Section: video
Priority: optional
Description: animated avatar in place of your face in video calls
 Pick a portrait, and it moves as you do: head, lips, lids and gaze follow your
 face. A virtual camera shows it to call programs. Everything runs on your own
 machine, and no picture of you leaves it.
 .
 This package brings its own Python and all libraries that the program needs.
"""


def build_package(bundle: Path, destination: Path, work: Path) -> Path:
    """Pack a bundle.

    Args:
        bundle: The folder; its files are linked into the package, not copied.
        destination: Where the package goes.
        work: An own folder for what is packed; made anew.

    Returns:
        The package.
    """
    if work.exists():
        shutil.rmtree(work)
    place = work / "opt" / "avatarify"
    place.parent.mkdir(parents=True)
    shutil.copytree(bundle, place, symlinks=True, copy_function=_link)
    program = work / "usr" / "bin" / "avatarify"
    program.parent.mkdir(parents=True)
    program.symlink_to("/opt/avatarify/avatarify")
    number = program_version()
    menu_entry.install(work / "usr" / "share", ["/usr/bin/avatarify"], number)
    documents = work / "usr" / "share" / "doc" / "avatarify"
    documents.mkdir(parents=True)
    shutil.copy(bundle / "licences" / "README.txt", documents / "copyright")
    architecture = _said(["dpkg", "--print-architecture"])
    control = work / "DEBIAN" / "control"
    control.parent.mkdir()
    files = [path for path in work.rglob("*") if path.is_file() and not path.is_symlink()]
    control.write_text(
        CONTROL.format(
            version=number,
            architecture=architecture,
            kilobytes=sum(path.stat().st_size for path in files) // 1024,
            libc=_said(["getconf", "GNU_LIBC_VERSION"]).split()[-1],
        ),
        encoding="utf-8",
    )
    package = destination / f"avatarify_{number}_{architecture}.deb"
    compression = ["-Zzstd", "-z3", "--root-owner-group"]
    subprocess.run(["dpkg-deb", *compression, "--build", str(work), str(package)], check=True)
    shutil.rmtree(work)
    return package


def _link(source: str, target: str) -> str:
    Path(target).hardlink_to(source)
    return target


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
