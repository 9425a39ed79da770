"""How much later the voice should come, for others to see it leave the avatar's mouth."""

from avatarify.streaming.statistics import StreamReport

IMPERCEPTIBLE_MS = 45
"""Sound this much too early is not noticed (ITU-R BT.1359)."""

FIRST_MS = 150
"""How much a microphone is delayed until something is measured."""

_STEP_MS = 10

WHERE = (
    "OBS: Edit, Advanced Audio Properties, Sync Offset of your microphone.\n\n"
    "Discord, Zoom, Teams, Meet and browsers have no such setting: give them a delayed "
    "microphone.\n\n"
    "Linux with PipeWire: switch the delayed microphone on here, and choose Avatarify microphone "
    "in the call.\n\n"
    "Windows and macOS: let OBS delay the microphone, monitor it to a virtual audio cable "
    "(VB-Cable, BlackHole), and choose that cable in the call."
)
"""Where people set it."""


def voice_delay_ms(report: StreamReport | None) -> int | None:
    """Return the pictures' latency, to tens of milliseconds; None while nothing is measured."""
    if report is None or report.latency is None:
        return None
    return int(round(report.latency.median_ms / _STEP_MS) * _STEP_MS)


def advice(delay_ms: int | None) -> str:
    """Say what to do with the microphone."""
    if delay_ms is None:
        return "How much to delay your microphone is measured as soon as the avatar moves."
    if delay_ms < IMPERCEPTIBLE_MS:
        return f"The avatar is {delay_ms} ms late: your voice needs no delay."
    return f"Delay your microphone by {delay_ms} ms, so that voice and mouth agree."
