"""Colours as a picture means them: phones, cameras and printers have colour spaces of their own.

Everything here and on the other side of the virtual camera takes numbers for sRGB. The numbers of a
Display P3 portrait shown as sRGB are a pale face.
"""

import io
import logging

import numpy as np
from PIL import Image as Pillow
from PIL import ImageCms

logger = logging.getLogger(__name__)

_MODES = {"RGB ": "RGB", "CMYK": "CMYK", "GRAY": "L"}
"""What Pillow calls pixels of a profile's colour space."""

_PROBED_LEVELS = 9
_UNSEEN = 2
"""Makers round the curve of sRGB differently; converting by theirs would cost time for nothing."""


def to_srgb(picture: Pillow.Image) -> Pillow.Image:
    """Convert a picture's colours by the profile inside it.

    Args:
        picture: 8 bits a channel, in any mode; as it is in the file.

    Returns:
        RGB, or RGBA where it is transparent; the same picture where it has no profile, one of sRGB
        itself, or one that cannot be used.
    """
    content = picture.info.get("icc_profile")
    if not content or picture.mode.startswith(("I", "F")):
        return picture
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(content))
        if _is_srgb(profile):
            return picture
        return _converted(picture, profile)
    # Whatever is wrong with it: without the profile the picture is shown as it always was.
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        logger.debug("A colour profile is ignored: %s", error)
        return picture


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether a profile changes next to nothing. Its name does not say: there is a linear sRGB."""
    if profile.profile.xcolor_space != "RGB ":
        return False
    levels = np.linspace(0, 255, _PROBED_LEVELS).astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    shown = _converted(Pillow.fromarray(cube), profile)
    return int(np.abs(np.asarray(shown).astype(np.int16) - cube).max()) <= _UNSEEN


def _converted(picture: Pillow.Image, profile: ImageCms.ImageCmsProfile) -> Pillow.Image:
    mode = _MODES[profile.profile.xcolor_space]
    alpha = picture.convert("RGBA").getchannel("A") if picture.has_transparency_data else None
    if picture.mode != mode:
        if "CMYK" in (mode, picture.mode):
            raise ValueError(f"it is for {mode} pixels, these are {picture.mode}")
        picture = picture.convert("RGB").convert(mode)
    converted = ImageCms.profileToProfile(
        picture, profile, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert converted is not None  # it is not done in place
    if alpha is not None:
        converted.putalpha(alpha)
    return converted
