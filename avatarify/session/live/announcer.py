"""Who is told, and when: the listener hears of a state, a picture or slowness once."""

import logging
from collections.abc import Callable

from avatarify.frames import Image
from avatarify.session.live.listener import (
    Audience,
    LiveListener,
    LiveState,
    Notice,
    OutputView,
    Topic,
)
from avatarify.session.live.speed_watch import SpeedWatch
from avatarify.streaming.output_picture import Origin
from avatarify.streaming.statistics import StreamReport

logger = logging.getLogger(__name__)

_SPEED_INTERVAL_S = 1.0


class Announcer:
    """Remembers what was told last, so that only changes are."""

    def __init__(self, listener: LiveListener, report: Callable[[], StreamReport]) -> None:
        """Tell a listener.

        Args:
            listener: Gets the callbacks, on the thread that calls this object.
            report: The stream's rates at this moment.
        """
        self._listener = listener
        self._report = report
        self._told_state = LiveState.STOPPED
        self._told_audience = Audience(None, is_resting=False)
        self._told_image: Image | None = None
        self._speed = SpeedWatch()
        self._speed_looked_s = 0.0

    def tell_state(self, state: LiveState) -> None:
        """Tell the state if it is another one."""
        if state is not self._told_state:
            self._told_state = state
            logger.info("Session: %s.", state.value)
            self._listener.state_changed(state)

    def tell_audience(self, audience: Audience) -> None:
        """Tell who watches if that has changed."""
        if audience != self._told_audience:
            self._told_audience = audience
            self._listener.audience_changed(audience)

    def tell_picture(self, image: Image, origin: Origin, latency_s: float | None) -> None:
        """Tell what others see, if it is another picture.

        Args:
            image: RGB (H, W, 3).
            origin: Where it comes from.
            latency_s: Since its capture; None where nothing was captured.
        """
        if image is not self._told_image:
            self._told_image = image
            self._listener.output_shown(OutputView(image, origin, latency_s))

    def watch_speed(self, now_s: float) -> None:
        """Once a second, look whether the avatar moves fast enough."""
        if self._told_state is not LiveState.LIVE:
            self._speed.forget()
        elif now_s - self._speed_looked_s >= _SPEED_INTERVAL_S:
            self._speed_looked_s = now_s
            text = self._speed.update(self._report(), now_s)
            if text is not None:
                self._listener.noticed(Notice(Topic.SPEED, text))
