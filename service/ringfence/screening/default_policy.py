"""The policy that is built in, for a graph where nobody has enforced one."""

from functools import cache
from importlib.resources import files
from typing import Final

from ringfence.domain.policies import Policy, PolicyMode
from ringfence.domain.policy_reading import read_draft

FILE: Final = "default_policy.toml"
BUILT_IN_VERSION: Final = 0


@cache
def default_policy() -> Policy:
    """The built-in policy, version 0; `default_policy.toml` tells its values and why."""
    text = files("ringfence.screening").joinpath(FILE).read_text(encoding="utf-8")
    return Policy.of(read_draft(text, where=FILE, toml=True), BUILT_IN_VERSION, PolicyMode.ENFORCED)
