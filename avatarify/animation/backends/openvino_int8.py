"""The painting part in int8: quantised once for each model by NNCF, then kept on the disk."""

import io
import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from platformdirs import user_cache_path
from torch import Tensor

from avatarify.animation.backends.kept_graphs import fingerprint
from avatarify.animation.backends.probe import draw_face, moved
from avatarify.animation.rewriting.parts import Parts, inputs_of, matrix_of
from avatarify.animation.torch_engine import to_tensor
from avatarify.geometry.keypoints import Keypoints
from avatarify.networks.silent_openvino import openvino

if TYPE_CHECKING:
    from openvino import Model

_LOG = logging.getLogger(__name__)

_VERSION = b"3"
"""Of what is kept; counted up when the graph or its calibration changes."""

_POSES = 8
_TELEMETRY_SWITCH = "NNCF_CI"
"""Set, NNCF tells nobody that it was used."""


def int8_painting(parts: Parts, graph: "Model", folder: Path | None = None) -> "Model":
    """Return the painting part in int8.

    Args:
        parts: Of the model.
        graph: Its painting part in float32.
        folder: Where results are kept; the user's cache when left out.

    Raises:
        ImportError: It was never quantised here, and NNCF is not installed.
    """
    library = openvino()
    kept = (folder or user_cache_path("avatarify", appauthor=False) / "int8") / (
        f"{fingerprint(parts.paint, _VERSION)}.xml"
    )
    if kept.is_file():
        return library.Core().read_model(kept)
    _LOG.info("Quantising the model for this machine; this is done once.")
    quantised = _quantised(graph, list(_samples(parts)))
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        library.save_model(quantised, kept, compress_to_fp16=False)
    except (OSError, RuntimeError) as error:
        _LOG.warning("The int8 model cannot be kept in %s: %s", kept.parent, error)
    return quantised


def _quantised(graph: "Model", samples: list[tuple[Tensor, ...]]) -> "Model":
    os.environ.setdefault(_TELEMETRY_SWITCH, "1")
    # NNCF draws bars on the standard output, where scripts expect only what they asked for.
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # its own affairs with the libraries that it imports
        import nncf

        nncf.set_log_level(logging.ERROR)
        dataset = nncf.Dataset([[tensor.numpy() for tensor in sample] for sample in samples])
        return nncf.quantize(
            graph, dataset, preset=nncf.QuantizationPreset.MIXED, subset_size=len(samples)
        )


@torch.inference_mode()
def _samples(parts: Parts) -> Iterator[tuple[Tensor, ...]]:
    """Yield what the painting part sees of drawn faces in several poses."""
    config = parts.model.config
    for pose in range(_POSES):
        face = draw_face(config.output_size, 0.02 * (pose % 3 - 1), 0.02 + 0.01 * pose)
        still = parts.encode(to_tensor(face, torch.device("cpu")))
        amount = pose / (_POSES - 1)
        target = moved(Keypoints(still.value, still.matrix))
        value = torch.lerp(still.value, target.value, amount)
        matrix = torch.lerp(still.matrix, matrix_of(target), amount)
        if not config.keypoints.jacobian:
            matrix = still.matrix  # covariances have to stay symmetric
        yield parts.move(*inputs_of(still, value, matrix))[parts.move.bypassing :]
