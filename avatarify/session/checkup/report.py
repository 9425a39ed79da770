"""A report for others: what runs here, what the doctor found, and the end of the log."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from avatarify.errors import OutputError
from avatarify.session.checkup.finding import Finding
from avatarify.session.checkup.program import program_lines
from avatarify.session.keeping.log_file import log_path

_LOG_LINES = 200


def write_report(path: Path, findings: Sequence[Finding]) -> None:
    """Write a report that can be sent to strangers.

    Args:
        path: The text file; replaced if it exists.
        findings: Of the doctor.

    Raises:
        OutputError: It cannot be written.
    """
    parts = [
        "\n".join(program_lines()),
        "\n".join(_lines(finding) for finding in findings),
        f"The last {_LOG_LINES} lines of the log:\n{_log()}",
    ]
    try:
        path.write_text(without_home("\n\n".join(parts), Path.home()) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"The report {path} could not be written ({error.strerror}). Choose another place."
        ) from error


def without_home(text: str, home: Path) -> str:
    """Take the home folder's name out, which mostly is the user's: `~` stands for the folder.

    Args:
        text: Any text with paths in it.
        home: The user's home folder.
    """
    for path in {str(home), str(home.resolve())}:
        text = re.sub(rf"{re.escape(path)}(?=[/\\]|\W|$)", "~", text)
    if not home.name:
        return text
    # The same name elsewhere: /media/NAME/disk, /run/user/NAME, C:\Users\NAME.
    return re.sub(rf"(?<=[/\\]){re.escape(home.name)}(?=[/\\]|\W|$)", "USER", text)


def _lines(finding: Finding) -> str:
    line = f"{finding.level:<8} {finding.subject}: {finding.text}"
    return f"{line}\n{'':8} -> {finding.advice}" if finding.advice else line


def _log() -> str:
    try:
        with log_path().open(encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-_LOG_LINES:]).strip() or "(empty)"
    except OSError as error:
        return f"(none: {os.strerror(error.errno) if error.errno else error})"
