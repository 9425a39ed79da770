"""`avatarify models`: which motion models there are, where they lie and how to get them."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from avatarify.errors import CheckpointError
from avatarify.file_names import is_file, not_found, text_path
from avatarify.zoo import registry, store
from avatarify.zoo.local_file import install_file
from avatarify.zoo.published_file import check_content
from avatarify.zoo.registry import PublishedModel

HELP = "List, describe, download and import motion models."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="show every model and whether it is installed")
    info = actions.add_parser("info", help="show all that is known about one model")
    info.add_argument("name", metavar="NAME")
    pull = actions.add_parser("pull", help="download a published model")
    pull.add_argument("name", metavar="NAME")
    pull.add_argument(
        "--from",
        dest="file",
        type=Path,
        metavar="FILE",
        help="use this file: nothing is downloaded",
    )
    importing = actions.add_parser("import", help="convert a published checkpoint once")
    importing.add_argument("file", type=Path, metavar="FILE", help="a published *.pth.tar")
    importing.add_argument(
        "--config",
        type=Path,
        metavar="YAML",
        help="its configuration, if the file is neither known nor beside it",
    )
    importing.add_argument("--name", help="what to call it (default: by its file)")
    actions.add_parser("path", help="print the folder that new models are written to")


def run(arguments: argparse.Namespace) -> int:
    """Do the action that was asked for."""
    match arguments.action:
        case "list":
            _list()
        case "info":
            _describe(arguments.name)
        case "pull":
            _pull(registry.by_name(arguments.name), arguments.file)
        case "import":
            _import(arguments.file, arguments.config, arguments.name)
        case "path":
            print(store.writable_folder())
    return 0


def _list() -> None:
    rows = [("NAME", "STATE", "SIZE", "WHAT IT IS")]
    for model in registry.MODELS:
        path = store.find(model.installed_name)
        size = path.stat().st_size if path else model.size_bytes
        is_code = path is None and model.works_without_file
        size_text = "" if is_code else _megabytes(size)
        rows.append((model.name, _state(model, path), size_text, model.summary))
    for path in store.imported():
        size_text = _megabytes(path.stat().st_size)
        rows.append((path.stem, "installed", size_text, f"imported, {path}"))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, state, size_text, summary in rows:
        print(f"{name:{widths[0]}}  {state:{widths[1]}}  {size_text:>{widths[2]}}  {summary}")


def _state(model: PublishedModel, path: Path | None) -> str:
    if path is not None:
        return "installed"
    if model.works_without_file:
        return "built in"
    return "missing" if model.is_shipped else "not installed"


def _describe(name: str) -> None:
    model = next((model for model in registry.MODELS if model.name == name), None)
    path = store.find(model.installed_name) if model else store.locate(name)
    facts = {"name": name, **(_published_facts(model) if model else {})}
    absent = "built in, needs no file" if model and model.works_without_file else "no"
    facts["installed"] = f"{path}, {_megabytes(path.stat().st_size)}" if path else absent
    if path is not None and path.suffix == store.MODEL_SUFFIX:
        facts |= _facts_inside(path)
    for fact, value in facts.items():
        print(f"{fact + ':':15}{value}")


def _published_facts(model: PublishedModel) -> dict[str, str]:
    facts = {"what it is": model.summary, "licence": model.licence}
    if model.card:
        facts["card"] = str(store.SHIPPED_FOLDER / model.card)
    if not model.is_shipped:
        facts["published as"] = f"{model.published_name}, {_megabytes(model.size_bytes)}"
        facts["content"] = _lines(map(str, model.fingerprints))
        facts["mirrors"] = _lines(model.mirrors)
    if model.pages:
        facts["by browser"] = _lines(model.pages)
    return facts


def _facts_inside(path: Path) -> dict[str, str]:
    from safetensors import SafetensorError, safe_open

    try:
        with text_path(path) as named, safe_open(named, framework="numpy") as file:
            inside = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise CheckpointError(f"{path} is broken ({error}). Get it again.") from error
    return {key: _indented(text) for key, text in sorted(inside.items())}


def _pull(model: PublishedModel, file: Path | None) -> None:
    installed = store.find(model.installed_name)
    if installed is not None:
        print(f"{model.name} is already installed: {installed}")
        return
    if model.works_without_file:
        print(f"{model.name} is built in and needs no file.")
        return
    if model.is_shipped:
        store.locate(model.name)  # raises, and says where it was looked for
    if file is not None:
        _require_file(file)
        check_content(file, model.name, model.fingerprints)
        _install(model, file)
        return
    published = _download(model)
    if model.needs_conversion:
        _install(model, published)
        published.unlink()  # everything that is used of it is in the converted file
    else:
        print(f"Installed {model.name}: {published}")


def _download(model: PublishedModel) -> Path:
    from tqdm import tqdm

    from avatarify.zoo.download import download

    with tqdm(total=model.size_bytes, unit="B", unit_scale=True, desc=model.published_name) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return download(model, store.writable_folder(), show)


def _install(model: PublishedModel, file: Path) -> None:
    """Put a published file that was checked where the program finds it."""
    if model.config is not None:
        _convert(file, model.config, model.name, model.installed_name)
        return
    destination = install_file(model, file, store.writable_folder())
    print(f"Installed {model.name}: {destination}")


def _import(file: Path, config: Path | None, name: str | None) -> None:
    _require_file(file)
    published = _published_as(file)
    if name is None:
        name = published.name if published else _name_of(file)
    if Path(name).name != name:
        raise CheckpointError(f"A model cannot be called {name}: choose a name without folders.")
    existing = store.find(name + store.MODEL_SUFFIX)
    if existing is not None:
        raise CheckpointError(f"{name} is already installed: {existing}. Choose another --name.")
    if config is None and published is not None:
        config = published.config
    _convert(file, config, name, name + store.MODEL_SUFFIX)


def _published_as(file: Path) -> PublishedModel | None:
    """Return the model of the registry that this file is, told by its content."""
    from avatarify.zoo.download import is_published

    convertible = (model for model in registry.MODELS if model.needs_conversion)
    return next((model for model in convertible if is_published(file, model)), None)


def _convert(file: Path, config: Path | None, name: str, installed_name: str) -> None:
    from avatarify.animation.checkpoint import import_published

    print(f"Converting {file}", flush=True)
    destination = _destination(installed_name)
    import_published(file, config, destination)
    print(f"Installed {name}: {destination}. Use it with --model {name}")


def _destination(file_name: str) -> Path:
    from avatarify.zoo.download import make_folder

    make_folder(store.writable_folder())
    return store.writable_folder() / file_name


def _require_file(file: Path) -> None:
    if not is_file(file):
        raise CheckpointError(not_found("file", file))


def _name_of(file: Path) -> str:
    name = file.name
    for ending in (".tar", ".pth", ".pt", ".ckpt", store.MODEL_SUFFIX, "-cpk"):
        name = name.removesuffix(ending)
    return name


def _megabytes(size_bytes: int | None) -> str:
    return "?" if size_bytes is None else f"{size_bytes / 1e6:.0f} MB"


def _lines(texts: Iterable[str]) -> str:
    return ("\n" + " " * 15).join(texts)


def _indented(text: str) -> str:
    """Spread a JSON text over lines; leave any other text as it is."""
    try:
        return _lines(json.dumps(json.loads(text), indent=2).splitlines())
    except ValueError:
        return text
