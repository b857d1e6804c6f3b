"""The rules. Importing this package registers every one of them in `RULES`: each file in here is imported."""

import importlib
import pkgutil

from registry.rules.rule import RULES, Problem, Rule, RuleContext, run

for _found in sorted(file.name for file in pkgutil.walk_packages(__path__, f"{__name__}.")):
    importlib.import_module(_found)

__all__ = ["RULES", "Problem", "Rule", "RuleContext", "run"]
