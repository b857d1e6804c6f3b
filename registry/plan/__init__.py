"""What a change of the file does, in the registry's words, each with its risk. Importing this package registers all."""

import importlib
import pkgutil

for _found in sorted(file.name for file in pkgutil.walk_packages(__path__, f"{__name__}.")):
    importlib.import_module(_found)
