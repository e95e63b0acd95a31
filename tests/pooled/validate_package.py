"""Validates a folder of pooled tables with the frictionless package, and its fiscal model.

usage: validate_package.py FOLDER...   exit code 0: valid
"""

import json
import pathlib
import sys

import frictionless


def problems(folder):
    path = folder / "datapackage.json"
    report = frictionless.validate(str(path))
    for error in report.errors:
        yield error.message
    for task in report.tasks:
        for error in task.errors:
            yield f"{task.name}: {error.message}"
    package = json.loads(path.read_text(encoding="utf-8"))
    if package["profile"] != "tabular-data-package" or package["countryCode"] != "CN":
        yield "profile or country"
    fields = {
        resource["name"]: {field["name"] for field in resource["schema"]["fields"]}
        for resource in package["resources"]
    }
    for resource in package["resources"]:
        if resource["profile"] != "tabular-data-resource":
            yield f"{resource['name']}: profile"
    for name, measure in package["model"]["measures"].items():
        if measure["source"] not in fields[measure["resource"]]:
            yield f"measure {name}: no such field"
        if (measure["currency"], measure["factor"]) != ("CNY", 1):
            yield f"measure {name}: currency or factor"
    for name, dimension in package["model"]["dimensions"].items():
        for attribute in dimension["attributes"].values():
            if attribute["source"] not in fields[attribute["resource"]]:
                yield f"dimension {name}: no such field"
        if not set(dimension["primaryKey"]) <= set(dimension["attributes"]):
            yield f"dimension {name}: primary key"


def main():
    found = [f"{folder}: {problem}" for folder in sys.argv[1:] for problem in problems(pathlib.Path(folder))]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
