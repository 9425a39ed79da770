"""Checkpoint files in the published layout, with weights made from the tensors' names."""

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from torch import Tensor

from avatarify.networks.blocks import AntiAliasDownscale


def golden(shared: Path, name: str) -> dict[str, Any]:
    """Return everything in one parity file; `config` and `state_dict_keys` as dictionaries."""
    with np.load(shared / "golden" / f"{name}.npz") as archive:
        arrays = dict(archive)
    for key in ("config", "state_dict_keys"):
        arrays[key] = json.loads(str(arrays[key]))
    return arrays


def filled_state(shared: Path, name: str) -> dict[str, dict[str, Tensor]]:
    """Return the weights of `kp_detector` and `generator` under their published names."""
    content = golden(shared, name)
    config = content["config"]
    scales = {
        "down.weight": config["kp_detector_params"]["scale_factor"],
        "dense_motion_network.down.weight": config["generator_params"]["dense_motion_params"][
            "scale_factor"
        ],
    }
    fill = _fill_function(shared)
    state: dict[str, dict[str, Tensor]] = {}
    for network, shapes in content["state_dict_keys"].items():
        empty = {
            key: AntiAliasDownscale(3, scales[key]).kernel if key in scales else torch.empty(shape)
            for key, shape in shapes.items()
        }
        state[network] = fill(empty, 0)
    return state


def write_checkpoint(shared: Path, name: str, folder: Path) -> Path:
    """Write `<name>-cpk.pth.tar` with its YAML file beside it.

    Args:
        shared: The folder of test data.
        name: fomm-small, fomm-vox, monkey-small or monkey-vox.
        folder: Where to.

    Returns:
        The checkpoint.
    """
    path = folder / f"{name}-cpk.pth.tar"
    config = {"model_params": golden(shared, name)["config"]}
    if name.endswith("small"):
        config["dataset_params"] = {"frame_shape": [64, 64, 3]}
    path.with_name(f"{name}.yaml").write_text(yaml.safe_dump(config))
    torch.save({**filled_state(shared, name), "epoch": 100}, path)
    return path


def _fill_function(shared: Path) -> Any:
    spec = importlib.util.spec_from_file_location("fill", shared / "golden" / "fill.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.fill
