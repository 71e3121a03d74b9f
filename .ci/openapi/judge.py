"""Judges the clients that generators made: each can be imported, has one type for errors, and none without a name."""

import importlib
import pkgutil
import re
import sys
from pathlib import Path

# An error, its code, what is wrong with fields, and one such field; and the error of SCIM, whose form is not ours.
ERRORS = {"Error", "ErrorCode", "FieldError", "ScimError", "ValidationError"}


def imported(package: str) -> int:
    """Imports all modules of a package and says how many there are."""
    root = importlib.import_module(package)
    names = [module.name for module in pkgutil.walk_packages(root.__path__, package + ".")]
    for name in names:
        importlib.import_module(name)
    return len(names)


def models(package: str) -> set[str]:
    """The names of a client's types."""
    module = importlib.import_module(package + ".models")
    return {name for name in dir(module) if name[0].isupper()}


def judge(client: str, names: set[str]) -> list[str]:
    """What is wrong with the types of a client."""
    faults = [f"{client}: {name} has no name of its own" for name in sorted(names) if "Inline" in name]
    errors = {name for name in names if "Error" in name}
    if errors != ERRORS:
        faults.append(f"{client}: types of errors are {sorted(errors)}, not {sorted(ERRORS)}")
    return faults


def main(made: Path) -> int:
    sys.path[:0] = [str(made), str(made / "generator")]
    faults = []
    typescript = (made / "typescript.ts").read_text()
    schemas = typescript[typescript.index("    schemas: {") : typescript.index("    responses: {")]
    clients = {"openapi-typescript": set(re.findall(r"^ {8}(\w+): ", schemas, re.MULTILINE))}
    for client, package in [("openapi-python-client", "python_client"), ("openapi-generator", "openapi_client")]:
        print(f"{client}: {imported(package)} modules")
        clients[client] = models(package)
    for client, names in clients.items():
        print(f"{client}: {len(names)} types")
        faults += judge(client, names)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
