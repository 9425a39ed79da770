"""The learning rate's course over a run."""

import math

from avatarify.training.settings import OptimiserSettings


def rate_at(step: int, steps: int, settings: OptimiserSettings) -> float:
    """Return the learning rate at a step, as a share of the settings' rate.

    Args:
        step: From 0.
        steps: Length of the run.
        settings: Schedule, warm-up and milestones.
    """
    warm = min(1.0, (step + 1) / max(1, settings.warm_up))
    if settings.schedule == "step":
        passed = sum(step >= milestone for milestone in settings.milestones)
        return float(warm * 0.1**passed)
    done = min(1.0, step / max(1, steps))
    share = settings.final_rate + (1.0 - settings.final_rate) * (1.0 + math.cos(math.pi * done)) / 2
    return warm * share
