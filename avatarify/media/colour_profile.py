"""Colours as a picture means them: phones, cameras and printers have colour spaces of their own.

Everything here and on the other side of the virtual camera takes numbers for sRGB. The numbers of a
Display P3 portrait shown as sRGB are a pale face.
"""

import io
import logging

from PIL import Image as Pillow
from PIL import ImageCms

logger = logging.getLogger(__name__)

_MODES = {"RGB ": "RGB", "CMYK": "CMYK", "GRAY": "L"}
"""What Pillow calls pixels of a profile's colour space."""


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
        if "sRGB" in (ImageCms.getProfileDescription(profile) or ""):
            return picture
        return _converted(picture, profile)
    # Whatever is wrong with it: without the profile the picture is shown as it always was.
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        logger.debug("A colour profile is ignored: %s", error)
        return picture


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
