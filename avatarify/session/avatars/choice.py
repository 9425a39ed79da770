"""The avatar that a word on the command line means."""

from collections.abc import Callable

from avatarify.errors import ImageError
from avatarify.media.image_file import read_image
from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.library import AvatarLibrary
from avatarify.session.avatars.portrait_file import tell_of_several
from avatarify.session.avatars.portrait_intake import take_in
from avatarify.tracking.face_choice import FaceChoice


def choose_avatar(
    key: str,
    choice: FaceChoice | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> Avatar:
    """Load an avatar.

    Args:
        key: A built-in avatar's name, the path of any picture with a face, or empty for the first
            built-in one. Pictures that are no kept avatars are framed around their face.
        choice: Which of several faces in such a picture is meant; the largest if nothing is said.
        tell: Hears which one was taken.

    Raises:
        ImageError: There is no such avatar, or it cannot be used; the message says why.
        FaceNotFoundError: There are several faces, and none of the number that was chosen.
    """
    library = AvatarLibrary()
    entry = library.find(key)
    if entry is None:
        names = ", ".join(known.name for known in library.entries()) or "none"
        wanted = f"There is no avatar {key}." if key else "There is no built-in avatar."
        raise ImageError(f"{wanted} Give an image file, or one of: {names}.")
    if entry in library.entries():
        return library.load(entry)
    intake = take_in(read_image(entry.path), choice, entry.path.name)
    tell_of_several(entry.path)
    if not intake.is_usable:
        reasons = " ".join(str(finding.text) for finding in intake.findings)
        raise ImageError(f"{entry.path} cannot be used as an avatar. {reasons}")
    if intake.whom:
        tell(f"{entry.path.name} shows {intake.whom}")
    return intake.avatar(entry.name)
