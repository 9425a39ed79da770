"""OpenVINO finds its plugins by itself, beside its own library; PyInstaller cannot see that."""

from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs

# The processor's plugin, what reads torch's graphs, kept ones and mediapipe's file, and what they
# load.
_USED = (
    *("openvino.", "intel_cpu", "tbb", "hwloc"),
    *("pytorch_frontend", "ir_frontend", "tensorflow_lite_frontend"),
)

binaries = [
    (path, folder)
    for path, folder in collect_dynamic_libs(
        "openvino", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"]
    )
    if "libs" not in folder or any(name in path.rpartition("libs")[2] for name in _USED)
]
excludedimports = ["openvino.tools", "openvino.torch"]
