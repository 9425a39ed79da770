"""The animating stage: moves the avatar, and never lets anything but the avatar out.

Whatever goes wrong here (model missing, model raising, nonsense coming out) ends in no picture,
which the output answers by easing to the still avatar.
"""

import gc
import logging
import time
from collections.abc import Callable

import numpy as np

from avatarify.errors import AvatarifyError
from avatarify.frames import Image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import DrivingReference
from avatarify.session.keeping.loading import leave_out_of_collections
from avatarify.session.keeping.settings import MotionControls
from avatarify.session.live.avatar_engine import AvatarEngine
from avatarify.session.live.commands import Commands
from avatarify.session.live.listener import (
    EngineReport,
    LiveListener,
    Notice,
    Severity,
    Topic,
)
from avatarify.session.live.motion_ease import MotionEase
from avatarify.session.live.scene import NO_GENERATION
from avatarify.session.live.sighting import Driving, Sighting
from avatarify.streaming.output_picture import Origin, OutputPicture
from avatarify.streaming.pacing import Backoff

logger = logging.getLogger(__name__)

XRAY_EVERY_S = 0.4
"""The X-ray is computed no more often than this: it costs as much as several frames."""

XRAY_PAUSE = 5.0
"""Between two X-rays lie at least this many times what one took: a slow machine stays live."""


class Performer:
    """The work of the animating stage. All methods but `post` belong to its thread."""

    def __init__(self, listener: LiveListener, reference_changed: Callable[[], None]) -> None:
        """Start without model and avatar.

        Args:
            listener: Hears of the model and of trouble with it.
            reference_changed: Called when a driving reference was taken or brought back.
        """
        self._listener = listener
        self._reference_changed = reference_changed
        self._commands = Commands()
        self._engine: AvatarEngine | None = None
        self._told_report: EngineReport | None = None
        self._avatar: Avatar | None = None
        self._motion = MotionControls()
        self._ease = MotionEase()
        self._backoff = Backoff()
        self._retry_at_s = float("-inf")
        self._last_driving: Driving | None = None
        self._last_calibration = 0
        self._previous: DrivingReference | None = None
        self._kept: DrivingReference | None = None
        self._generation = NO_GENERATION
        self._xray_at_s: float | None = None
        self.is_settled = False
        """The model was loaded, or could not be."""
        self.is_holding = False
        self.is_failing = False

    @property
    def is_ready(self) -> bool:
        """Whether a model is loaded."""
        return self._engine is not None

    @property
    def input_size(self) -> int:
        """Side of the driving squares that the model wants, in pixels."""
        return 256 if self._engine is None else self._engine.input_size

    @property
    def wants_landmarks(self) -> bool:
        """Whether every frame must be tracked before it is handed on."""
        return self._engine is not None and self._engine.wants_landmarks

    @property
    def is_calibrated(self) -> bool:
        """Whether motion can be transferred: a reference exists, or none is needed."""
        engine = self._engine
        return engine is not None and (engine.reference is not None or not self._motion.is_relative)

    @property
    def reference(self) -> DrivingReference | None:
        """The driving reference in use."""
        return None if self._engine is None else self._engine.reference

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier driving reference to go back to."""
        return self._previous is not None

    def post(self, call: Callable[[], None]) -> None:
        """Have a call made in the animating thread between two frames; from any thread."""
        self._commands.post(call)

    def between(self) -> None:
        """Make the posted calls."""
        self._commands.run()

    def close(self) -> None:
        """Free the model."""
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    def load(self, load_engine: Callable[[], AvatarEngine]) -> None:
        """Load a model in place of the present one; a failure leaves the avatar still."""
        reference = self.reference or self._kept
        self.close()
        try:
            engine = load_engine()
            engine.set_motion(self._motion)
        except AvatarifyError as error:
            self._fail(str(error))
        except Exception as error:  # a broken installation of torch raises anything
            logger.exception("the model cannot be loaded")
            self._fail(f"The model cannot be loaded: {error}")
        else:
            self._engine = engine
            self._move_avatar(engine, reference)
            self._tell_report(engine)
        _look_for_garbage_in_what_comes()
        self.is_settled = True

    def set_avatar(
        self, avatar: Avatar, generation: int, reference: DrivingReference | None
    ) -> None:
        """Animate another portrait; pictures carry `generation` from now on."""
        self._avatar, self._generation = avatar, generation
        engine = self._engine
        if engine is None:
            self._kept = reference or self._kept  # the driver stays the same
            return
        self._move_avatar(engine, reference)
        if engine.report != self._told_report:  # another model moves this avatar
            self._tell_report(engine)

    def _move_avatar(self, engine: AvatarEngine, reference: DrivingReference | None) -> None:
        """Give the engine the avatar; one that it cannot take apart stays still."""
        try:
            if self._avatar is not None:
                engine.set_avatar(self._avatar)
        except Exception as error:
            logger.exception("the avatar cannot be taken apart")
            self._avatar = None  # the still one is shown
            self._fail(f"This avatar cannot be animated: {error}")
            return
        if reference is not None:
            self.use_reference(reference)
        self._recover()

    def set_generation(self, generation: int) -> None:
        """Carry this number from now on."""
        self._generation = generation

    def set_motion(self, motion: MotionControls) -> None:
        """Change how motion is transferred."""
        self._motion = motion
        if self._engine is not None:
            self._engine.set_motion(motion)

    def set_xray(self, is_on: bool) -> None:
        """Compute the X-ray now and then, until it fails."""
        self._listener.noticed(Notice(Topic.XRAY, "", Severity.INFORMATION))
        self._xray_at_s = float("-inf") if is_on else None

    def use_reference(self, reference: DrivingReference) -> None:
        """Take a reference that was kept; one of another model is no use and left alone."""
        if self._engine is None or reference.model != self._engine.report.model:
            return
        try:
            self._engine.use_reference(reference)
        except ValueError as error:
            logger.warning("The kept driving reference is not used: %s", error)
            return
        self._kept = None
        self._reference_changed()

    def undo_calibration(self) -> None:
        """Go back to the reference before the last one; a second time comes back again."""
        previous, self._previous = self._previous, self.reference
        if previous is not None:
            self.use_reference(previous)

    def work(self, sighting: Sighting) -> OutputPicture | None:
        """Animate one frame.

        Returns:
            The avatar's picture, or None when there is nothing to show but the still avatar.
        """
        engine = self._engine
        if engine is None or self._avatar is None or sighting.time_s < self._retry_at_s:
            return None
        try:
            image = self._animate(engine, sighting)
        except Exception as error:
            logger.debug("animation failed", exc_info=True)
            self._retry_at_s = sighting.time_s + self._backoff.next_pause()
            self._fail(f"The model failed on this picture ({error}). The avatar rests.")
            return None
        if image is None:
            return None
        if self.is_failing:
            self._recover()
        if engine.report != self._told_report:  # a card failed, and the processor took over
            self._tell_report(engine)
        return OutputPicture(
            image, Origin.AVATAR, sighting.time_s, sighting.index, self._generation
        )

    def _animate(self, engine: AvatarEngine, sighting: Sighting) -> Image | None:
        self._calibrate(engine, sighting)
        share = self._ease.share(sighting.has_face, sighting.time_s)
        if sighting.has_face:
            self._last_driving = sighting.driving
        driving = self._last_driving  # without a face: the last one relaxes to neutral
        if self.is_holding or not self.is_calibrated or driving is None or share <= 0.0:
            return None
        if driving.square is None and not engine.wants_landmarks:
            return None  # seen for another engine, a moment ago
        self._show_xray(engine, driving, sighting.time_s)
        image = engine.animate(driving, sighting.time_s, share)
        _check(image, driving.square)
        return image

    def _calibrate(self, engine: AvatarEngine, sighting: Sighting) -> None:
        frame = sighting.calibration
        if frame is None or frame.number <= self._last_calibration:
            return
        self._last_calibration = frame.number
        previous = engine.reference
        engine.calibrate(frame.driving)
        self._previous = previous
        self._reference_changed()

    def _show_xray(self, engine: AvatarEngine, driving: Driving, time_s: float) -> None:
        if self._xray_at_s is None or time_s < self._xray_at_s:
            return
        started_s = time.monotonic()
        try:
            view = engine.xray(driving)
        except Exception as error:  # a look at the motion must not stop it
            logger.exception("the X-ray cannot be computed")
            self._xray_at_s = None
            text = f"The X-ray stopped: {error}. The avatar goes on."
            self._listener.noticed(Notice(Topic.XRAY, text, Severity.WARNING))
            return
        cost_s = time.monotonic() - started_s
        self._xray_at_s = time_s + max(XRAY_EVERY_S, (1.0 + XRAY_PAUSE) * cost_s)
        if view is not None:
            self._listener.motion_seen(view)

    def _tell_report(self, engine: AvatarEngine) -> None:
        self._told_report = engine.report
        self._listener.engine_ready(engine.report)

    def _fail(self, text: str) -> None:
        self.is_failing = True
        self._listener.noticed(Notice(Topic.MODEL, text, Severity.ERROR))

    def _recover(self) -> None:
        self.is_failing = False
        self._backoff.reset()
        self._listener.noticed(Notice(Topic.MODEL, "", Severity.INFORMATION))


def _look_for_garbage_in_what_comes() -> None:
    """Spare what is loaded by now the search for garbage, which made a frame 20 ms late.

    The rest is searched more often: a clip that plays in a loop leaves a decoder of 5 MB each time.
    """
    leave_out_of_collections()
    gc.set_threshold(700, 5, 2)


def _check(image: Image, driving: Image | None) -> None:
    """Refuse what cannot be an avatar's picture: above all the driving frame itself."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"the model made a picture of shape {image.shape}, {image.dtype}")
    if driving is not None and np.may_share_memory(image, driving):
        raise ValueError("the model gave the camera's picture back")
