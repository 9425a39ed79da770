"""Mixed precision that leaves coordinates alone.

Fabric's own plugin rounds every input of a step to half precision, landmarks included, which are
pixels off then; here only the networks' arithmetic is rounded.
"""

from typing import Any, Literal, cast

import torch
from lightning_fabric.plugins.precision import MixedPrecision, Precision

NAMES: dict[str, Literal["16-mixed", "bf16-mixed"]] = {
    "bf16-mixed": "bf16-mixed",
    "16-mixed": "16-mixed",
}


class CoordinatePreservingPrecision(MixedPrecision):
    """`MixedPrecision` whose inputs keep their dtype."""

    def convert_input(self, data: Any) -> Any:
        """Return the step's inputs unchanged."""
        return data


def precision_plugin(name: str, device: str) -> Precision:
    """Return the plugin for a setting.

    Args:
        name: "32-true", "bf16-mixed" or "16-mixed".
        device: Kind of the device the networks run on: "cpu", "cuda" or "mps".
    """
    if name not in NAMES:
        return Precision()
    scaler = torch.amp.GradScaler(device) if name == "16-mixed" else None
    return CoordinatePreservingPrecision(NAMES[name], device, scaler=cast(Any, scaler))
