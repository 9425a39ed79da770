"""Says why no face was found, with the tracker that ships, whichever one found none."""

import logging

from avatarify.errors import TrackerError
from avatarify.frames import Image
from avatarify.session.keeping.tracker_choice import find_tracker, open_tracker
from avatarify.tracking.landmarker import LandmarkerMode
from avatarify.tracking.missing_face import Missing, why_missing

logger = logging.getLogger(__name__)


def explain_absence(image: Image) -> Missing | None:
    """Return why no face was found in a picture; None where our own tracker is missing."""
    path = find_tracker("own")
    if path is None:
        return None
    try:
        with open_tracker(path, LandmarkerMode.IMAGE) as finder:
            return why_missing(image, finder)
    except TrackerError:
        logger.debug("our own tracker cannot be opened", exc_info=True)
        return None
