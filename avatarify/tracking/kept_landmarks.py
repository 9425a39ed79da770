"""The landmark networks as graphs on the disk: a later start needs no torch to find faces.

torch takes seconds to load, and only turns the model into graphs, which OpenVINO then runs. So the
graphs are kept, in the user's cache or in a bundle, with answers that torch gave: they are believed
only as long as the processor at hand gives the same ones.
"""

import hashlib
import json
import logging
import os
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from avatarify.networks.landmark_points import LANDMARKS, LandmarkConfig
from avatarify.networks.silent_openvino import openvino
from avatarify.shipped import shipped
from avatarify.tracking.landmark_crops import Points
from avatarify.tracking.landmark_engine import LandmarkEngine, agree, by_openvino, example

if TYPE_CHECKING:
    from avatarify.tracking.landmark_compiler import CompiledLandmarks
    from avatarify.tracking.landmark_file import LandmarkModel

_LOG = logging.getLogger(__name__)

SHIPPED = "landmarks.npz"
"""Under this name a bundle brings the graphs of the model that it brings."""

_NETWORKS = 4
_PACKAGE = Path(__file__).resolve().parents[1]
_SHAPING = (
    "networks/expression_net.py",
    "networks/landmark_net.py",
    "tracking/kept_landmarks.py",
    "tracking/landmark_compiler.py",
)
"""Sources of the package that what is kept follows from."""


@dataclass(frozen=True, slots=True, eq=False)
class ReadyLandmarks:
    """All that finds a face's points, ready to run."""

    engine: LandmarkEngine
    """Runs the networks; use a sibling of it."""

    config: LandmarkConfig
    """Their sizes."""

    mean: Points
    """(478, 3), the mean face: upright, its irises 1 apart."""

    head: Points
    """(478, 3), the average head in centimetres, y up, the face towards +z."""


def open_landmarks(path: Path) -> ReadyLandmarks:
    """Compile a model, from what is kept of it where that can be.

    Args:
        path: Our `landmarks.safetensors`.

    Raises:
        TrackerError: The file is missing, damaged or foreign.
    """
    key = _key(path)
    own = default_folder() / f"{key[:32]}.npz"
    for place in (shipped(SHIPPED), own) if key else ():
        ready = _read(place, key)
        if ready is not None:
            return ready
    from avatarify.tracking.landmark_compiler import compile_landmarks
    from avatarify.tracking.landmark_file import load_landmark_model

    model = load_landmark_model(path)
    compiled = compile_landmarks(model.net, model.expression)
    if compiled.graphs and key:
        _keep(own, key, model, compiled)
    return ReadyLandmarks(compiled.engine, model.net.config, model.net.mean.numpy(), model.head)


def write_landmarks(path: Path, destination: Path) -> None:
    """Write the graphs of a model, for a bundle.

    Args:
        path: Our `landmarks.safetensors`.
        destination: Where they go.

    Raises:
        TrackerError: The file is missing, damaged or foreign, or OpenVINO does not run it.
        OSError: They could not be written.
    """
    from avatarify.errors import TrackerError
    from avatarify.tracking.landmark_compiler import compile_landmarks
    from avatarify.tracking.landmark_file import load_landmark_model

    model = load_landmark_model(path)
    compiled = compile_landmarks(model.net, model.expression)
    if not compiled.graphs:
        raise TrackerError("OpenVINO does not run the landmark model; the log says why.")
    with destination.open("wb") as file:
        _write(file, _key(path), model, compiled)


def default_folder() -> Path:
    """Return the folder in the user's cache."""
    return user_cache_path("avatarify", appauthor=False) / "landmarks"


def _key(path: Path) -> str:
    """Return a hash of the model, and of what makes graphs of it; empty where there are none."""
    try:
        parts = [path.read_bytes(), *((_PACKAGE / name).read_bytes() for name in _SHAPING)]
        digest = hashlib.sha256(openvino().__version__.encode())
    except (OSError, ValueError, ImportError):
        return ""
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _read(place: Path, key: str) -> ReadyLandmarks | None:
    """Read what is kept; None if there is nothing, or nothing to believe."""
    try:
        with place.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        header = json.loads(arrays["header"].tobytes())
        if header["key"] != key:
            return None
        sizes: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in header["config"].items()
        }
        config = LandmarkConfig(**sizes)
        engine = _engine(arrays, config)
        mean, head = (arrays[n].astype(np.float32).reshape(LANDMARKS, 3) for n in ("mean", "head"))
    except FileNotFoundError:
        return None
    except (OSError, BadZipFile, ValueError, KeyError, TypeError, EOFError, RuntimeError) as error:
        _LOG.info("The landmark networks are compiled anew: %s", str(error).partition("\n")[0])
        return None
    return ReadyLandmarks(engine, config, mean, head)


def _engine(arrays: dict[str, NDArray[np.generic]], size: LandmarkConfig) -> LandmarkEngine:
    core = openvino().Core()
    shapes = (
        (1, size.face_size, size.face_size, 3),
        (1, size.mouth_size, size.mouth_size, 3),
        (2, size.eye_size, size.eye_size, 3),
        (1, LANDMARKS, 3),
    )
    makers = []
    for number, shape in enumerate(shapes):
        xml, weights = (arrays[f"{name}{number}"].tobytes() for name in ("graph", "weights"))
        make = by_openvino(core.read_model(model=xml, weights=weights))
        found = make()(example(shape, is_picture=shape[-1] == 3 and len(shape) == 4))
        wanted = [arrays[f"answer{number}_{i}"].astype(np.float32) for i in range(len(found))]
        if not agree(found, wanted):
            raise ValueError("this processor computes something else")
        makers.append(make)
    return LandmarkEngine(makers, "OpenVINO", arrays["spread"].astype(np.float32))


def _keep(place: Path, key: str, model: "LandmarkModel", compiled: "CompiledLandmarks") -> None:
    """Keep graphs in the place of older ones; a failure is only logged."""
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            _write(file, key, model, compiled)
        part.replace(place)
        for other in place.parent.glob("*.npz"):
            if other != place:
                other.unlink(missing_ok=True)
    except OSError as error:
        _LOG.info("The landmark networks cannot be kept in %s: %s", place.parent, error)
        with suppress(OSError):
            part.unlink()


def _write(file: BinaryIO, key: str, model: "LandmarkModel", compiled: "CompiledLandmarks") -> None:
    header = json.dumps({"key": key, "config": asdict(model.net.config)})
    arrays: dict[str, NDArray[np.generic]] = {
        "header": np.frombuffer(header.encode(), np.uint8),
        "mean": model.net.mean.numpy(),
        "head": model.head,
        "spread": model.net.spread.weight.detach().numpy(),
    }
    with tempfile.TemporaryDirectory() as folder:
        graph, weights = Path(folder) / "graph.xml", Path(folder) / "graph.bin"
        for number in range(_NETWORKS):
            openvino().serialize(compiled.graphs[number], str(graph), str(weights))
            arrays[f"graph{number}"] = np.frombuffer(graph.read_bytes(), np.uint8)
            arrays[f"weights{number}"] = np.frombuffer(weights.read_bytes(), np.uint8)
            for i, answer in enumerate(compiled.answers[number]):
                arrays[f"answer{number}_{i}"] = answer
    np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for its own
