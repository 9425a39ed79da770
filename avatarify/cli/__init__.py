"""The command line: which commands there are, and how a problem becomes an exit code.

A command is one module of this folder with `HELP: str`, `add_arguments(parser)` and
`run(arguments) -> int`. It is imported only when its name is on the command line, so that
`avatarify --help` costs nothing of what the commands need.
"""

import argparse
import atexit
import importlib
import io
import logging
import os
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import NoReturn, Protocol, cast

from avatarify.errors import AvatarifyError
from avatarify.file_names import is_file, shown

DONE, PROBLEM, WRONG_USAGE, INTERRUPTED, READER_LEFT = 0, 1, 2, 130, 141
"""Exit codes: 1 is a problem that the user can fix; 130 and 141 are what shells report for
Ctrl-C and for a closed pipe."""

# One line for each module of this folder, in the order of `avatarify --help`. To add a command:
# write `avatarify/cli/<name>.py` and add its line here.
COMMANDS = {
    "app": "open the window (what `avatarify` alone does)",
    "demo": "show it on a shipped clip: in the window, or as a video",
    "run": "animate an avatar live, without a window",
    "animate": "animate a portrait with the motion of a video",
    "track": "save the motion of a face in a video, without the video",
    "explain": "draw how a portrait follows one driving frame",
    "render": "render synthetic faces: training clips, avatars, the demo clip",
    "train": "train a motion model from a YAML file",
    "evaluate": "measure a motion model on clips",
    "bench": "measure every back end on this machine",
    "cameras": "list the webcams by name",
    "doctor": "check this machine and say what to do",
    "desktop": "put the program into your menu, or take it out",
    "models": "list, download, import and describe motion models",
}

DEFAULT_COMMAND = "app"

LOGGED_COMMANDS = frozenset({"app", "demo", "run", "animate", "track", "models"})
"""Those that users need help with; a training has a log of its own."""

_LONGEST_WORD = 600
"""Letters of one word in an error, such as the path of a file; what is longer loses its middle."""


class CommandModule(Protocol):
    """What every module in `COMMANDS` offers."""

    HELP: str
    """What `avatarify NAME --help` says above the arguments."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's arguments."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do the work and return the exit code."""


class _PrintVersion(argparse.Action):
    """Look the version up only when asked: the look-up is a slow import."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from avatarify.session.checkup.program import program_lines

        for line in program_lines():
            print(line)
        parser.exit()


def load(command: str) -> CommandModule:
    """Import the module of one command of `COMMANDS`."""
    return cast(CommandModule, importlib.import_module(f"avatarify.cli.{command}"))


def build_parser(chosen: str | None = None) -> argparse.ArgumentParser:
    """Make the parser of the whole command line.

    Args:
        chosen: The one command whose module is imported and whose arguments are declared; the
            others are only listed.
    """
    parser = argparse.ArgumentParser(
        prog="avatarify", description="Animate a portrait with the motion of a face, live."
    )
    parser.add_argument("--version", action=_PrintVersion, nargs=0, help="print it and exit")
    parser.add_argument("--debug", action="store_true", help="log more; show tracebacks")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        subparser = commands.add_parser(name, help=summary)
        if name == chosen:
            module = load(name)
            subparser.description = module.HELP
            # Also after the command's name; SUPPRESS keeps a --debug given before it.
            subparser.add_argument("--debug", action="store_true", default=argparse.SUPPRESS)
            module.add_arguments(subparser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: The arguments after the program's name. Without a command the window opens. When left
            out, those of this process, which ends here if it has loaded torch, or if a thread still
            waits for a device.
    """
    if argv is not None:
        return _code_of(list(argv))
    code = _code_of(sys.argv[1:])
    if "torch" in sys.modules or any(thread.daemon for thread in threading.enumerate()):
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the process in order, but without taking torch apart, which takes half a second.

    Nothing in it can be had from Python's own exit: without its garbage collector (`gc.freeze`)
    that still takes a third of its time, to free one by one the objects that the system frees at
    once. On a machine with eight other busy programs: 2.1 s, frozen 0.7 s, this way 0.1 s.

    And a thread that comes back from a library in C++ after Python's own exit began ends the whole
    process with SIGABRT.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # ends idle pools, joins threads
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or there is none
            stream.flush()
    os._exit(code)


def _code_of(words: list[str]) -> int:
    chosen = next((word for word in words if not word.startswith("-")), None)
    if chosen is None and not {"-h", "--help", "--version"} & set(words):
        chosen = DEFAULT_COMMAND
        words.append(chosen)
    if chosen is not None and chosen not in COMMANDS and is_file(Path(chosen)):
        chosen = DEFAULT_COMMAND  # a picture that was dropped on the program's icon
        words.insert(0, chosen)
    _accept_any_text()
    try:
        arguments = build_parser(chosen).parse_args(words)
        _log_to_stderr(debug=arguments.debug)
        return _run(arguments)
    except SystemExit as exit_request:  # argparse leaves this way after --help and wrong usage
        return exit_request.code if isinstance(exit_request.code, int) else WRONG_USAGE
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has left, as `head` does. Without this the interpreter would
        # complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_LEFT


def _run(arguments: argparse.Namespace) -> int:
    from avatarify.session.keeping.log_file import log_file

    try:
        with log_file() if arguments.command in LOGGED_COMMANDS else nullcontext():
            logging.getLogger(__name__).info("%s begins.", arguments.command)
            code = load(arguments.command).run(arguments)
    except AvatarifyError as error:
        if arguments.debug:
            traceback.print_exc()
        code = _tell(str(error))
    except BrokenPipeError:
        raise
    except OSError as error:
        # What reads and writes tells its own errors; this is for what nobody has thought of.
        if arguments.debug:
            traceback.print_exc()
        where = "" if error.filename is None else f" ({error.filename})"
        code = _tell(
            f"The system refuses: {error.strerror or error}{where}. Check the path, the "
            "permissions and the free space."
        )
    sys.stdout.flush()
    return code


def _tell(text: str) -> int:
    """Print what went wrong as one line that no terminal takes for a command."""
    line = " ".join(word if len(word) < _LONGEST_WORD else shown(word) for word in text.split())
    print(
        "avatarify: " + "".join(sign if sign.isprintable() else "?" for sign in line),
        file=sys.stderr,
    )
    return PROBLEM


def _accept_any_text() -> None:
    """Let a name with letters that the terminal cannot show be printed with question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _log_to_stderr(*, debug: bool) -> None:
    logging.basicConfig(
        format="%(levelname)s %(name)s: %(message)s" if debug else "avatarify: %(message)s"
    )
    if debug:
        logging.getLogger("avatarify").setLevel(logging.DEBUG)
    else:
        for handler in logging.getLogger().handlers:
            handler.setLevel(max(handler.level, logging.WARNING))  # the log file hears more
