"""The doctor's report in the window: each line ok, or what to do about it."""

import html
from collections.abc import Callable, Iterable

from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from avatarify.gui.pieces.background import Background
from avatarify.gui.pieces.theme import Colours
from avatarify.gui.pieces.widgets import label
from avatarify.session.checkup.doctor import examine
from avatarify.session.checkup.finding import Finding, Level

KEYS = (
    ("1 to 9", "avatar"), ("A, D", "avatar before, next"), ("X", "calibrate"),
    ("F", "calibrate automatically"), ("0", "hold the still avatar"), ("W, S", "closer, further"),
    ("Ctrl+arrows", "move the crop"), ("Z, C", "ghost of the avatar, less or more"),
    ("R, T", "mirror the camera, the picture"), ("O", "landmarks"), ("I", "information"),
    ("V", "X-ray"), ("Ctrl+S, Ctrl+R", "snapshot, record"), ("Ctrl+Z", "undo calibration"),
    ("Ctrl+O, Ctrl+V", "add a picture from a file, from the clipboard"),
    ("Ctrl+E", "correct the avatar's face"), ("Esc", "quit"),
)  # fmt: skip
_MARKS = {Level.OK: "ok", Level.WARNING: "look", Level.PROBLEM: "problem"}


class HelpPage(QDialog):
    """Keys, and what is fit on this machine."""

    def __init__(
        self,
        background: Background,
        colours: Colours,
        parent: QWidget | None = None,
        check: Callable[[], Iterable[Finding]] = examine,
    ) -> None:
        """Open and start to look.

        Args:
            background: Where the machine is examined.
            colours: Of the theme.
            parent: The window.
            check: Examines the machine.
        """
        super().__init__(parent)
        self.setWindowTitle("Help and check")
        self._background = background
        self._colours = colours
        self._check = check
        self._findings: tuple[Finding, ...] = ()
        self._summary = label("", "section")
        self.report = QTextBrowser()
        self.report.setOpenLinks(False)
        self.report.setAccessibleName("State of this machine")
        self.again_button = QPushButton("Check &again")
        self.again_button.clicked.connect(self.refresh)
        copy_button = QPushButton("&Copy")
        copy_button.setToolTip("Copy the report as text, to ask for help with it")
        copy_button.clicked.connect(self.copy)
        close_button = QPushButton("C&lose")
        close_button.clicked.connect(self.close)
        line = QHBoxLayout()
        line.addWidget(self._summary, stretch=1)
        for button in (self.again_button, copy_button, close_button):
            line.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.setSpacing(10)
        layout.addWidget(self.report)
        layout.addLayout(line)
        self.resize(720, 560)
        self.refresh()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found."""
        return self._findings

    def refresh(self) -> None:
        """Look again, in the background."""
        self.again_button.setEnabled(False)
        self._summary.setText("Looking…")
        self._show(())
        self._background.run(lambda: tuple(self._check()), self._take)

    def copy(self) -> None:
        """Put the report on the clipboard."""
        lines = [
            f"{finding.level}: {finding.subject}: {finding.text} {finding.advice}".rstrip()
            for finding in self._findings
        ]
        QApplication.clipboard().setText("\n".join(lines))

    def _take(self, findings: tuple[Finding, ...]) -> None:
        self._findings = findings
        self.again_button.setEnabled(True)
        counts = [sum(finding.level is level for finding in findings) for level in Level]
        self._summary.setText(f"{counts[0]} ok, {counts[1]} to look at, {counts[2]} problems")
        self._show(findings)

    def _show(self, findings: tuple[Finding, ...]) -> None:
        rank = list(reversed(Level))
        worst_first = sorted(findings, key=lambda finding: rank.index(finding.level))
        rows = "".join(map(self._row, worst_first))
        keys = "".join(
            f"<tr><td style='padding:2px 18px 2px 0'><b>{key}</b></td><td>{words}</td></tr>"
            for key, words in KEYS
        )
        self.report.setHtml(
            f"<h3>This machine</h3><table cellspacing='0'>{rows}</table>"
            f"<h3>Keys</h3><table cellspacing='0'>{keys}</table>"
        )

    def _row(self, finding: Finding) -> str:
        colours = {
            Level.OK: self._colours.fine,
            Level.WARNING: self._colours.warning,
            Level.PROBLEM: self._colours.danger,
        }
        advice = ""
        if finding.advice:
            advice = (
                f"<br><span style='color:{self._colours.dim}'>{html.escape(finding.advice)}</span>"
            )
        return (
            f"<tr><td style='padding:4px 14px 4px 0;color:{colours[finding.level]}'>"
            f"<b>{_MARKS[finding.level]}</b></td>"
            f"<td style='padding:4px 14px 4px 0'><b>{html.escape(finding.subject)}</b></td>"
            f"<td style='padding:4px 0'>{html.escape(finding.text)}{advice}</td></tr>"
        )
