"""The painters that come with the program."""

import functools
import logging

from avatarify.animation.face.painter import FacePainters
from avatarify.errors import CheckpointError
from avatarify.zoo import store
from avatarify.zoo.registry import FACE

_LOG = logging.getLogger(__name__)


@functools.lru_cache(maxsize=1)
def shipped_painters() -> FacePainters | None:
    """Load the shipped painters, once for the whole program.

    Returns:
        None where the file is missing or broken: the face engine paints its layers without them.
    """
    path = store.find(FACE.installed_name)
    if path is None:
        return None
    try:
        return FacePainters.load(path)
    except CheckpointError as error:
        _LOG.warning("Mouth and eyes stay as the layers draw them: %s", error)
        return None
