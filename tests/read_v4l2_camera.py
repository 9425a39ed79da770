"""Read /dev/video0 as any program reads a webcam; run it under `pw-v4l2` to read PipeWire.

    python read_v4l2_camera.py FRAMES

prints one JSON object: the frames' size and the RGB colours at a quarter and three quarters of the
width, half-way down, in every frame.
"""

import json
import sys

import cv2


def main() -> int:
    camera = cv2.VideoCapture(0, cv2.CAP_V4L2)
    colours = []
    shape: tuple[int, ...] = ()
    for _ in range(int(sys.argv[1])):
        is_read, image = camera.read()
        if not is_read:
            break
        shape = image.shape
        row = image[shape[0] // 2, :, ::-1]
        colours.append([row[shape[1] // 4].tolist(), row[shape[1] * 3 // 4].tolist()])
    sys.stdout.write(json.dumps({"shape": shape, "colours": colours}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
