import shlex
from pathlib import Path

import pytest

from avatarify.animation.native.build import LIBRARY, build, compiler
from avatarify.animation.native.library import NativeLibrary


@pytest.fixture(scope="session", params=["", "-DWITHOUT_AVX2", "-DWITHOUT_SSE2"])
def library_file(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """The library with the ways of fast processors, and as slower ones run it; it takes seconds."""
    command = compiler()
    if command is None:
        pytest.skip("there is no C compiler")
    made = tmp_path_factory.mktemp("native") / LIBRARY.name
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CC", shlex.join([*command, *request.param.split()]))
        assert build(made) == ""
    return made


@pytest.fixture(scope="session")
def library(library_file: Path) -> NativeLibrary:
    return NativeLibrary(library_file)
