"""torch as this program uses it: PyInstaller's own hook brings every module and all sources too."""

from pathlib import Path

from PyInstaller.utils.hooks import PY_DYLIB_PATTERNS, collect_dynamic_libs, get_package_paths

_TESTS = ("test", "jitbackend", "backend_with_compiler", "aoti_custom_ops")

binaries = [
    (path, folder)
    for path, folder in collect_dynamic_libs(
        "torch", search_patterns=[*PY_DYLIB_PATTERNS, "*.so.*"]
    )
    if "lib" in Path(folder).parts and not any(name in Path(path).name for name in _TESTS)
]
_shares_memory = Path(get_package_paths("torch")[1]) / "bin" / "torch_shm_manager"
if _shares_memory.is_file():  # torch does not load without it
    binaries.append((str(_shares_memory), "torch/bin"))

bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
