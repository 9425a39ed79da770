"""`avatarify models`, run as users run it, against a real server on loopback."""

import hashlib
import json
from pathlib import Path

import pytest

from avatarify import cli
from avatarify.animation.checkpoint import save_model
from avatarify.zoo import registry, store
from avatarify.zoo.published_file import Fingerprint
from avatarify.zoo.registry import PublishedModel
from tests.tiny_models import tiny_model
from tests.zoo.conftest import Page, Server, server

__all__ = ["server"]  # a fixture

BODY = b"tracker " * 10_000


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only models folder, not made yet."""
    monkeypatch.setenv("AVATARIFY_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr(store, "SHIPPED_FOLDER", tmp_path / "none")
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
        (["pull", "vox-512"], "Known names: face, compact, vox-256"),
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
    assert rows["face"].split()[1:5] == ["built", "in", "the", "default:"]


@pytest.mark.usefixtures("folder")
def test_the_face_engine_needs_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models", "info", "face"]) == 0
    assert "built in, needs no file" in capsys.readouterr().out
    assert cli.main(["models", "pull", "face"]) == 0
    assert "needs no file" in capsys.readouterr().out


def test_weights_of_the_face_engine_are_listed_where_they_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir()
    (folder / "face.safetensors").write_bytes(bytes(2_000_000))
    assert cli.main(["models", "list"]) == 0
    rows = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert rows["face"].split()[1:4] == ["installed", "2", "MB"]


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
def test_a_name_is_no_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "my-cpk.pth.tar"
    file.write_bytes(b"weights")
    assert cli.main(["models", "import", str(file), "--name", "../mine"]) == 1
    assert "without folders" in capsys.readouterr().err


@pytest.fixture(scope="module")
def small_checkpoint(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small first-order checkpoint in the published layout, its YAML beside it."""
    import numpy as np
    import torch
    import yaml

    from avatarify.animation.published_config import read_published_config
    from avatarify.networks.motion_model import build

    folder = tmp_path_factory.mktemp("published")
    with np.load(shared / "golden" / "fomm-small.npz") as golden:
        config = json.loads(str(golden["config"]))
        shapes = json.loads(str(golden["state_dict_keys"]))
    (folder / "small.yaml").write_text(yaml.safe_dump({"model_params": config}))
    weights = {
        network: {name: torch.zeros(shape) for name, shape in shapes[network].items()}
        for network in ("kp_detector", "generator")
    }
    # The one part of a checkpoint that is not learned.
    kernels = build(read_published_config(folder / "small.yaml")).state_dict()
    weights["kp_detector"]["down.weight"] = kernels["keypoint_detector.downscale.kernel"]
    generator = weights["generator"]
    generator["dense_motion_network.down.weight"] = kernels["dense_motion.downscale.kernel"]
    torch.save({**weights, "epoch": 100}, folder / "small-cpk.pth.tar")
    return folder / "small-cpk.pth.tar"


def test_import_converts_a_checkpoint_once(
    folder: Path, small_checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", "import", str(small_checkpoint)]) == 0
    assert "--model small" in capsys.readouterr().out
    assert (folder / "small.safetensors").is_file()
    assert cli.main(["models", "import", str(small_checkpoint)]) == 1
    assert "already installed" in capsys.readouterr().err
    assert cli.main(["models", "import", str(small_checkpoint), "--name", "mine"]) == 0
    assert cli.main(["models", "info", "mine"]) == 0
    assert "config" in capsys.readouterr().out


def test_pull_converts_what_it_downloads(
    folder: Path, small_checkpoint: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = small_checkpoint.read_bytes()
    model = PublishedModel(
        name="small",
        summary="for tests",
        installed_name="small.safetensors",
        licence="MIT",
        published_name="small-cpk.pth.tar",
        fingerprints=(Fingerprint("sha256", hashlib.sha256(body).hexdigest(), len(body)),),
        mirrors=(server.add("/small-cpk.pth.tar", Page(body)),),
        config=small_checkpoint.with_name("small.yaml"),
    )
    monkeypatch.setattr(registry, "MODELS", (model,))
    assert cli.main(["models", "pull", "small"]) == 0
    assert [path.name for path in folder.iterdir()] == ["small.safetensors"]


def test_import_takes_the_name_of_a_known_content(
    folder: Path, small_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = small_checkpoint.read_bytes()
    known = PublishedModel(
        name="known",
        summary="for tests",
        installed_name="known.safetensors",
        licence="MIT",
        published_name="known-cpk.pth.tar",
        fingerprints=(Fingerprint("md5", hashlib.md5(body).hexdigest()),),
        config=small_checkpoint.with_name("small.yaml"),
    )
    monkeypatch.setattr(registry, "MODELS", (known,))
    file = tmp_path / "renamed.bin"
    file.write_bytes(body)
    assert cli.main(["models", "import", str(file)]) == 0
    assert (folder / "known.safetensors").is_file()


def test_an_import_of_our_own_kind_ends_as_it_did(folder: Path, tmp_path: Path) -> None:
    save_model(tiny_model("fomm"), tmp_path / "mine.safetensors")
    assert cli.main(["models", "import", str(tmp_path / "mine.safetensors")]) == 0
    assert [path.name for path in folder.iterdir()] == ["mine.safetensors"]
    assert cli.main(["models", "info", "mine"]) == 0


def test_import_of_a_web_page_is_refused(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "vox-cpk.pth.tar"
    file.write_bytes(b"<!DOCTYPE html><html><title>Google Drive - Virus scan warning</title>")
    assert cli.main(["models", "import", str(file)]) == 1
    errors = capsys.readouterr().err
    assert errors.count("\n") == 1
    assert "is a web page" in errors
    assert not list(folder.glob("*.safetensors"))


def test_an_unknown_checkpoint_needs_its_configuration(
    folder: Path, small_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "small-cpk.pth.tar"
    file.write_bytes(small_checkpoint.read_bytes())
    config = str(small_checkpoint.with_name("small.yaml"))
    assert cli.main(["models", "import", str(file)]) == 1
    assert "--config" in capsys.readouterr().err
    assert cli.main(["models", "import", str(file), "--config", config]) == 0
    assert (folder / "small.safetensors").is_file()
