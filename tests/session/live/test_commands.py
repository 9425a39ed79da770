"""Calls are made by the worker, in order, also those posted meanwhile."""

from avatarify.session.live.commands import Commands


def test_calls_are_made_in_order_and_once() -> None:
    commands, made = Commands(), list[int]()
    commands.post(lambda: made.append(1))
    commands.post(lambda: commands.post(lambda: made.append(3)))
    commands.post(lambda: made.append(2))
    commands.run()
    commands.run()
    assert made == [1, 2, 3]
