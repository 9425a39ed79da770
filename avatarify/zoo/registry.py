"""The models that have a name: who published them, under which licence, and where.

A model is listed only if its file can be told from a wrong one, that is, if a digest is known.
"""

from dataclasses import dataclass
from pathlib import Path

from avatarify.errors import CheckpointError
from avatarify.zoo.published_file import Fingerprint


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """One named model."""

    name: str
    """What the user calls it: `--model NAME`."""

    summary: str
    """One line on what it is."""

    installed_name: str
    """The file that the program loads, in one of the models folders."""

    licence: str
    """The licence, and what is known of its reach."""

    published_name: str = ""
    """The file as published; it is converted unless it is also the installed one."""

    fingerprints: tuple[Fingerprint, ...] = ()
    """Every content that was published under that name; empty if it ships with the program."""

    mirrors: tuple[str, ...] = ()
    """Addresses of the file itself, in the order in which they are tried."""

    pages: tuple[str, ...] = ()
    """Pages from which a person can fetch the file with a browser."""

    config: Path | None = None
    """The networks' parameters, if the published file must be converted."""

    card: str = ""
    """A page about it among the shipped models: what it can do, its data and their licences."""

    works_without_file: bool = False
    """The program computes it itself; the file only refines what comes out."""

    @property
    def size_bytes(self) -> int | None:
        """The size of the published file; the larger one if there are two."""
        sizes = [known.size_bytes for known in self.fingerprints if known.size_bytes is not None]
        return max(sizes, default=None)

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with the program and is never downloaded."""
        return not self.fingerprints

    @property
    def needs_conversion(self) -> bool:
        """Whether the published file is converted before the program loads it."""
        return self.config is not None


_VOX_CONFIG = Path(__file__).with_name("vox-256.yaml")
_FOMM_LICENCE = (
    "code MIT (CC BY-NC 4.0 before 2023-06-06); the weights carry no statement of their own and "
    "were trained on VoxCeleb"
)
_FOMM_PAGES = (
    "https://drive.google.com/drive/folders/1PyQJmkdCsAkOYwUyaj_l-l0as-iLDgeH",
    "https://yadi.sk/d/lEw8uRm140L_eQ",
)
_FOMM_RELEASE = (
    "https://github.com/graphemecluster/first-order-model-demo/releases/download/checkpoints"
)

FACE = PublishedModel(
    name="face",
    summary="the default: moves a portrait by the 478 landmarks of your face",
    installed_name="face.safetensors",
    licence="MIT; what it was tuned on is in its card",
    card="FACE_CARD.md",
    works_without_file=True,
)

COMPACT = PublishedModel(
    name="compact",
    summary="for pictures without a human face: small, first order, 512x512 pictures",
    installed_name="compact.safetensors",
    licence="MIT; its data and their licences are in its card",
    card="MODEL_CARD.md",
)

VOX_256 = PublishedModel(
    name="vox-256",
    summary="First Order Motion Model, faces at 256x256",
    installed_name="vox-256.safetensors",
    licence=_FOMM_LICENCE,
    published_name="vox-cpk.pth.tar",
    fingerprints=(
        Fingerprint(
            "sha256",
            "abb41ab1f279f26326c0d6e4d20702de6658364665aa1313daa7a63e89ea2b23",
            728_766_691,
        ),
    ),
    mirrors=(
        f"{_FOMM_RELEASE}/vox-cpk.pth.tar",
        "https://media.githubusercontent.com/media/wisehackermonkey/deepfakes-server/"
        "57f432bea4bb20e116642aa019f392296259c1f8/vox-cpk.pth.tar",
    ),
    pages=(*_FOMM_PAGES, "https://huggingface.co/MCMLXXXVII/thinplatesv1"),
    config=_VOX_CONFIG,
)

VOX_ADV_256 = PublishedModel(
    name="vox-adv-256",
    summary="the same, finished against a discriminator: sharper",
    installed_name="vox-adv-256.safetensors",
    licence=_FOMM_LICENCE,
    published_name="vox-adv-cpk.pth.tar",
    # Two files go by this name: the training file, and avatarify-python's without its optimizers.
    fingerprints=(
        Fingerprint(
            "sha256",
            "6792d6810d7f46e3c5c487a1cfec916b96fad8912c3c6cc81baa1fc300c820d3",
            750_926_934,
        ),
        Fingerprint("md5", "8a45a24037871c045fbb8a6a8aa95ebc"),
    ),
    mirrors=(
        f"{_FOMM_RELEASE}/vox-adv-cpk.pth.tar",
        "https://openavatarify.s3-avatarify.com/weights/vox-adv-cpk.pth.tar",
        "https://openavatarify.s3.amazonaws.com/weights/vox-adv-cpk.pth.tar",
    ),
    pages=(
        *_FOMM_PAGES,
        "https://yadi.sk/d/M0FWpz2ExBfgAA",
        "https://drive.google.com/file/d/1coUCdyRXDbpWnEkA99NLNY60mb9dQ_n3/view",
        "https://huggingface.co/ashpexx/my-models",
    ),
    config=_VOX_CONFIG,
)

FACE_LANDMARKER = PublishedModel(
    name="face-landmarker",
    summary="mediapipe's face tracker: 478 landmarks, 52 expressions",
    installed_name="face_landmarker.task",
    licence="Apache-2.0",
    published_name="face_landmarker.task",
    fingerprints=(
        Fingerprint(
            "sha256",
            "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
            3_758_596,
        ),
    ),
    mirrors=(
        "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/"
        "face_landmarker.task",
    ),
)

LANDMARKS = PublishedModel(
    name="landmarks",
    summary="our own face tracker: 478 landmarks, 52 expressions",
    installed_name="landmarks.safetensors",
    licence="MIT; its data and their licences are in its card",
    card="LANDMARKS_CARD.md",
)

MATTE = PublishedModel(
    name="matte",
    summary="tells the person in a portrait from the room",
    installed_name="matte.safetensors",
    licence="MIT; its data and their licences are in its card",
    card="FACE_CARD.md",
    works_without_file=True,
)

PARTS = (LANDMARKS, MATTE)
"""What ships and is not among `MODELS`: users do not choose them."""

MODELS = (FACE, COMPACT, VOX_256, VOX_ADV_256, FACE_LANDMARKER)


def by_name(name: str) -> PublishedModel:
    """Return the model of this name.

    Raises:
        CheckpointError: There is none.
    """
    for model in MODELS:
        if model.name == name:
            return model
    names = ", ".join(model.name for model in MODELS)
    raise CheckpointError(f"There is no published model named {name}. Known names: {names}.")
