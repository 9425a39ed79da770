"""Model files: the published `*-cpk.pth.tar` checkpoints and the program's own safetensors.

What a file is called does not matter: its first bytes tell. Foreign names stop here.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from avatarify.animation.portable_file import is_portable, read_portable, save_model
from avatarify.animation.published_config import read_published_config
from avatarify.animation.torch_file import first_bytes, read_torch_file
from avatarify.animation.weights import fit_weights, is_counter
from avatarify.errors import CheckpointError
from avatarify.file_names import is_file, is_folder
from avatarify.networks.config import ModelConfig
from avatarify.networks.motion_model import MotionModel, build
from avatarify.zoo import registry

__all__ = ["import_published", "load_model", "save_model", "sha256_of"]

# Published name to ours, the first line that fits; the rest of a name stays as it is.
_NAMES = tuple(
    (re.compile(published), own)
    for published, own in (
        # First Order Motion Model
        (r"^kp_detector\.kp\.", "keypoint_detector.heatmap_head."),
        (r"^kp_detector\.jacobian\.", "keypoint_detector.jacobian_head."),
        (r"^kp_detector\.down\.weight$", "keypoint_detector.downscale.kernel"),
        (r"^generator\.dense_motion_network\.hourglass\.", "dense_motion.hourglass."),
        (r"^generator\.dense_motion_network\.mask\.", "dense_motion.mask_head."),
        (r"^generator\.dense_motion_network\.occlusion\.", "dense_motion.occlusion_head."),
        (r"^generator\.dense_motion_network\.down\.weight$", "dense_motion.downscale.kernel"),
        (r"^generator\.bottleneck\.r(\d+)\.", r"generator.bottleneck.\1."),
        # Monkey-Net
        (r"^generator\.appearance_encoder\.", "generator.encoder."),
        (r"^generator\.dense_motion_module\.", "dense_motion."),
        (r"^generator\.video_decoder\.", "generator.decoder."),
        (r"^generator\.refinement_module\.r(\d+)\.", r"generator.refinement.blocks.\1."),
        (r"^generator\.refinement_module\.conv-last\.", "generator.refinement.conv_last."),
        # Both
        (r"^kp_detector\.predictor\.", "keypoint_detector.hourglass."),
    )
)

_FOREIGN = {
    "inpainting_network": "a Thin-Plate-Spline Motion Model",
    "bg_predictor": "a Thin-Plate-Spline Motion Model",
    "retarget_shoulder": "LivePortrait's retargeting module",
}
_FOREIGN_WEIGHTS = (
    (re.compile(r"^(detector\.(stages|downsample_layers)|fc_kp)\b"), "LivePortrait"),
    (re.compile(r"^(G_middle_|third\.|resblocks_3d\.)"), "LivePortrait"),
    (re.compile(r"^dense_motion_network\."), "LivePortrait"),
)
_MODELS_THAT_WORK = "Use a First Order Motion Model or Monkey-Net checkpoint."


def load_model(path: Path, config: Path | None = None) -> MotionModel:
    """Load a model.

    Args:
        path: A published checkpoint, full or slim, or one of the program's own files.
        config: The published YAML file. Without it, it is looked for beside the checkpoint, then
            the registry is asked. The program's own files need none.

    Returns:
        The model in eval mode, float32, on the CPU.

    Raises:
        CheckpointError: The file or the configuration is missing, damaged, foreign, or they do
            not fit each other; the message says which key, shape or byte is wrong.
    """
    if is_portable(first_bytes(path)):
        if config is not None:
            raise CheckpointError(f"{path} has its configuration inside. Leave {config} out.")
        stored, tensors = read_portable(path)
        return _assemble(path, stored, tensors)
    published = _read_published(path)
    chosen = read_published_config(config if config is not None else find_config(path))
    renamed, names = _rename(published)
    return _assemble(path, chosen, renamed, names)


def import_published(file: Path, config: Path | None, destination: Path) -> Path:
    """Convert a published checkpoint to the program's own format.

    Args:
        file: The published checkpoint.
        config: Its YAML file; None looks for it as `load_model` does.
        destination: The safetensors file to write, or a folder for `<name>.safetensors`.

    Returns:
        The file that was written.

    Raises:
        CheckpointError: The checkpoint cannot be loaded.
        OutputError: The result cannot be written.
    """
    model = load_model(file, config)
    if is_folder(destination):
        destination = destination / f"{_stem(file)}.safetensors"
    origin = file.name.encode("utf-8", "replace").decode("utf-8")  # a name need not be text
    save_model(model, destination, {"origin": origin, "origin_sha256": sha256_of(file)})
    return destination


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file in lower-case hexadecimal.

    Raises:
        CheckpointError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror}.") from error


def find_config(path: Path) -> Path:
    """Return the YAML file that belongs to a published checkpoint.

    `vox-cpk.pth.tar` has `vox.yaml`, `vox-cpk.yaml` or `vox-256.yaml` beside it, or one YAML file
    is there at all, or the registry knows the name.

    Raises:
        CheckpointError: None was found.
    """
    stem = _stem(path)
    short = stem.removesuffix("-cpk")
    for name in (f"{stem}.yaml", f"{short}.yaml", f"{short}-256.yaml"):
        if is_file(path.parent / name):
            return path.parent / name
    beside = sorted(path.parent.glob("*.yaml"))
    if len(beside) == 1:
        return beside[0]
    for model in registry.MODELS:
        if model.config is not None and path.name == model.published_name:
            return model.config
    raise CheckpointError(
        f"The configuration of {path} was not found. Put its YAML file beside it as "
        f"{short}-256.yaml, or name it with --config."
    )


def _stem(path: Path) -> str:
    return re.sub(r"(\.pth)?(\.tar)?$", "", path.name, count=1)


def _assemble(
    path: Path,
    config: ModelConfig,
    tensors: Mapping[str, Tensor],
    names: Mapping[str, str] | None = None,
) -> MotionModel:
    model = build(config)
    fit_weights(model, tensors, str(path), names)
    return model.eval().requires_grad_(False)


def _read_published(path: Path) -> dict[str, Tensor]:
    """Return the tensors of detector and generator by their full published names."""
    content = read_torch_file(path)
    _refuse_foreign(path, content)
    tensors: dict[str, Tensor] = {}
    for network in ("kp_detector", "generator"):
        weights = content.get(network)
        if not isinstance(weights, Mapping):
            found = ", ".join(map(str, list(content)[:5])) or "nothing"
            raise CheckpointError(
                f"{path} is no checkpoint of a motion model: it has no {network}, only {found}. "
                f"{_MODELS_THAT_WORK}"
            )
        for name, tensor in weights.items():
            if not isinstance(tensor, Tensor):
                raise CheckpointError(f"{path}: {network}.{name} is not a tensor.")
            plain = str(name).removeprefix("module.")  # left there by DataParallel
            tensors[f"{network}.{plain}"] = tensor
    return tensors


def _refuse_foreign(path: Path, content: Mapping[Any, Any]) -> None:
    kind = next((_FOREIGN[key] for key in content if key in _FOREIGN), None)
    if kind is None and any(isinstance(value, Tensor) for value in content.values()):
        for pattern, name in _FOREIGN_WEIGHTS:
            if any(pattern.match(str(key)) for key in content):
                kind = name
    if kind is not None:
        raise CheckpointError(
            f"{path} belongs to {kind}, which is not supported. {_MODELS_THAT_WORK}"
        )


def _rename(published: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Return the tensors under our names, and the published name of each."""
    tensors: dict[str, Tensor] = {}
    names: dict[str, str] = {}
    for name, tensor in published.items():
        own = _own_name(name)
        names[own] = name
        # Monkey-Net's kernels have a time axis of length one.
        is_flat = tensor.ndim == 5 and tensor.shape[2] == 1
        tensors[own] = tensor.squeeze(2) if is_flat and not is_counter(own) else tensor
    return tensors, names


def _own_name(published: str) -> str:
    for pattern, own in _NAMES:
        if pattern.search(published):
            return pattern.sub(own, published)
    return published
