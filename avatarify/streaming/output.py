"""The output thread: always alive, never faster than its rate, and the keeper of the privacy rule.

It shows the newest picture while there is one, and eases to the resting picture (the still avatar
or a card) when pictures stop for whatever reason: face lost, camera lost, avatar switched, model
failing, machine overloaded, session ending. It takes `OutputPicture`s only, so a webcam frame can
not reach it by mistake, and it asks a pass-through picture for its permission at each write.
"""

import time
from collections.abc import Callable
from threading import Event
from typing import Protocol

from avatarify.frames import Frame, Image
from avatarify.streaming.crossfade import Crossfade
from avatarify.streaming.hand_over import LatestFrame
from avatarify.streaming.outlet import Outlet
from avatarify.streaming.output_picture import Origin, OutputPicture
from avatarify.streaming.pacing import OutputPacer
from avatarify.streaming.statistics import StreamStatistics

REST_FPS = 5.0
"""While nobody watches pictures are repeated this often, for whoever opens the device next."""

STALE_S = 1.0
"""A picture older than this is no longer live: even 1 fps would look frozen otherwise."""


class OutputTap(Protocol):
    """Sees every picture that is written: a preview, a recorder."""

    def __call__(
        self, image: Image, origin: Origin, time_s: float, latency_s: float | None
    ) -> None:
        """Look at a picture.

        Args:
            image: What was written; must not be changed.
            origin: Where its pixels come from.
            time_s: When it was written.
            latency_s: Capture to output, or None for one that was already shown.
        """


Composer = Callable[[OutputPicture], Image]
"""Frames a picture for the output: its size, bars, mirror, badge."""


class Output:
    """The loop of the output worker."""

    def __init__(
        self,
        pictures: LatestFrame[OutputPicture],
        rest: Callable[[], OutputPicture],
        compose: Composer,
        fps: float,
        statistics: StreamStatistics,
        *,
        outlet: Outlet | None = None,
        tap: OutputTap | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare; the outlet is opened with the first picture.

        Args:
            pictures: Where new pictures come from.
            rest: The picture to ease to; its generation is the one that may be shown.
            compose: Frames a picture for the output.
            fps: The output's nominal rate.
            statistics: Measures latency, rate and gaps.
            outlet: The device, if any.
            tap: Sees everything that is written, with or without an outlet.
            clock: Gives the time in seconds.
        """
        self._pictures = pictures
        self._rest = rest
        self._compose = compose
        self._statistics = statistics
        self._outlet = outlet
        self._tap = tap
        self._clock = clock
        self._pacer = OutputPacer(fps)
        self.is_resting = False
        """Nobody watches: still pictures are repeated less often. Set by other threads."""
        self._fade = Crossfade()
        self._live: OutputPicture | None = None
        self._live_since_s = 0.0
        self._shown: Image | None = None
        self._scene: tuple[object, ...] = ()
        self._composed: tuple[OutputPicture, Composer, Image] | None = None
        self._written = 0

    @property
    def is_watched(self) -> bool | None:
        """Whether a program reads the device; None without one, or where it cannot be known."""
        return None if self._outlet is None else self._outlet.is_watched

    @property
    def shown(self) -> Image | None:
        """The picture written last, unless it was passed through without permission since."""
        return self._shown

    def set_composer(self, compose: Composer) -> None:
        """Frame pictures differently from the next one on."""
        self._compose = compose

    def __call__(self, stopping: Event) -> None:
        """Write until `stopping` is set, then ease to the resting picture and close."""
        try:
            while not stopping.is_set():
                self.step(stopping)
            self._leave()
        finally:
            if self._outlet is not None:
                self._outlet.close()

    def step(self, stopping: Event) -> None:
        """Wait for a new picture or for the time to repeat the last one, and write."""
        stopping.wait(self._pacer.wait_for_new(self._clock()))
        wait_s = self._pacer.wait_for_repeat(self._clock())
        if self.is_resting and not self._fade.is_active(self._clock()):
            wait_s = max(wait_s, 1.0 / REST_FPS)
        picture = self._take(wait_s, stopping)
        now_s = self._clock()
        if picture is not None:
            self._live, self._live_since_s = picture, now_s
        self._write(picture, now_s)

    def _take(self, wait_s: float, stopping: Event) -> OutputPicture | None:
        try:
            picture = self._pictures.take(wait_s)
        except Exception:  # ended, or a worker broke: whoever runs it knows; viewers see the rest
            stopping.wait(wait_s)
            return None
        if picture is not None and not isinstance(picture, OutputPicture):
            raise TypeError(f"The output takes only OutputPictures, not {type(picture).__name__}.")
        return picture

    def _write(self, arrived: OutputPicture | None, now_s: float) -> None:
        rest = self._rest()
        target = self._target(rest, now_s)
        is_new = arrived is not None and target is arrived
        image = self._image(target, "rest" if target is rest else "live", now_s)
        if not target.is_allowed:  # revoked while composing
            self._live = None
            target, image = rest, self._image(rest, "rest", now_s)
            is_new = False
        self._shown = image
        if self._outlet is not None:
            self._outlet.write(Frame(image, now_s, self._written))
        self._written += 1
        self._pacer.note_write(now_s, is_new)
        latency_s = self._note(target, is_new)
        if self._tap is not None:
            self._tap(image, target.origin, now_s, latency_s)

    def _note(self, target: OutputPicture, is_new: bool) -> float | None:
        if is_new:
            return self._statistics.note_delivery(target.time_s)
        self._statistics.note_repeat()
        return None

    def _leave(self) -> None:
        """Ease to the resting picture, which is what a viewer keeps."""
        self._live = None
        self._write(None, self._clock())
        while self._fade.is_active(self._clock()):
            time.sleep(self._pacer.wait_for_new(self._clock()))
            self._write(None, self._clock())
        self._write(None, self._clock())

    def _target(self, rest: OutputPicture, now_s: float) -> OutputPicture:
        live = self._live
        if live is None or not live.is_allowed:
            return rest
        is_current = live.generation == rest.generation
        return live if is_current and now_s - self._live_since_s < STALE_S else rest

    def _image(self, target: OutputPicture, role: str, now_s: float) -> Image:
        """Compose the target and ease to it when the scene has changed.

        The real camera is never blended: a fade from it would show it after its permission ended.
        """
        scene = (role, target.generation, target.origin)
        if scene != self._scene:
            is_raw = Origin.PASS_THROUGH in (*scene, *self._scene)
            if is_raw or self._shown is None:
                self._fade.cut()
            else:
                self._fade.begin(self._shown, now_s)
            self._scene = scene
        return self._fade.apply(self._composed_image(target), now_s)

    def _composed_image(self, target: OutputPicture) -> Image:
        compose = self._compose
        if self._composed is not None:
            of, by, image = self._composed
            if of is target and by is compose:
                return image
        image = compose(target)
        self._composed = (target, compose, image)
        return image
