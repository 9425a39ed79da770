"""OpenVINO finds its plugins by itself, beside its own library; PyInstaller cannot see that."""

from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs

# The processor's plugin, the reader of torch's graphs, that of what was kept, and what they load.
_USED = ("openvino.", "intel_cpu", "pytorch_frontend", "ir_frontend", "tbb", "hwloc")

binaries = [
    (path, folder)
    for path, folder in collect_dynamic_libs(
        "openvino", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"]
    )
    if "libs" not in folder or any(name in path.rpartition("libs")[2] for name in _USED)
]
excludedimports = ["openvino.tools", "openvino.torch"]
