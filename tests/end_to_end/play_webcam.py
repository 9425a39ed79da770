"""Play a clip as a webcam named "Test webcam", over and over, until ended.

python play_webcam.py CLIP
"""

import sys

from avatarify.media.composition import Letterbox, letterbox
from avatarify.media.live_source import LiveWishes, open_live_source
from avatarify.media.pipewire.camera import CameraDescription, PipeWireCamera

_SIZE = (480, 640)
_GREEN_ROWS = 24


def main() -> None:
    camera = PipeWireCamera(CameraDescription(_SIZE[1], _SIZE[0], 30, "Test webcam"))
    source = open_live_source(sys.argv[1], LiveWishes(loop=True))
    while frame := source.read():
        picture = letterbox(frame.image, _SIZE, Letterbox.FILL)
        picture[:_GREEN_ROWS] = picture[-_GREEN_ROWS:] = (0, 255, 0)
        camera.send(picture)


if __name__ == "__main__":
    main()
