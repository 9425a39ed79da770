"""mediapipe's library is loaded by name; its old graphs and models are not used."""

from PyInstaller.utils.hooks import collect_dynamic_libs

binaries = collect_dynamic_libs("mediapipe")
hiddenimports = ["mediapipe.tasks.python.vision"]
