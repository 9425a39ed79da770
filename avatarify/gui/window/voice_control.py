"""Keeps the delayed microphone going as the user wants it, later by what is measured."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from avatarify.errors import VirtualCameraError
from avatarify.gui.panels.voice_panel import VoicePanel
from avatarify.gui.window.controller import LiveController
from avatarify.media.pipewire.delayed_microphone import DelayedMicrophone
from avatarify.media.virtual_outputs import has_pipewire
from avatarify.session.live.voice_delay import FIRST_MS, voice_delay_ms

_LOOK_MS = 200
_WORTH_A_CHANGE_MS = 20
"""Each change of the delay is heard as a small jump."""


class VoiceControl(QObject):
    """Owns the delayed microphone; it stays while no session runs, as calls go on."""

    def __init__(
        self,
        panel: VoicePanel,
        controller: LiveController,
        open_microphone: Callable[[int], DelayedMicrophone] = DelayedMicrophone,
        is_possible: Callable[[], bool] = has_pipewire,
    ) -> None:
        """Begin; the source is offered at once if the user wanted it the last time.

        Args:
            panel: Shows and asks.
            controller: Knows the settings and the measured latency.
            open_microphone: Starts the source with a delay in milliseconds.
            is_possible: Whether PipeWire runs here.
        """
        super().__init__(panel)
        self._panel = panel
        self._controller = controller
        self._open = open_microphone
        self._microphone: DelayedMicrophone | None = None
        self._delay_ms: int | None = None
        can_delay = is_possible()
        panel.offer(can_delay)
        panel.wanted.connect(self._want)
        panel.muted.connect(self._mute)
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        if can_delay and controller.settings.voice.delays_microphone:
            panel.show_wish(True)
            self._start()

    def stop(self) -> None:
        """Withdraw the source: the window closes."""
        self._timer.stop()
        self._end()

    def _want(self, is_on: bool) -> None:
        voice = self._controller.settings.voice
        self._controller.set_voice(replace(voice, delays_microphone=is_on))
        if is_on:
            self._start()
        else:
            self._end()
            self._panel.show_off("")

    def _mute(self, is_muted: bool) -> None:
        if self._microphone is not None:
            self._microphone.set_muted(is_muted)

    def _start(self) -> None:
        try:
            self._microphone = self._open(self._delay_ms or FIRST_MS)
        except VirtualCameraError as error:
            self._give_up(str(error))
        self._look()

    def _end(self) -> None:
        microphone, self._microphone = self._microphone, None
        if microphone is not None:
            microphone.close()

    def _look(self) -> None:
        delay_ms = voice_delay_ms(self._controller.report())
        if delay_ms is not None and self._is_news(delay_ms):
            self._delay_ms = delay_ms
        self._panel.show_advice(self._delay_ms)
        microphone = self._microphone
        if microphone is None:
            return
        if microphone.problem:
            self._give_up(microphone.problem)
            return
        microphone.set_delay(self._delay_ms or FIRST_MS)
        self._panel.show_source(
            microphone.delay_ms, microphone.level_db, is_ready=microphone.is_ready
        )

    def _is_news(self, delay_ms: int) -> bool:
        return self._delay_ms is None or abs(delay_ms - self._delay_ms) >= _WORTH_A_CHANGE_MS

    def _give_up(self, problem: str) -> None:
        self._end()
        self._panel.show_wish(False)
        self._panel.show_off(problem)
