"""The command table, exit codes and start-up cost of the command line."""

import argparse
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from avatarify import cli
from avatarify.errors import CheckpointError
from tests.odd_names import IMPOSSIBLE


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_of_the_table_offers_the_contract(name: str) -> None:
    module = cli.load(name)
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    assert module.HELP
    assert callable(module.run)


def modules_imported_by(arguments: str) -> set[str]:
    code = f"import sys; from avatarify.cli import main; main({arguments}); print(*sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return set(finished.stdout.splitlines()[-1].split())


def test_help_imports_nothing_heavy() -> None:
    heavy = {"torch", "numpy", "cv2", "mediapipe", "PySide6", "av", "matplotlib", "urllib.request"}
    assert not heavy & modules_imported_by("['--help']")


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    assert set(cli.COMMANDS) <= set(capsys.readouterr().out.split())


@pytest.mark.parametrize("word", IMPOSSIBLE)
def test_a_word_that_can_be_no_file_is_no_command(
    word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([word]) == cli.WRONG_USAGE
    assert "invalid choice" in capsys.readouterr().err


def test_a_picture_opens_the_window_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []

    def run(arguments: argparse.Namespace) -> int:
        opened.extend(arguments.pictures)
        return 0

    window = SimpleNamespace(
        HELP="Opens.",
        add_arguments=lambda parser: parser.add_argument("pictures", nargs="*", type=Path),
        run=run,
    )
    monkeypatch.setattr(cli, "load", lambda name: {"app": window}[name])
    (tmp_path / "ada.png").touch()
    assert cli.main([str(tmp_path / "ada.png")]) == 0
    assert opened == [tmp_path / "ada.png"]


def test_wrong_usage_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dance"]) == 2
    assert cli.main(["models", "dance"]) == 2
    assert "invalid choice: 'dance'" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("avatarify ")


class FailingCommand:
    """A command whose `run` raises what it is given."""

    HELP = "Fails."

    def __init__(self, problem: BaseException) -> None:
        self.problem = problem

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        pass

    def run(self, arguments: argparse.Namespace) -> int:
        raise self.problem


def run_failing(
    problem: BaseException, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> int:
    monkeypatch.setattr(cli, "COMMANDS", {"fail": "fails", cli.DEFAULT_COMMAND: "the window"})
    monkeypatch.setattr(cli, "load", lambda _name: FailingCommand(problem))
    return cli.main(arguments)


def test_a_problem_of_the_user_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = CheckpointError("The file is torn.\nDownload it again.")
    assert run_failing(problem, ["fail"], monkeypatch) == 1
    assert capsys.readouterr().err == "avatarify: The file is torn. Download it again.\n"


@pytest.mark.parametrize("arguments", [["--debug", "fail"], ["fail", "--debug"]])
def test_debug_shows_the_traceback(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_failing(CheckpointError("torn"), arguments, monkeypatch) == 1
    errors = capsys.readouterr().err
    assert "Traceback" in errors
    assert errors.endswith("avatarify: torn\n")


def test_interrupt_is_130_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_failing(KeyboardInterrupt(), ["fail"], monkeypatch) == 130
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--debug"]])
def test_no_command_means_the_window(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_failing(CheckpointError("the window failed"), arguments, monkeypatch) == 1
    assert "the window failed" in capsys.readouterr().err


def test_a_reader_that_leaves_ends_the_command_quietly() -> None:
    code = "import sys; from avatarify.cli import main; sys.exit(main(['models', 'path']))"
    command = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert command.stdout is not None
    command.stdout.close()
    assert command.wait() == cli.READER_LEFT
    assert command.stderr is not None
    assert command.stderr.read() == b""
    command.stderr.close()


def test_a_process_that_loaded_torch_leaves_at_once_but_in_order() -> None:
    """What the interpreter would have done at its end is done, and the exit code kept."""
    code = (
        "import atexit, sys, threading, time\n"
        "from avatarify import cli\n"
        "class Last:\n"
        "    def __del__(self): print('taken apart')\n"
        "sys.modules['torch'] = Last()\n"
        "atexit.register(print, 'at exit', end='')\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "idle = ThreadPoolExecutor(1); idle.submit(int)\n"  # libraries leave such ones behind
        "threading.Thread(target=lambda: (time.sleep(0.2), print('thread'))).start()\n"
        "sys.argv = ['avatarify', 'run', '--nonsense']\n"
        "sys.exit(cli.main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == cli.WRONG_USAGE
    assert done.stdout == "thread\nat exit"
    assert "--nonsense" in done.stderr


def test_a_thread_that_still_waits_for_a_device_is_left_behind_without_a_crash() -> None:
    # A library in C++ that comes back while Python takes itself apart ends in SIGABRT.
    code = """if True:
        import sys, threading, cv2, numpy as np
        from avatarify import cli
        picture = np.zeros((300, 300, 3), np.uint8)
        def wait() -> None:
            while True:
                cv2.GaussianBlur(picture, (0, 0), 5)
        for _ in range(4):
            threading.Thread(target=wait, daemon=True).start()
        sys.argv[1:] = ["models", "path"]
        sys.exit(cli.main())
    """
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout
