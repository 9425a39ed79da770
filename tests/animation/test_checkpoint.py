"""Model files in, and a clear word about every file that is none."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from avatarify.animation.checkpoint import (
    find_config,
    import_published,
    load_model,
    save_model,
    sha256_of,
)
from avatarify.errors import CheckpointError, OutputError
from avatarify.networks.motion_model import MotionModel
from tests.published_checkpoint import write_checkpoint
from tests.tiny_models import tiny_model

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def published(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(shared, "fomm-small", tmp_path_factory.mktemp("published"))


@pytest.fixture
def copied(published: Path, tmp_path: Path) -> Path:
    """A checkpoint of its own to break, with its YAML file beside it."""
    shutil.copy(published.with_name("fomm-small.yaml"), tmp_path)
    return Path(shutil.copy(published, tmp_path))


def edit(path: Path, change: Edit, **options: Any) -> Path:
    content = torch.load(path, weights_only=True)
    change(content)
    torch.save(content, path, **options)
    return path


def same_weights(left: MotionModel, right: MotionModel) -> bool:
    ours, theirs = left.state_dict(), right.state_dict()
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[name], theirs[name]) for name in ours
    )


def facts_in(path: Path) -> dict[str, str]:
    """What a file tells besides its version and the networks' configuration."""
    with safe_open(path, framework="pt") as file:
        header: dict[str, str] = file.metadata()
    return {key: header[key] for key in header.keys() - {"avatarify_format", "config"}}


def test_a_loaded_model_is_ready_to_run(published: Path) -> None:
    model = load_model(published)
    assert not model.training
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert not any(parameter.requires_grad for parameter in model.parameters())


@pytest.mark.parametrize("name", ["fomm-small", "monkey-small"])
def test_import_keeps_every_weight(shared: Path, tmp_path: Path, name: str) -> None:
    path = write_checkpoint(shared, name, tmp_path)
    written = import_published(path, None, tmp_path)
    assert written.name == f"{name}-cpk.safetensors"
    assert same_weights(load_model(written), load_model(path))
    assert facts_in(written) == {"origin": path.name, "origin_sha256": sha256_of(path)}


def with_optimizer(content: dict[str, Any]) -> None:
    weights = [torch.nn.Parameter(torch.ones(3))]
    optimizer = torch.optim.Adam(weights, lr=2e-4, betas=(0.5, 0.999))
    weights[0].grad = torch.ones(3)
    optimizer.step()
    content["optimizer_generator"] = optimizer.state_dict()
    content["discriminator"] = {"discs.1.conv.weight_orig": torch.rand(1, 8, 1, 1)}


def through_data_parallel(content: dict[str, Any]) -> None:
    for network in ("kp_detector", "generator"):
        content[network] = {f"module.{name}": value for name, value in content[network].items()}


def without_counters_and_kernels(content: dict[str, Any]) -> None:
    for network in ("kp_detector", "generator"):
        content[network] = {
            name: value
            for name, value in content[network].items()
            if not name.endswith(("num_batches_tracked", "down.weight"))
        }


@pytest.mark.parametrize(
    "change", [with_optimizer, through_data_parallel, without_counters_and_kernels]
)
def test_full_wrapped_and_slim_files_hold_the_same_model(
    published: Path, copied: Path, change: Edit
) -> None:
    assert same_weights(load_model(edit(copied, change)), load_model(published))


def test_files_older_than_the_zip_format_load(published: Path, copied: Path) -> None:
    edit(copied, with_optimizer, _use_new_zipfile_serialization=False)
    assert same_weights(load_model(copied), load_model(published))


def test_half_precision_files_load_as_float32(published: Path, copied: Path) -> None:
    def halve(content: dict[str, Any]) -> None:
        for network in ("kp_detector", "generator"):
            content[network] = {
                name: value.half() if value.is_floating_point() else value
                for name, value in content[network].items()
            }

    model = load_model(edit(copied, halve))
    for ours, theirs in zip(model.parameters(), load_model(published).parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
        assert ours.dtype == torch.float32


def drop(network: str, name: str) -> Edit:
    return lambda content: content[network].pop(name)


def put(network: str, name: str, value: object) -> Edit:
    return lambda content: content[network].update({name: value})


def spoil(content: dict[str, Any]) -> None:
    content["generator"]["final.bias"][1] = float("nan")


def replace_all(**content: Any) -> Edit:
    def change(old: dict[str, Any]) -> None:
        old.clear()
        old.update(content)

    return change


WEIGHT: Tensor = torch.zeros(2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop("generator", "final.bias"), r"generator.final.bias is missing \(1 in all\)"),
        (drop("kp_detector", "kp.weight"), r"heatmap_head.weight is missing"),
        (put("generator", "extra.weight", WEIGHT), "generator.extra.weight has no place"),
        (
            put("kp_detector", "kp.bias", WEIGHT),
            r"kp_detector.kp.bias has the shape \[2\], expected \[5\]",
        ),
        (put("generator", "final.bias", "text"), "generator.final.bias is not a tensor"),
        (
            put("generator", "final.bias", torch.zeros(3, dtype=torch.int64)),
            "generator.final.bias holds torch.int64",
        ),
        (
            put("kp_detector", "down.weight", torch.zeros(3, 1, 5, 5)),
            "kp_detector.down.weight is not the blur",
        ),
        (spoil, "generator.final.bias holds values that are not finite"),
        (lambda content: content.pop("generator"), "it has no generator, only kp_detector"),
        (replace_all(), "no kp_detector, only nothing"),
        (
            replace_all(inpainting_network={}, kp_detector={}, dense_motion_network={}),
            "Thin-Plate-Spline Motion Model",
        ),
        (replace_all(retarget_shoulder={}, retarget_mouth={}), "LivePortrait"),
        (replace_all(**{"dense_motion_network.mask.weight": WEIGHT}), "LivePortrait"),
        (replace_all(**{"layer1.0.conv1.weight": WEIGHT}), "only layer1.0.conv1.weight"),
    ],
)
def test_what_is_wrong_inside_a_file_is_named(copied: Path, change: Edit, message: str) -> None:
    edit(copied, change)
    with pytest.raises(CheckpointError, match=message):
        load_model(copied)


HTML = b"\n<!DOCTYPE html><html><title>Google Drive - Virus scan warning</title></html>"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (HTML, "web page"),
        (bytes(4096), "512 zero bytes"),
        (b"version https://git-lfs.github.com/spec/v1\n", "76 65 72 73"),
        (b"\x80\x02}q\x00.", "no checkpoint|damaged|has no"),
        (b"\x80", "damaged or cut off"),
        (b"PK\x03\x04 and then nothing", "cut off"),
    ],
)
def test_what_is_no_model_file_is_told_by_its_bytes(
    copied: Path, content: bytes, message: str
) -> None:
    copied.write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        load_model(copied)


@pytest.mark.parametrize("is_zip", [True, False])
@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.99])
def test_a_download_that_broke_off_is_recognised(copied: Path, is_zip: bool, share: float) -> None:
    edit(copied, with_optimizer, _use_new_zipfile_serialization=is_zip)
    whole = copied.read_bytes()
    copied.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CheckpointError, match=r"cut off|damaged"):
        load_model(copied)


def test_any_other_zip_is_no_model(copied: Path) -> None:
    with zipfile.ZipFile(copied, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(CheckpointError, match="damaged"):
        load_model(copied)


class _Dangerous:
    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, ("/tmp/avatarify-code-was-run",))


def test_code_in_a_file_is_not_run(copied: Path) -> None:
    edit(copied, lambda content: content.update(epoch=_Dangerous()))
    with pytest.raises(CheckpointError, match=r"program code \((posix|nt).mkdir"):
        load_model(copied)
    assert not Path("/tmp/avatarify-code-was-run").exists()


def test_folders_and_missing_files(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is a folder"):
        load_model(tmp_path)
    with pytest.raises(CheckpointError, match="There is no model file"):
        load_model(tmp_path / "vox-cpk.pth.tar")


def test_a_list_is_no_checkpoint(copied: Path) -> None:
    torch.save([torch.zeros(3)], copied)
    with pytest.raises(CheckpointError, match="holds a list"):
        load_model(copied)


def test_the_configuration_of_another_model_is_noticed(copied: Path) -> None:
    config = copied.with_name("fomm-small.yaml")
    document = yaml.safe_load(config.read_text())
    document["model_params"]["common_params"]["num_kp"] = 15
    config.write_text(yaml.safe_dump(document))
    with pytest.raises(CheckpointError, match=r"kp_detector.kp.weight has the shape \[5, .*\[15, "):
        load_model(copied)
    document["model_params"]["common_params"]["num_kp"] = 5
    document["model_params"]["generator_params"]["num_bottleneck_blocks"] = 3
    config.write_text(yaml.safe_dump(document))
    with pytest.raises(CheckpointError, match=r"bottleneck.2.* is missing"):
        load_model(copied)


def test_the_configuration_is_looked_for_beside_and_in_the_registry(tmp_path: Path) -> None:
    for name in ("taichi-cpk.pth.tar", "vox-cpk.pth.tar"):
        (tmp_path / name).touch()
    assert find_config(tmp_path / "vox-cpk.pth.tar").name == "vox-256.yaml"
    with pytest.raises(CheckpointError, match=r"taichi-256\.yaml"):
        find_config(tmp_path / "taichi-cpk.pth.tar")
    (tmp_path / "mine.yaml").touch()
    assert find_config(tmp_path / "taichi-cpk.pth.tar") == tmp_path / "mine.yaml"
    (tmp_path / "taichi-256.yaml").touch()
    assert find_config(tmp_path / "taichi-cpk.pth.tar") == tmp_path / "taichi-256.yaml"


def test_our_own_file_needs_no_configuration(tmp_path: Path) -> None:
    model = tiny_model("compact")
    path = tmp_path / "new" / "tiny.safetensors"
    save_model(model, path, {"licence": "MIT"})
    loaded = load_model(path)
    assert loaded.config == model.config
    assert same_weights(loaded, model)
    assert facts_in(path) == {"licence": "MIT"}
    assert [file.name for file in path.parent.iterdir()] == ["tiny.safetensors"]
    with pytest.raises(CheckpointError, match="has its configuration inside"):
        load_model(path, tmp_path / "any.yaml")


def test_half_the_size_and_still_the_model(tmp_path: Path) -> None:
    model = tiny_model("fomm")
    save_model(model, tmp_path / "full.safetensors")
    save_model(model, tmp_path / "half.safetensors", half=True)
    sizes = [(tmp_path / f"{name}.safetensors").stat().st_size for name in ("half", "full")]
    assert sizes[0] < 0.75 * sizes[1]
    loaded = load_model(tmp_path / "half.safetensors")
    for ours, theirs in zip(loaded.parameters(), model.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
        assert ours.dtype == torch.float32


def header_of(path: Path) -> tuple[dict[str, Any], bytes]:
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def write_header(path: Path, header: dict[str, Any], body: bytes) -> None:
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


def test_broken_and_foreign_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_model(tiny_model("fomm"), path)
    whole, (header, body) = path.read_bytes(), header_of(path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckpointError, match="damaged or cut off"):
        load_model(path)
    metadata = header.pop("__metadata__")
    write_header(path, header, body)
    with pytest.raises(CheckpointError, match="another program"):
        load_model(path)
    write_header(path, {"__metadata__": {**metadata, "avatarify_format": "2"}, **header}, body)
    with pytest.raises(CheckpointError, match="Update avatarify"):
        load_model(path)
    write_header(path, {"__metadata__": {**metadata, "config": "{}"}, **header}, body)
    with pytest.raises(CheckpointError, match="configuration inside"):
        load_model(path)
    renamed = {
        "other" if name == "generator.final.bias" else name: entry for name, entry in header.items()
    }
    write_header(path, {"__metadata__": metadata, **renamed}, body)
    with pytest.raises(CheckpointError, match=r"generator.final.bias is missing .* other has no"):
        load_model(path)


def test_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="could not be written"):
        save_model(tiny_model("fomm"), tmp_path / "file" / "tiny.safetensors")
    with pytest.raises(ValueError, match="reserved"):
        save_model(tiny_model("fomm"), tmp_path / "tiny.safetensors", {"config": "mine"})


def test_sha256_of_known_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256_of(tmp_path / "abc").startswith("ba7816bf8f01cfea")
    with pytest.raises(CheckpointError, match="cannot be read"):
        sha256_of(tmp_path)


def test_random_damage_never_escapes_as_another_error(copied: Path) -> None:
    """Any bytes may be wrong: the answer is a model or a CheckpointError, nothing else."""
    edit(copied, with_optimizer, _use_new_zipfile_serialization=False)
    whole = np.frombuffer(copied.read_bytes(), dtype=np.uint8)
    random = np.random.default_rng(0)
    for _ in range(25):
        broken = whole.copy()
        where = random.integers(0, min(6000, len(whole)), size=4)
        broken[where] = random.integers(0, 256, size=4)
        copied.write_bytes(broken.tobytes())
        with suppress(CheckpointError):
            load_model(copied)


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config["keypoints"].update(num_keypoints=10**9),
        lambda config: config["keypoints"].update(num_keypoints=-3),
        lambda config: config["keypoints"].update(num_keypoints="3"),
        lambda config: config["keypoints"].update(num_keypoints=[3]),
        lambda config: config["keypoints"].update(head_padding=10**400),
        lambda config: config["generator"].update(block_expansion=4096, max_features=4096),
        lambda config: config["generator"].update(num_residual_blocks=10**9),
        lambda config: config["dense_motion"].update(hourglass=None),
        lambda config: config.update(image_size=None),
        lambda config: config.update(image_size=33),
        lambda config: config.update(architecture=["fomm"]),
        lambda config: config.update(spans=[[0, 1, "much"]]),
        lambda config: config.clear(),
    ],
)
def test_an_impossible_configuration_inside_a_file_is_told_before_a_network_is_built(
    tmp_path: Path, change: Callable[[Any], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "odd.safetensors"
    config = json.loads(json.dumps(tiny_model("fomm").config.to_dict()))
    change(config)
    header = {"avatarify_format": "1", "config": json.dumps(config)}
    save_file({"a": torch.zeros(1)}, path, header)
    monkeypatch.setattr("avatarify.animation.checkpoint.build", None)  # it is not asked
    with pytest.raises(CheckpointError, match=r"The configuration inside .* is broken"):
        load_model(path)


@pytest.mark.parametrize("config", ["[" * 200_000, "{", "3", "null", "[]", "1" * 6000])
def test_a_configuration_that_is_no_json_of_ours_is_told(tmp_path: Path, config: str) -> None:
    path = tmp_path / "odd.safetensors"
    save_file({"a": torch.zeros(1)}, path, {"avatarify_format": "1", "config": config})
    with pytest.raises(CheckpointError, match=r"The configuration inside .* is broken"):
        load_model(path)
