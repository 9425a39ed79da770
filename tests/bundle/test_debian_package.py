"""The Debian package of a bundle: where its files go, and that it leaves the bundle as it was."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bundle.debian_package import build_package

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A program that says where it lies, with a library and a link to it."""
    folder = tmp_path / "avatarify"
    (folder / "_internal" / "libs").mkdir(parents=True)
    (folder / "licences").mkdir()
    (folder / "licences" / "README.txt").write_text("MIT")
    (folder / "_internal" / "libs" / "real.so").write_bytes(b"x" * 5000)
    (folder / "_internal" / "link.so").symlink_to("libs/real.so")
    program = folder / "avatarify"
    program.write_text('#!/bin/sh\necho "started with $@"\n')
    program.chmod(0o755)
    return folder


def test_what_is_packed_starts_where_it_is_unpacked(bundle: Path, tmp_path: Path) -> None:
    package = build_package(bundle, tmp_path, tmp_path / "work")
    root = tmp_path / "root"
    subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True)
    place = root / "opt" / "avatarify"
    assert (place / "_internal" / "link.so").read_bytes() == b"x" * 5000
    said = subprocess.check_output([str(place / "avatarify"), "app"], text=True)
    assert said == "started with app\n"
    assert str((root / "usr" / "bin" / "avatarify").readlink()) == "/opt/avatarify/avatarify"
    entry = (root / "usr" / "share" / "applications" / "avatarify.desktop").read_text("utf-8")
    assert "Exec=/usr/bin/avatarify app %F" in entry
    assert (root / "usr/share/icons/hicolor/64x64/apps/avatarify.png").is_file()
    assert (root / "usr/share/doc/avatarify/copyright").read_text("utf-8") == "MIT"


def test_its_fields_are_whole(bundle: Path, tmp_path: Path) -> None:
    package = build_package(bundle, tmp_path, tmp_path / "work")
    wanted = "--showformat=${Package} ${Version} ${Installed-Size}"
    fields = subprocess.check_output(["dpkg-deb", "--show", wanted, package], text=True).split()
    assert fields[0] == "avatarify"
    assert package.name.startswith(f"avatarify_{fields[1]}_")
    assert int(fields[2]) >= 5
    owners = subprocess.check_output(["dpkg-deb", "-c", package], text=True)
    assert all("root/root" in line for line in owners.splitlines())


def test_a_second_time_it_is_made_anew_and_the_bundle_stays(bundle: Path, tmp_path: Path) -> None:
    build_package(bundle, tmp_path, tmp_path / "work")
    (bundle / "avatarify").write_text("another")
    package = build_package(bundle, tmp_path, tmp_path / "work")
    subprocess.run(["dpkg-deb", "-x", str(package), str(tmp_path / "root")], check=True)
    assert (tmp_path / "root/opt/avatarify/avatarify").read_text() == "another"
    assert (bundle / "_internal" / "libs" / "real.so").is_file()
