"""Where images run: Compose, Kubernetes, ECS and Lambda. Nobody needs a password of the registry: a role pulls.

A moving tag is pulled anew at each start; what must not change under one's feet is a digest, or a fixed tag.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from ops.snippet.subject import NoSnippet, Subject, label_of, pullers
from ops.snippet.tags import moves
from ops.snippet.yaml_text import as_json, as_yaml
from registry.findings import listed
from registry.locations import Location
from registry.model import ExistingRole
from registry.naming import repository_uri

#: The port that the Dockerfiles of snippets expose, and the user that they run as.
PORT: Final = 8080
USER: Final = 10001
_MEMORY: Final = 256  # MiB
_CPU: Final = 256  # 1024 are a core


@dataclass(frozen=True, slots=True)
class Running:
    """A tag or a digest of the subject's repository, pulled from the registry at a location."""

    subject: Subject
    image: str
    at: Location

    @property
    def reference(self) -> str:
        """What docker and Kubernetes call it."""
        between = "@" if self.image.startswith("sha256:") else ":"
        return f"{repository_uri(self.at.account, self.at.region, self.subject.repository.name)}{between}{self.image}"

    @property
    def moves(self) -> bool:
        """Whether it may be another image tomorrow."""
        return moves(self.subject, self.image)

    @property
    def name(self) -> str:
        """What the service is called."""
        return label_of(self.subject.repository.name)


def compose(run: Running, command: str) -> dict[str, str]:
    """`compose.yaml`. In Compose a `$` begins a variable, and a repository's name has none.

    https://docs.docker.com/reference/compose-file/services/
    """
    service = {
        "image": run.reference,
        "pull_policy": "always" if run.moves else "missing",
        "ports": [f"127.0.0.1:{PORT}:{PORT}"],
        "user": f"{USER}:{USER}",
        "read_only": True,
        "tmpfs": ["/tmp"],  # noqa: S108 - a path in the container
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "restart": "unless-stopped",
    }
    text = as_yaml(
        {"services": {run.name: service}},
        f"Runs {run.subject.repository.name}. Written by `{command}`.",
        "Log in first: `ecrctl login --helper`, which stores no password. A database's password belongs into a file of",
        "`secrets`, which is not in git, and not into `environment`: https://docs.docker.com/compose/how-tos/use-secrets/",
    )
    return {"compose.yaml": text}


def kubernetes(run: Running, command: str) -> dict[str, str]:
    """A Deployment without imagePullSecrets: on EKS the role of the node pulls, or on Fargate the pod execution role.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html
    """
    labels = {"app.kubernetes.io/name": run.name}
    container = {
        "name": "app",
        "image": run.reference,
        "imagePullPolicy": "Always" if run.moves else "IfNotPresent",
        "ports": [{"name": "http", "containerPort": PORT}],
        "readinessProbe": {"tcpSocket": {"port": "http"}},
        "resources": {
            "requests": {"cpu": "100m", "memory": f"{_MEMORY}Mi"},
            "limits": {"memory": f"{_MEMORY}Mi"},
        },
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108 - a path in the container
    }
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": run.name, "labels": labels},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    text = as_yaml(
        deployment,
        f"Runs {run.subject.repository.name}. Written by `{command}`.",
        "No imagePullSecrets: the role of the node pulls, or on Fargate the pod execution role.",
    )
    return {"deployment.yaml": text}


def ecs(run: Running, command: str) -> dict[str, str]:
    """A task definition for `aws ecs register-task-definition --cli-input-json`; the execution role pulls.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    del command  # JSON has no comments
    assert isinstance(run.subject.principal, ExistingRole)
    container: dict[str, Any] = {
        "name": run.name,
        "image": run.reference,
        "essential": True,
        "user": str(USER),
        "readonlyRootFilesystem": True,
        "linuxParameters": {"capabilities": {"drop": ["ALL"]}, "initProcessEnabled": True},
        "portMappings": [{"containerPort": PORT, "protocol": "tcp"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": f"/ecs/{run.name}",
                "awslogs-region": run.at.region,
                "awslogs-stream-prefix": "app",
            },
        },
    }
    task = {
        "family": run.name,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": str(_CPU),
        "memory": str(2 * _MEMORY),
        "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": run.subject.principal.arn,
        "containerDefinitions": [container],
    }
    return {"task-definition.json": as_json(task)}


def lambda_(run: Running, command: str) -> dict[str, str]:
    """A CloudFormation template of a function. Lambda reads a tag once, at a deploy, so one that moves says too little.

    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
    :raises NoSnippet: for a tag that moves.
    """
    if run.moves:
        raise NoSnippet(
            f"{run.image} may move in {run.subject.repository.name}, and Lambda reads a tag only when the function is "
            "deployed\n    allowed: a fixed tag or a digest\n    way out: --image v1.2.3, or --image sha256:…"
        )
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"A function that runs {run.subject.repository.name}",
        "Resources": {
            "Logs": {
                "Type": "AWS::Logs::LogGroup",
                "DeletionPolicy": "Delete",
                "UpdateReplacePolicy": "Delete",
                "Properties": {"RetentionInDays": 30},
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Principal": {"Service": "lambda.amazonaws.com"},
                                "Action": "sts:AssumeRole",
                            }
                        ],
                    },
                    "Policies": [
                        {
                            "PolicyName": "logs",
                            "PolicyDocument": {
                                "Version": "2012-10-17",
                                "Statement": [
                                    {
                                        "Effect": "Allow",
                                        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                                        "Resource": {"Fn::GetAtt": ["Logs", "Arn"]},
                                    }
                                ],
                            },
                        }
                    ],
                },
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "PackageType": "Image",
                    "Code": {"ImageUri": run.reference},
                    "Architectures": ["x86_64"],
                    "MemorySize": _MEMORY,
                    "Timeout": 30,
                    "LoggingConfig": {"LogGroup": {"Ref": "Logs"}, "LogFormat": "JSON"},
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                },
            },
        },
    }
    text = as_yaml(
        template,
        f"A function that runs {run.subject.repository.name}. Written by `{command}`.",
        f"The function has to be in {run.at.region}, as its image. The image is of one platform, without attestations.",
    )
    return {"function.yaml": text}


def notes(run: Running, target: str) -> list[str]:
    """What the file lacks for these files, and what a tag that moves means."""
    name, said = run.subject.repository.name, []
    granted = pullers(run.subject.repository)
    if target == "lambda" and not run.subject.for_lambda:
        said.append(
            f"Lambda may not pull {name}\n    way out: a principal with lambda_account, and `pull` for it; what Lambda "
            "adds to the repository's policy by itself is gone with the next deploy"
        )
    elif not granted:
        said.append(f"nobody may pull {name}\n    way out: `pull: [...]` of {name} in registry.yaml (docs/access.md)")
    elif target != "lambda":
        said.append(f"{listed([it.name for it in granted])} may pull {name}")
    if run.moves:
        said.append(
            f"{run.image} moves: what runs tomorrow may be another image than today\n"
            "    way out: --image with a fixed tag or a digest, where that must not be"
        )
    return said
