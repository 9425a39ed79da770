"""OpenVINO as this program uses it: without telling anybody.

`import openvino` alone sends an event to Google Analytics, unless the user has opted out by hand:
it loads the model converter, and with it OpenVINO's telemetry. Nothing here needs that converter.
"""

import sys
from types import ModuleType
from typing import Any, cast

CONVERTER = "openvino.tools.ovc"


def openvino() -> Any:
    """Import OpenVINO; every import of it or its parts comes after a call of this.

    Raises:
        ImportError: It is not installed.
    """
    modules = cast(dict[str, ModuleType | None], sys.modules)
    modules.setdefault(CONVERTER, None)  # whoever imports it finds nothing, which OpenVINO bears
    import openvino as library

    return library
