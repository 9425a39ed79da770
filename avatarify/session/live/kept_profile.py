"""The profile of the avatar that is shown: taken up when it is chosen, written when it changes."""

from dataclasses import replace
from typing import Any

from avatarify.session.avatars.avatar import Avatar
from avatarify.session.avatars.profiles import (
    AvatarProfile,
    DrivingReference,
    ProfileStore,
    avatar_key,
)


class KeptProfile:
    """What the user settles now, for the present avatar."""

    def __init__(self, store: ProfileStore) -> None:
        """Begin without an avatar.

        Args:
            store: Where profiles are kept.
        """
        self._store = store
        self._stored_reference: DrivingReference | None = None
        self.value = AvatarProfile()
        self.avatar: Avatar | None = None

    def change(self, **changes: Any) -> None:
        """Change fields of the profile; nothing is written yet."""
        self.value = replace(self.value, **changes)

    def take_up(self, avatar: Avatar) -> AvatarProfile:
        """Turn to an avatar; one without a profile begins with the defaults.

        What was tuned for another face is wrong for this one. Only the driver stays the same: the
        model keeps its driving reference where the profile has none.
        """
        self.avatar = avatar
        self.value = self._store.load(avatar_key(avatar.image)) or AvatarProfile()
        self._stored_reference = self.value.reference
        return self.value

    def keep(self, reference: DrivingReference | None, *, is_users: bool) -> None:
        """Write the profile, if there is an avatar.

        Args:
            reference: The model's driving reference now.
            is_users: Whether the user is the driver; the person in a clip does not calibrate the
                avatar for the user.
        """
        if self.avatar is None:
            return
        kept = reference if is_users else self._stored_reference
        self._store.save(avatar_key(self.avatar.image), replace(self.value, reference=kept))
