"""One small person, built once."""

import pytest

from avatarify.synthesis.figure import Figure, build_figure
from avatarify.synthesis.identity import Identity


@pytest.fixture(scope="session")
def person() -> Figure:
    return build_figure(Identity(hair_style="short", background="plain"), texture_size=256)
