"""The menu entry: valid, startable from any folder, and gone without a trace."""

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from avatarify.errors import OutputError
from avatarify.gui.desktop import menu_entry
from avatarify.gui.desktop.icon import SIZES

# Starts the program that it is given as a desktop does: glib reads `Exec` and fills in the file.
LAUNCH = ["gio", "launch"]


def test_all_files_are_written_and_removed_again(tmp_path: Path) -> None:
    (tmp_path / "applications").mkdir()
    (tmp_path / "applications" / "other.desktop").touch()
    written = menu_entry.install(tmp_path, ["avatarify"], "1.2.3")
    assert len(written) == 2 + len(SIZES)
    for size in SIZES:
        assert QImage(str(tmp_path / menu_entry.icon_name(size))).width() == size
    assert '<release version="1.2.3"' in (tmp_path / menu_entry.METAINFO).read_text("utf-8")
    assert menu_entry.remove(tmp_path) == written
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [
        tmp_path / "applications" / "other.desktop"
    ]
    assert menu_entry.remove(tmp_path) == ()


def test_installing_again_replaces_the_command(tmp_path: Path) -> None:
    menu_entry.install(tmp_path, ["/old/avatarify"], "1.0.0")
    menu_entry.install(tmp_path, ["/new/avatarify"], "1.0.0")
    entry = configparser.RawConfigParser()
    entry.read(tmp_path / menu_entry.ENTRY, encoding="utf-8")
    assert entry["Desktop Entry"]["Exec"] == "/new/avatarify app %F"
    assert "image/png" in entry["Desktop Entry"]["MimeType"].split(";")


@pytest.mark.skipif(
    shutil.which("desktop-file-validate") is None, reason="needs desktop-file-utils"
)
@pytest.mark.parametrize("command", ["/usr/bin/avatarify", '/home/a b/50% "$x" `y` \\z/avatarify'])
def test_the_entry_is_valid(tmp_path: Path, command: str) -> None:
    menu_entry.install(tmp_path, [command], "0.1.0")
    subprocess.run(["desktop-file-validate", str(tmp_path / menu_entry.ENTRY)], check=True)


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="needs appstream")
def test_the_page_for_software_centres_is_valid(tmp_path: Path) -> None:
    menu_entry.install(tmp_path, ["avatarify"], "0.1.0")
    path = tmp_path / menu_entry.METAINFO
    subprocess.run(["appstreamcli", "validate", "--no-net", str(path)], check=True)


@pytest.mark.skipif(shutil.which("gio") is None, reason="needs glib's tools")
@pytest.mark.parametrize("folder", ["plain", "a b", "quotes \"and' $HOME `id` back\\slash"])
def test_a_desktop_starts_it_with_the_picture(tmp_path: Path, folder: str) -> None:
    place = tmp_path / folder
    place.mkdir()
    program = place / "avatarify"
    program.write_text(
        f"#!{sys.executable}\nimport pathlib, sys\n"
        "pathlib.Path(__file__).with_name('told').write_text(repr(sys.argv[1:]))\n"
    )
    program.chmod(0o755)
    picture = tmp_path / "my picture.png"
    picture.touch()
    menu_entry.install(tmp_path / "share", [str(program)], "0.1.0")
    entry = tmp_path / "share" / menu_entry.ENTRY
    subprocess.run([*LAUNCH, str(entry), str(picture)], check=True, timeout=60)
    for _ in range(200):
        if (place / "told").exists() and (place / "told").read_text():
            break
        subprocess.run(["sleep", "0.05"], check=True)
    assert (place / "told").read_text() == repr(["app", str(picture)])


@pytest.mark.skipif(
    shutil.which("update-desktop-database") is None or shutil.which("xdg-mime") is None,
    reason="needs desktop-file-utils and xdg-utils",
)
def test_pictures_go_on_being_opened_by_their_viewer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system, own = tmp_path / "system", tmp_path / "own"
    (system / "applications").mkdir(parents=True)
    viewer = "[Desktop Entry]\nType=Application\nName=V\nExec=true %f\nMimeType=image/png;\n"
    (system / "applications" / "viewer.desktop").write_text(viewer)
    subprocess.run(["update-desktop-database", str(system / "applications")], check=True)
    monkeypatch.setenv("XDG_DATA_DIRS", str(system))
    monkeypatch.setenv("XDG_DATA_HOME", str(own))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    share = menu_entry.user_share(os.environ)
    menu_entry.install(share, [sys.executable], "0.1.0")
    menu_entry.refresh(share)
    asked = ["xdg-mime", "query", "default", "image/png"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said.strip() == "viewer.desktop"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "share").touch()
    with pytest.raises(OutputError, match="Cannot write"):
        menu_entry.install(tmp_path / "share", ["avatarify"], "0.1.0")


def test_the_users_own_share_folder() -> None:
    assert menu_entry.user_share({"XDG_DATA_HOME": "/there"}) == Path("/there")
    own = Path.home() / ".local" / "share"
    assert menu_entry.user_share({}) == menu_entry.user_share({"XDG_DATA_HOME": "no"}) == own


def test_the_command_starts_this_program() -> None:
    command = [*menu_entry.program_command(), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith("avatarify ")
