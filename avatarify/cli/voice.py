"""The delayed microphone of a session without a window."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avatarify.streaming.statistics import StreamReport


@contextmanager
def delayed_microphone(is_wanted: bool) -> "Iterator[Callable[[StreamReport], None]]":
    """Offer the microphone a second time; gives what lets its delay follow what is measured.

    Raises:
        VirtualCameraError: There is no PipeWire, or the source ended by itself.
    """
    if not is_wanted:
        yield lambda report: None
        return
    from avatarify.errors import VirtualCameraError
    from avatarify.media.pipewire.delayed_microphone import DelayedMicrophone
    from avatarify.session.live.voice_delay import FIRST_MS, voice_delay_ms

    microphone = DelayedMicrophone(FIRST_MS)

    def follow(report: "StreamReport") -> None:
        if microphone.problem:
            raise VirtualCameraError(microphone.problem)
        microphone.set_delay(voice_delay_ms(report) or microphone.delay_ms)

    try:
        yield follow
        if microphone.problem:  # a short run hears of it only here
            raise VirtualCameraError(microphone.problem)
    finally:
        microphone.close()
