"""A private desktop session without a desktop: a message bus, PipeWire and what Chromium needs.

Nothing of the machine's own session is touched: sockets lie in a temporary folder, and every
process is started here and ended here.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_PERMISSION_STORE = Path("/usr/libexec/xdg-permission-store")
_PORTAL = Path("/usr/libexec/xdg-desktop-portal")
_START_TIMEOUT_S = 10.0
_NUMBER = re.compile(r"^\d+\n", re.MULTILINE)


def missing_packages(programs: Mapping[str, str]) -> str:
    """Return the Debian packages to install, given program to package; empty if all are there."""
    return " ".join(
        package for program, package in programs.items() if shutil.which(program) is None
    )


class LinuxSession:
    """Starts processes that share one bus and one PipeWire; `close` ends them, newest first."""

    def __init__(self, folder: Path) -> None:
        runtime = folder / "runtime"
        runtime.mkdir(mode=0o700)
        self.environment = {
            **os.environ,
            "XDG_RUNTIME_DIR": str(runtime),
            "PIPEWIRE_RUNTIME_DIR": str(runtime),
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        self._folder = folder
        self._runtime = runtime
        self._processes: list[subprocess.Popen[bytes]] = []
        self._logs: dict[int, Path] = {}

    def start(
        self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        """Start a program of the session; what it prints goes to a file beside the sockets."""
        path = self._folder / f"{len(self._processes):02d}-{Path(command[0]).name}.log"
        with path.open("wb") as log:
            process = subprocess.Popen(
                [str(part) for part in command],
                env={**self.environment, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        self._logs[process.pid] = path
        return process

    def printed_by(self, process: subprocess.Popen[bytes]) -> str:
        """Return what a program of the session has printed until now."""
        return self._logs[process.pid].read_text(errors="replace")

    def start_display(self) -> None:
        """Start an X server without a screen. Before the bus: the portal needs to find it."""
        server = self.start(
            # It chooses a number that is free, also beside other tests, and prints it once it runs.
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
        )
        wait_until(lambda: _NUMBER.search(self.printed_by(server)) is not None, "the X server")
        number = _NUMBER.search(self.printed_by(server))
        assert number is not None
        self.environment["DISPLAY"] = f":{number[0].strip()}"
        self.environment.pop("WAYLAND_DISPLAY", None)

    def start_bus(self) -> None:
        """Start the session's message bus."""
        address = f"unix:path={self._runtime}/bus"
        self.start(["dbus-daemon", "--session", "--nofork", "--nopidfile", f"--address={address}"])
        wait_until((self._runtime / "bus").exists, "the message bus")
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address

    def start_pipewire(self) -> None:
        """Start PipeWire and WirePlumber, which links readers to cameras."""
        self.start(["pipewire"])
        wait_until((self._runtime / "pipewire-0").exists, "PipeWire")
        self.start(["wireplumber"])
        wait_until(lambda: "WirePlumber" in self.output(["pw-cli", "ls", "Client"]), "WirePlumber")

    def start_portal(self) -> None:
        """Start the camera portal, with the permission already given."""
        self.start([_PERMISSION_STORE])
        store = "org.freedesktop.impl.portal.PermissionStore"
        call = ["gdbus", "call", "--session", "--timeout", "5", "--dest", store]
        call += ["--object-path", "/org/freedesktop/impl/portal/PermissionStore"]
        permission = [f"{store}.SetPermission", "devices", "true", "camera", "", "['yes']"]
        wait_until(lambda: self.output([*call, "--method", *permission]) != "", "permissions")
        self.start([_PORTAL])
        look = ["gdbus", "introspect", "--session"]
        look += ["--dest", "org.freedesktop.portal.Desktop"]
        look += ["--object-path", "/org/freedesktop/portal/desktop"]
        wait_until(lambda: "IsCameraPresent" in self.output(look), "the camera portal")

    def output(self, command: Sequence[str]) -> str:
        """Run a short program and return what it prints; empty when it fails."""
        with suppress(subprocess.SubprocessError):
            return subprocess.run(
                command,
                env=self.environment,
                capture_output=True,
                text=True,
                timeout=10,
                check=True,
            ).stdout
        return ""

    def logs(self) -> str:
        """Return everything that the session's programs printed, for a failing test."""
        return "\n".join(
            f"--- {path.name}\n{path.read_text(errors='replace')[-2000:]}"
            for path in sorted(self._folder.glob("*.log"))
        )

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End one program and whatever it started."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal_number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
                return

    def close(self) -> None:
        """End every program."""
        for process in reversed(self._processes):
            self.stop(process)


def wait_until(is_true: Callable[[], bool], what: str, timeout_s: float = _START_TIMEOUT_S) -> None:
    """Wait until something holds.

    Raises:
        TimeoutError: It did not in time.
    """
    deadline = time.monotonic() + timeout_s
    while not is_true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited {timeout_s:g} s for {what}")
        time.sleep(0.05)
