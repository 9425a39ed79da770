"""`avatarify models`, run as users run it, against a real server on loopback."""

import hashlib
from pathlib import Path

import pytest

from avatarify import cli
from avatarify.zoo import registry, store
from avatarify.zoo.published_file import Fingerprint
from avatarify.zoo.registry import PublishedModel
from tests.zoo.conftest import Page, Server, server

__all__ = ["server"]  # a fixture

BODY = b"tracker " * 10_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only models folder, not made yet."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(store, "REPOSITORY_FOLDER", tmp_path / "none")
    monkeypatch.setattr(store, "user_data_path", lambda *_args, **_kwargs: tmp_path / "none")
    return tmp_path / "models"


def publish(monkeypatch: pytest.MonkeyPatch, *mirrors: str) -> None:
    tracker = PublishedModel(
        name="tracker",
        summary="for tests",
        installed_name="tracker.task",
        licence="Apache-2.0",
        published_name="tracker.task",
        fingerprints=(Fingerprint("sha256", hashlib.sha256(BODY).hexdigest(), len(BODY)),),
        mirrors=mirrors,
    )
    monkeypatch.setattr(registry, "MODELS", (registry.COMPACT, registry.VOX_256, tracker))


def test_path(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "path"]) == 0
    assert capsys.readouterr().out == f"{folder}\n"


def test_pull_downloads_once(
    folder: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = Page(BODY, drop_after=50_000)
    gone = server.address + "/gone"
    publish(monkeypatch, gone, server.add("/tracker.task", page))
    assert cli.main(["models", "pull", "tracker"]) == 0
    assert (folder / "tracker.task").read_bytes() == BODY
    captured = capsys.readouterr()
    assert f"Installed tracker: {folder / 'tracker.task'}" in captured.out
    assert "80.0k/80.0k" in captured.err  # the progress bar
    requests = len(page.asked)
    assert cli.main(["models", "pull", "tracker"]) == 0
    assert "already installed" in capsys.readouterr().out
    assert len(page.asked) == requests


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(b"<html>Sign in", content_type="text/html"), "web page"),
        (Page(bytes(len(BODY))), "is not the published tracker"),
        (Page(BODY * 2), "offers 160,000 bytes"),
        (Page(b"", status=404), "404"),
    ],
)
def test_pull_refuses_what_is_not_the_file(
    *,
    folder: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    page: Page,
    reason: str,
) -> None:
    publish(monkeypatch, server.add("/tracker.task", page))
    assert cli.main(["models", "pull", "tracker"]) == 1
    last_line = capsys.readouterr().err.splitlines()[-1]
    assert last_line.startswith("avatarify: tracker.task could not be downloaded")
    assert reason in last_line
    assert "--from FILE" in last_line
    assert not (folder / "tracker.task").exists()


def test_pull_takes_a_file_that_one_has(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish(monkeypatch)
    mine = tmp_path / "downloaded by browser"
    mine.write_bytes(BODY[1:])
    assert cli.main(["models", "pull", "tracker", "--from", str(mine)]) == 1
    assert "is not the published tracker" in capsys.readouterr().err
    mine.write_bytes(BODY)
    assert cli.main(["models", "pull", "tracker", "--from", str(mine)]) == 0
    assert (folder / "tracker.task").read_bytes() == BODY
    assert mine.exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["pull", "vox-512"], "Known names: compact, vox-256"),
        (["pull", "compact"], "comes with the program"),
        (["pull", "vox-256", "--from", "nowhere.pth.tar"], "There is no file nowhere.pth.tar"),
        (["import", "nowhere.pth.tar"], "There is no file nowhere.pth.tar"),
        (["info", "dance"], "no model named dance"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_problems_are_one_line(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", *arguments]) == 1
    errors = capsys.readouterr().err
    assert errors.startswith("avatarify: ")
    assert errors.count("\n") == 1
    assert complaint in errors


def test_list_shows_published_and_imported_models(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir()
    (folder / "vox-256.safetensors").write_bytes(bytes(3_000_000))
    (folder / "mine.safetensors").write_bytes(bytes(2_000_000))
    assert cli.main(["models", "list"]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert rows["vox-256"].split()[1:4] == ["installed", "3", "MB"]
    assert rows["vox-adv-256"].split()[1:5] == ["not", "installed", "751", "MB"]
    assert rows["mine"].split()[1:4] == ["installed", "2", "MB"]
    assert rows["compact"].split()[1] == "missing"


def test_info_tells_hash_licence_and_mirrors(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "info", "vox-256"]) == 0
    told = capsys.readouterr().out
    assert "abb41ab1f279f26326c0d6e4d20702de6658364665aa1313daa7a63e89ea2b23" in told
    assert "VoxCeleb" in told
    assert all(mirror in told for mirror in registry.VOX_256.mirrors)


def test_info_shows_what_is_inside_a_model(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import numpy as np
    from safetensors.numpy import save_file

    folder.mkdir()
    file = folder / "mine.safetensors"
    save_file({"weight": np.zeros(3, np.float32)}, file, {"config": '{"keypoints": 10}'})
    assert cli.main(["models", "info", "mine"]) == 0
    assert '"keypoints": 10' in capsys.readouterr().out
    file.write_bytes(b"torn")
    assert cli.main(["models", "info", "mine"]) == 1
    assert "is broken" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_an_unknown_checkpoint_needs_its_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "my-cpk.pth.tar").write_bytes(b"weights")
    assert cli.main(["models", "import", str(tmp_path / "my-cpk.pth.tar")]) == 1
    assert "--config YAML" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_name_is_no_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my-cpk.pth.tar"
    file.write_bytes(b"weights")
    assert cli.main(["models", "import", str(file), "--name", "../mine"]) == 1
    assert "without folders" in capsys.readouterr().err
