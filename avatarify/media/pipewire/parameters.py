"""The two objects by which our camera describes itself: its picture format and its buffers.

The numbers are PipeWire's stable ABI (`spa/param/format.h`, `spa/param/buffers.h`).
"""

from fractions import Fraction

from avatarify.media.pipewire import pod

BYTES_PER_PIXEL = 2
"""YUY2 stores two pixels in four bytes: Y0 U Y1 V."""

_OBJECT_FORMAT = 0x40003
_OBJECT_BUFFERS = 0x40004

_PARAMETER_ENUM_FORMAT = 3
PARAMETER_FORMAT = 4
"""The id under which PipeWire reports that a format was agreed (or withdrawn)."""
_PARAMETER_BUFFERS = 5

_FORMAT_MEDIA_TYPE = 1
_FORMAT_MEDIA_SUBTYPE = 2
_FORMAT_VIDEO_FORMAT = 0x20001
_FORMAT_VIDEO_SIZE = 0x20003
_FORMAT_VIDEO_RATE = 0x20004
_FORMAT_AUDIO_FORMAT = 0x10001
_FORMAT_AUDIO_RATE = 0x10003
_FORMAT_AUDIO_CHANNELS = 0x10004
_MEDIA_TYPE_AUDIO = 1
_MEDIA_TYPE_VIDEO = 2
_AUDIO_FORMAT_F32_LE = 283
_MEDIA_SUBTYPE_RAW = 1
_VIDEO_FORMAT_YUY2 = 4

_BUFFERS_COUNT = 1
_BUFFERS_BLOCKS = 2
_BUFFERS_SIZE = 3
_BUFFERS_STRIDE = 4
_BUFFERS_DATA_TYPE = 6
_DATA_TYPE_MEMORY_FILE = 1 << 2


def camera_format(width: int, height: int, fps: float) -> bytes:
    """Describe the one format on offer: raw YUY2 video of this size and rate.

    YUY2 because every reader of cameras knows it (it is what webcams deliver), and only one format
    because several readers of one camera would have to agree anyway.
    """
    rate = Fraction(fps).limit_denominator(1001)
    return pod.pod_object(
        _OBJECT_FORMAT,
        _PARAMETER_ENUM_FORMAT,
        {
            _FORMAT_MEDIA_TYPE: pod.identifier(_MEDIA_TYPE_VIDEO),
            _FORMAT_MEDIA_SUBTYPE: pod.identifier(_MEDIA_SUBTYPE_RAW),
            _FORMAT_VIDEO_FORMAT: pod.identifier(_VIDEO_FORMAT_YUY2),
            _FORMAT_VIDEO_SIZE: pod.rectangle(width, height),
            _FORMAT_VIDEO_RATE: pod.fraction(rate.numerator, rate.denominator),
        },
    )


def sound_format(rate: int) -> bytes:
    """Describe the one format of a microphone: one channel of 32-bit floats.

    Args:
        rate: Samples a second.
    """
    return pod.pod_object(
        _OBJECT_FORMAT,
        _PARAMETER_ENUM_FORMAT,
        {
            _FORMAT_MEDIA_TYPE: pod.identifier(_MEDIA_TYPE_AUDIO),
            _FORMAT_MEDIA_SUBTYPE: pod.identifier(_MEDIA_SUBTYPE_RAW),
            _FORMAT_AUDIO_FORMAT: pod.identifier(_AUDIO_FORMAT_F32_LE),
            _FORMAT_AUDIO_RATE: pod.integer(rate),
            _FORMAT_AUDIO_CHANNELS: pod.integer(1),
        },
    )


def camera_buffers(width: int, height: int) -> bytes:
    """Describe the buffers: 4 (2 to 8) of one block each, in memory that other programs can map."""
    stride = width * BYTES_PER_PIXEL
    return pod.pod_object(
        _OBJECT_BUFFERS,
        _PARAMETER_BUFFERS,
        {
            _BUFFERS_COUNT: pod.integer_choice(pod.ChoiceKind.RANGE, (4, 2, 8)),
            _BUFFERS_BLOCKS: pod.integer(1),
            _BUFFERS_SIZE: pod.integer(stride * height),
            _BUFFERS_STRIDE: pod.integer(stride),
            _BUFFERS_DATA_TYPE: pod.integer_choice(pod.ChoiceKind.FLAGS, (_DATA_TYPE_MEMORY_FILE,)),
        },
    )
