"""How the pages become a site that works without a network.

    python -m sphinx -W docs build/docs

Sphinx with the theme furo: both come from PyPI, the theme loads no font and no script of another
host, and the search works in pages that are opened as files. (Material for MkDocs wants a script
from a foreign host for that, and ends in 2027.)
"""

import builtins
import io
import os
import re
import sys
from contextlib import redirect_stdout, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

PAGES = Path(__file__).parent
PACKAGE = PAGES.parent / "avatarify"

NOT_FOR_IMPORT = {"cli", "gui"}
"""Folders that no other program has a use for; the developer guide says what is in them."""

INDEX = """Reference
=========

What each folder offers to others, from the docstrings of its modules.

.. toctree::
   :maxdepth: 1

   {}
"""

sys.path.insert(0, str(PACKAGE.parent))

project = "Avatarify"
author = "the Avatarify authors"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 4
suppress_warnings = ["ref.python"]  # a field's name in a docstring may be the name of several
default_role = "code"
highlight_language = "none"  # fences without a language are drawings

html_theme = "furo"
html_title = "Avatarify"
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False

autodoc_member_order = "bysource"
autodoc_mock_imports = [
    name
    for name in ("lightning_fabric", "nncf", "openvino", "pynput", "tensorboard")
    if find_spec(name) is None  # extras
]
add_module_names = False
toc_object_entries = False  # every page would list what all others offer: a third of the time
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

_KEPT = re.compile(r"(`[^`]+`|(?<!\w)\*\w[^*\n]*\w\*(?!\w)|^ *>>>.*$)", re.MULTILINE)
"""Code, emphasis and examples."""

_COLON = "\ue000"
"""Stands for the colons in a field's docstring while napoleon looks for a type before one."""

_HEADING = re.compile(r"^(?=##+ )", re.MULTILINE)
_MARKUP = re.compile(r"([*|_])")


def setup(app: Sphinx) -> None:
    """Connect what follows."""
    app.connect("builder-inited", write_reference)
    app.connect("source-read", fit_into_the_site)
    app.connect("autodoc-process-docstring", escape_markup, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", restore_colons, priority=600)
    app.connect("doctree-read", take_full_names_as_such)


def write_reference(app: Sphinx) -> None:
    """Write a page of reference for each folder of the package, and one with all commands."""
    wanted = {"command_line.md": command_page()}
    for init in sorted(PACKAGE.rglob("__init__.py")):
        folder = init.parent
        parts = folder.relative_to(PACKAGE.parent).parts
        modules = [path.stem for path in sorted(folder.glob("[a-z]*.py"))]
        if modules and not NOT_FOR_IMPORT.intersection(parts):
            package = ".".join(parts)
            wanted[f"{package}.rst"] = reference_page(package, modules)
    pages = ["command_line", *(name[:-4] for name in wanted if name.endswith(".rst"))]
    wanted["index.rst"] = INDEX.format("\n   ".join(pages))
    (PAGES / "reference").mkdir(exist_ok=True)
    for path in (PAGES / "reference").iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        path = PAGES / "reference" / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:  # else it is built anew
            path.write_text(text, encoding="utf-8")


def command_page() -> str:
    """What each command says of itself."""
    from avatarify.cli import COMMANDS, build_parser

    os.environ["COLUMNS"] = "90"
    lines = ["# Command line", ""]
    for command in COMMANDS:
        said = io.StringIO()
        with redirect_stdout(said), suppress(SystemExit):
            build_parser(command).parse_args([command, "--help"])
        lines += [f"## avatarify {command}", "", "```text", said.getvalue().rstrip(), "```", ""]
    return "\n".join(lines)


def reference_page(package: str, modules: list[str]) -> str:
    """The page of one folder, module by module."""
    title = package.removeprefix("avatarify.")
    lines = [title, "=" * len(title), "", f".. automodule:: {package}", ""]
    for module in modules:
        lines += [module, "-" * len(module), "", f".. automodule:: {package}.{module}"]
        lines += ["   :members:", ""]
    return "\n".join(lines)


def fit_into_the_site(_: Sphinx, name: str, text: list[str]) -> None:
    """Let the tables, written to be read where they lie, have one title and links to pages."""
    if name.startswith("evaluation/"):
        first, *others = text[0].replace("](../../models/", "](../models/").split("\n# ")
        text[0] = "\n## ".join([first, *(_HEADING.sub("#", part) for part in others)])


def escape_markup(  # noqa: PLR0917 - the order is Sphinx's
    app: Sphinx, kind: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Read docstrings as what they are: plain words, with code between single back-ticks."""
    parts = _KEPT.split("\n".join(lines))
    parts[::2] = [_MARKUP.sub(r"\\\1", words) for words in parts[::2]]
    # An escaped space takes no room: it parts the code from letters that touch it.
    parts[1::2] = [f"\\ `{kept}`\\ " if kept[0] == "`" else kept for kept in parts[1::2]]
    text = "".join(parts)
    if kind in ("attribute", "data"):
        text = text.replace(":", _COLON)
    lines[:] = text.split("\n")


def restore_colons(  # noqa: PLR0917 - the order is Sphinx's
    app: Sphinx, kind: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Undo what hid colons from napoleon."""
    lines[:] = [line.replace(_COLON, ":") for line in lines]


def take_full_names_as_such(app: Sphinx, doctree: nodes.document) -> None:
    """Look whole names in annotations up as they stand, not at the end of every known name too.

    Sphinx asks whether a name has the mark for that, whatever the mark says. Most of them, such as
    `float`, are nobody's here: each took a walk through all names.
    """
    for name in doctree.findall(addnodes.pending_xref):
        target = name["reftarget"]
        if name.get("refspecific") is False and ("." in target or hasattr(builtins, target)):
            del name["refspecific"]
