"""`avatarify desktop`: the program in the menu of this user's desktop."""

import argparse
import os
import sys

from avatarify.errors import OutputError

HELP = (
    "Put the program into your desktop's menu, with its icon and as something that pictures can be "
    "opened with; or take it out again. Linux only: elsewhere the installer does it."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("install", help="write the menu entry and the icons, for you alone")
    actions.add_parser("remove", help="delete them")


def run(arguments: argparse.Namespace) -> int:
    """Do the action that was asked for."""
    if sys.platform in ("win32", "darwin"):
        raise OutputError(
            "The installer of the bundle fills this system's menu. With pip, start the program by "
            "the command `avatarify`."
        )
    from avatarify.gui.desktop import menu_entry
    from avatarify.session.checkup.program import program_version

    share = menu_entry.user_share(os.environ)
    if arguments.action == "install":
        command = menu_entry.program_command()
        written = menu_entry.install(share, command, program_version())
        print(
            f"Avatarify is in your menu; it starts {' '.join(command)}. `avatarify desktop remove`"
        )
        print(f"takes it out. Written: {len(written)} files below {share}.")
    else:
        deleted = menu_entry.remove(share)
        print(f"Deleted {len(deleted)} files below {share}." if deleted else "It was not there.")
    menu_entry.refresh(share)
    return 0
