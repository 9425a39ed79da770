"""`avatarify models`: what motion models there are, where they lie and how to get them."""

import argparse

HELP = "List, download, import and describe motion models."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("path", help="print the folder that models are kept in")


def run(arguments: argparse.Namespace) -> int:
    """Do the action that was asked for."""
    return 0
