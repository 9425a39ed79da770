"""Send the test pattern to the virtual camera until ended: what the app's button does.

python send_test_pattern.py
"""

import itertools
import time

from avatarify.frames import Frame
from avatarify.media.test_pattern import draw_test_pattern
from avatarify.media.virtual_camera import VirtualCamera


def main() -> None:
    camera = VirtualCamera(size=(720, 1280), fps=30)
    pictures = [draw_test_pattern(720, 1280, index) for index in range(0, 90, 6)]
    start_s = time.monotonic()
    for index in itertools.count():
        camera.write(Frame(pictures[index % len(pictures)], time.monotonic(), index))
        time.sleep(max(0.0, start_s + (index + 1) / 30 - time.monotonic()))


if __name__ == "__main__":
    main()
