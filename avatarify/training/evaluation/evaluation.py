"""A whole evaluation: all clips, all portraits, all methods, tables and contact sheets."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avatarify.errors import FaceNotFoundError, ImageError, SettingsError, VideoError
from avatarify.frames import Image
from avatarify.media.image_file import read_image, write_image
from avatarify.media.output_errors import make_output_folder
from avatarify.tracking.crop import crop_of_face, cut
from avatarify.tracking.landmarker import FaceLandmarker, LandmarkerMode
from avatarify.training.evaluation.contact_sheet import contact_sheet, telling_frames
from avatarify.training.evaluation.driving_clip import DrivingClip, read_driving_clip
from avatarify.training.evaluation.measures import SEEN_SIZE
from avatarify.training.evaluation.methods import DO_NOTHING, Method
from avatarify.training.evaluation.reenactment import Cast, drive_portrait, reenact_itself
from avatarify.training.evaluation.report import write_report
from avatarify.training.evaluation.scores import Evaluation
from avatarify.training.evaluation.sight import FindFace, Sight, look
from avatarify.training.evaluation.tracker_noise import tracker_noise
from avatarify.training.footage import Footage, list_footage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """What is evaluated on what."""

    clips: Path
    """Folder of driving videos."""

    output: Path
    """Folder for tables and pictures."""

    tracker: Path
    """mediapipe's `face_landmarker.task`."""

    portraits: tuple[Path, ...] = ()
    """Folders of stills for cross-identity; none leaves it out."""

    manifest: Path | None = None
    """CSV file that says who is seen in which clip."""

    people: tuple[str, ...] = ()
    """Only clips of these people (or of these names); all when empty."""

    stride: int = 1
    """Take every n-th frame of a clip."""

    most_frames: int = 200
    """Of each clip in self-reenactment."""

    most_cross_frames: int = 60
    """Of each clip, for each portrait, in cross-identity."""

    def __post_init__(self) -> None:
        if min(self.stride, self.most_frames, self.most_cross_frames) < 1:
            raise ValueError("stride and numbers of frames must be at least 1")


def evaluate(
    settings: EvaluationSettings,
    model: str,
    methods: Sequence[Method],
    advance: Callable[[str], None],
) -> Evaluation:
    """Evaluate, and write tables and contact sheets as they come.

    Args:
        settings: On what.
        model: What is evaluated, as the tables call it.
        methods: What is compared, as `load_methods` gives it for a motion model: the one in
            question first.
        advance: Told what is done next.

    Raises:
        AvatarifyError: What the user can fix.
    """
    make_output_folder(settings.output)
    with FaceLandmarker(settings.tracker, LandmarkerMode.IMAGE) as landmarker:
        run = _Run(settings, Evaluation(model), methods, landmarker.find)
        run.read_portraits()
        for footage in _clips(settings):
            advance(footage.name)
            run.evaluate_clip(footage)
            write_report(run.evaluation, settings.output)
    return run.evaluation


def _clips(settings: EvaluationSettings) -> list[Footage]:
    footage = [
        entry
        for entry in list_footage(settings.clips, settings.manifest)
        if not entry.is_still
        and (not settings.people or {entry.person, entry.name} & set(settings.people))
    ]
    if not footage:
        raise SettingsError(f"{settings.clips} holds no clips of the people asked for.")
    return footage


class _Run:
    """What all clips of an evaluation have in common."""

    def __init__(
        self,
        settings: EvaluationSettings,
        evaluation: Evaluation,
        methods: Sequence[Method],
        find_face: FindFace,
    ) -> None:
        self.evaluation = evaluation
        self._settings = settings
        self._methods = methods
        self._find_face = find_face
        self._portraits: dict[str, Sight] = {}

    def read_portraits(self) -> None:
        for folder in self._settings.portraits:
            for entry in list_footage(folder, self._settings.manifest):
                if entry.is_still:
                    try:
                        self._portraits[entry.name] = self._portrait(entry)
                    except (FaceNotFoundError, ImageError) as error:
                        self.evaluation.skipped.append(str(error))

    def evaluate_clip(self, footage: Footage) -> None:
        settings = self._settings
        try:
            clip = read_driving_clip(
                footage, self._find_face, settings.stride, settings.most_frames
            )
        except (FaceNotFoundError, VideoError) as error:
            self.evaluation.skipped.append(str(error))
            return
        self._reenact_itself(clip)
        if self._portraits:
            self._drive_portraits(clip)

    def _portrait(self, entry: Footage) -> Sight:
        picture = read_image(entry.path)
        found = self._find_face(picture)
        square = None if found is None else cut(picture, crop_of_face(found), SEEN_SIZE)
        face = None if square is None else look(square, self._find_face)
        if square is None or face is None:
            raise FaceNotFoundError(f"No face was found in {entry.path}.")
        return Sight(square, face)

    def _reenact_itself(self, clip: DrivingClip) -> None:
        chosen = telling_frames(clip)
        rows = {"driver": _chosen(clip.pictures, chosen)}
        for performance in reenact_itself(clip, self._methods, self._find_face):
            self.evaluation.itself.append(performance.scores)
            if performance.scores.method != DO_NOTHING:
                rows[performance.scores.method] = _chosen(performance.pictures, chosen)
        self.evaluation.itself.append(tracker_noise(clip, self._find_face))
        self._write_sheet(f"self_{clip.name}.png", chosen, rows)

    def _drive_portraits(self, whole: DrivingClip) -> None:
        clip = whole.thinned(self._settings.most_cross_frames)
        chosen = telling_frames(clip)
        rows = {"driver": _chosen(clip.pictures, chosen)}
        moving = [method for method in self._methods if method.name != DO_NOTHING]
        for name, portrait in self._portraits.items():
            cast = Cast(name, portrait, whole.reference_for(portrait.face))
            for method in moving:
                performance = drive_portrait(clip, cast, method, self._find_face)
                self.evaluation.cross.append(performance.scores)
                if method is self._methods[0]:
                    rows[name] = _chosen(performance.pictures, chosen)
        self._write_sheet(f"cross_{clip.name}.png", chosen, rows)

    def _write_sheet(self, name: str, chosen: dict[str, int], rows: dict[str, list[Image]]) -> None:
        write_image(self._settings.output / name, contact_sheet(list(chosen), rows))


def _chosen(pictures: list[Image], frames: dict[str, int]) -> list[Image]:
    return [pictures[index] for index in frames.values()]
