"""Templates in YAML, which the CDK CLI sends, read by libyaml: ministack's way takes ten times as long."""

import yaml
from ministack.services.cloudformation import engine


def install() -> None:
    """Read the same tags with the other scanner, where PyYAML has it."""
    if yaml.__with_libyaml__:
        read = {"yaml_constructors": engine.CfnLoader.yaml_constructors}
        engine.CfnLoader = type("CfnLoader", (yaml.CSafeLoader,), read)
