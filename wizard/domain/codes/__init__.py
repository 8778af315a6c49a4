"""Every kind of finding, by group; ``ALL_CODES`` finds one by its id."""

from types import MappingProxyType, ModuleType

from wizard.domain.codes import file, machine, meaning, refusals, rotation, secrets, typed, unknowns
from wizard.domain.finding import Code

GROUPS: tuple[ModuleType, ...] = (file, meaning, secrets, typed, refusals, unknowns, machine, rotation)


def _collect() -> dict[str, Code]:
    codes = [value for group in GROUPS for value in vars(group).values() if isinstance(value, Code)]
    by_id = {code.id: code for code in codes}
    if len(by_id) != len(codes):
        raise AssertionError("two kinds of finding share an id")
    return dict(sorted(by_id.items()))


ALL_CODES = MappingProxyType(_collect())
