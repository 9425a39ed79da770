"""`avatarify desktop`, on a home folder of its own."""

from pathlib import Path

import pytest

from avatarify import cli
from avatarify.gui.desktop import menu_entry


def test_install_and_remove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert cli.main(["desktop", "install"]) == 0
    assert "Avatarify is in your menu" in capsys.readouterr().out
    assert (tmp_path / menu_entry.ENTRY).is_file()
    assert cli.main(["desktop", "remove"]) == 0
    assert not (tmp_path / menu_entry.ENTRY).exists()
    assert cli.main(["desktop", "remove"]) == 0
    assert capsys.readouterr().out.endswith("It was not there.\n")


def test_elsewhere_the_installer_does_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "win32")
    assert cli.main(["desktop", "install"]) == 1
    assert "The installer of the bundle" in capsys.readouterr().err
