"""What a running session is doing, in one word: the gravest thing first."""

from collections.abc import Callable

from avatarify.session.live.camera_watch import CameraWatch
from avatarify.session.live.driver import Driver
from avatarify.session.live.listener import LiveState
from avatarify.session.live.performer import Performer

FACE_PATIENCE_S = 0.5
"""A face may be away this long before the state says so."""


class Situation:
    """Reads the flags that the stages keep; each is written by one thread."""

    def __init__(
        self, driver: Driver, performer: Performer, camera: Callable[[], CameraWatch]
    ) -> None:
        """Look at these.

        Args:
            driver: The tracking stage.
            performer: The animating stage.
            camera: Gives the watch over the present camera.
        """
        self._driver = driver
        self._performer = performer
        self._camera = camera
        self._face_seen_s = float("-inf")
        self.is_resting = False
        """Nobody watches, so nothing is tracked and animated."""

    @property
    def is_starting(self) -> bool:
        """Whether devices or the model are still being opened, or the camera never delivered."""
        is_settled = self._performer.is_settled and self._driver.is_settled
        return not (is_settled and self._camera().has_delivered)

    def state(self, now_s: float) -> LiveState:
        """The state of a session that runs and shows avatars.

        Args:
            now_s: The time; asked for often, since it also watches for how long things last.
        """
        camera, performer = self._camera(), self._performer
        if self._driver.has_face:
            self._face_seen_s = now_s
        is_starting = not (performer.is_settled and self._driver.is_settled)
        is_blind = not camera.is_open or camera.is_stalled(now_s)
        by_rank = (
            (performer.is_holding, LiveState.HOLDING),
            (camera.is_over and camera.error is not None, LiveState.CAMERA_FAILED),
            (camera.is_over, LiveState.ENDED),
            (performer.is_failing, LiveState.FAILED),
            (is_starting, LiveState.STARTING),
            (self.is_resting, LiveState.RESTING),
            (is_blind, LiveState.WAITING_FOR_CAMERA),
            (now_s - self._face_seen_s > FACE_PATIENCE_S, LiveState.WAITING_FOR_FACE),
            (not performer.is_calibrated, LiveState.CALIBRATING),
        )
        return next((state for holds, state in by_rank if holds), LiveState.LIVE)
