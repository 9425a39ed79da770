"""`avatarify doctor`: what is fit on this machine and what to do about the rest."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from avatarify.session.checkup.finding import Finding

HELP = "Check this machine: Python, graphics card, cameras, models, window. Exit code 1 if broken."

_COLOURS = {"ok": "32", "warning": "33", "problem": "31"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE.txt",
        help="also write a report for others: version, findings and the log's end, without the "
        "name of your home folder",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the report; 1 when there is a problem."""
    from avatarify.session.checkup.doctor import examine, to_json
    from avatarify.session.checkup.finding import Level, worst

    findings = []
    for finding in examine():
        findings.append(finding)
        if not arguments.json:
            print(_lines(finding, in_colour=sys.stdout.isatty()), flush=True)
    level = worst(tuple(findings))
    if arguments.json:
        print(to_json(tuple(findings)))
    else:
        print(_summary(findings))
    if arguments.report is not None:
        from avatarify.session.checkup.report import write_report

        write_report(arguments.report, findings)
        print(f"Wrote {arguments.report}. Read it before you send it.", file=sys.stderr)
    return 1 if level is Level.PROBLEM else 0


def _lines(finding: "Finding", *, in_colour: bool) -> str:
    level = f"{finding.level:<8}"
    if in_colour:
        level = f"\033[{_COLOURS[finding.level]}m{level}\033[0m"
    line = f"{level} {finding.subject}: {finding.text}"
    return f"{line}\n{'':8} -> {finding.advice}" if finding.advice else line


def _summary(findings: "list[Finding]") -> str:
    counts = {level: sum(finding.level == level for finding in findings) for level in _COLOURS}
    return (
        f"\n{counts['ok']} ok, {counts['warning']} to look at, {counts['problem']} "
        f"{'problem' if counts['problem'] == 1 else 'problems'}."
    )
