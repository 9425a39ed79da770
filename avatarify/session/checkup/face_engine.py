"""What paints the face engine's pictures on this machine: tried, as a session tries it."""

from collections.abc import Iterator

from avatarify.animation.face.animator import FaceAnimator
from avatarify.animation.face.person_painter import PROCESSOR, PersonPainters, person_painters
from avatarify.animation.native.library import native_library
from avatarify.session.avatars.choice import choose_avatar
from avatarify.session.checkup.finding import Finding, Level

_SUBJECT = "Face engine"


def check_face_engine() -> Iterator[Finding]:
    """Say who paints; a card paints a built-in avatar first."""
    yield judge(person_painters("auto"))


def judge(painters: PersonPainters) -> Finding:
    """Try a card, if there is one.

    Args:
        painters: As a session gets them.
    """
    if painters.name != PROCESSOR:
        avatar = choose_avatar("")
        FaceAnimator(painters=painters).set_source(avatar.portrait(), avatar.backdrop)
    if painters.note:
        return Finding(_SUBJECT, Level.OK, painters.note.rstrip("."))
    if painters.name != PROCESSOR:
        return Finding(_SUBJECT, Level.OK, f"painted by {painters.name}")
    how = (
        "by compiled functions"
        if native_library()
        else "by OpenCV: the compiled functions are missing"
    )
    return Finding(_SUBJECT, Level.OK, f"painted by the processor, {how}")
