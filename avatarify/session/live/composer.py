"""From the animator's picture to the picture others see: bars, mirror, badge."""

from avatarify.frames import Image
from avatarify.media.composition import Letterbox, letterbox, mirror
from avatarify.session.avatars.backgrounds import colour_of
from avatarify.session.keeping.settings import OutputSettings, ViewSettings
from avatarify.session.live.cards import Badge
from avatarify.streaming.output_picture import Origin, OutputPicture


class Composer:
    """Frames pictures for one output size and one choice of view."""

    def __init__(self, view: ViewSettings, output: OutputSettings) -> None:
        """Fix what never changes from picture to picture.

        Args:
            view: Fit mode, mirror, badge, and the background: beside an avatar before a colour
                there is that colour.
            output: Its size.
        """
        self._mirrors = view.mirror
        self._badge = Badge(output.height) if view.badge else None
        self._mode = Letterbox(view.fit.value)
        self._sides = colour_of(view.background)
        self._size = (output.height, output.width)

    def __call__(self, picture: OutputPicture) -> Image:
        """Frame a picture.

        Cards and the real camera are not mirrored: text must stay readable, and the camera has a
        mirror setting of its own. The badge is for avatars.

        Returns:
            RGB (height, width, 3) of the output, in memory of its own.
        """
        is_avatar = picture.origin is Origin.AVATAR
        square = mirror(picture.image) if is_avatar and self._mirrors else picture.image
        sides = self._sides if is_avatar else None
        image = letterbox(square, self._size, self._mode, sides)
        if image is picture.image:
            image = image.copy()
        if is_avatar and self._badge is not None:
            self._badge.paste(image)
        return image
