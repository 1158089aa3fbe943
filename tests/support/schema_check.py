"""What the JSON Schema says of each plan in a folder: one line each.

usage: schema_check.py SCHEMA FOLDER
"""
import glob
import json
import os
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """As editors read YAML: a date is text."""


Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
for path in sorted(glob.glob(os.path.join(sys.argv[2], "*.yaml"))):
    name = os.path.basename(path)
    try:
        with open(path, "rb") as file:
            plan = yaml.load(file, Loader)
        said = "refused" if any(validator.iter_errors(plan)) else "passes"
    except (yaml.YAMLError, UnicodeError, ValueError, TypeError, RecursionError):
        said = "no YAML"
    print(f"{name}: {said}")
