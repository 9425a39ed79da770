"""The one error tree: a subclass for each thing a user can act on.

Every message says what happened and what to do. Caller mistakes are plain `ValueError`.
"""


class AvatarifyError(Exception):
    """Base of every problem that the user can fix; the command line exits with 1 on it."""


class ImageError(AvatarifyError):
    """An image could not be read, or is not usable as an avatar."""


class VideoError(AvatarifyError):
    """A video or saved motion could not be read, or holds no frames."""


class OutputError(AvatarifyError):
    """A file could not be written: no permission, a missing folder or a full disk."""


class CameraError(AvatarifyError):
    """The webcam could not be opened or stopped delivering frames."""


class VirtualCameraError(AvatarifyError):
    """The virtual camera could not be opened or stopped accepting frames."""


class FaceNotFoundError(AvatarifyError):
    """No face was found where one is needed."""


class TrackerError(AvatarifyError):
    """The face tracker's model file is missing or broken."""


class CheckpointError(AvatarifyError):
    """A model file is missing, truncated, foreign, or does not match its configuration."""


class DownloadError(AvatarifyError):
    """A model could not be fetched, or what arrived is not the published file."""


class DeviceError(AvatarifyError):
    """The requested device or precision is not available on this machine."""


class SettingsError(AvatarifyError):
    """A settings or configuration file is broken or holds an impossible value."""
