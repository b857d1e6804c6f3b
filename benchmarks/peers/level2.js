"use strict";
// The same resources written with level-2 constructs in JavaScript: peers/level2.py, line by line.

const fs = require("node:fs");
const cdk = require("aws-cdk-lib");
const ecr = require("aws-cdk-lib/aws-ecr");
const iam = require("aws-cdk-lib/aws-iam");
const { AwsSolutionsChecks } = require("cdk-nag");

const ISSUER = "token.actions.githubusercontent.com";
const PUSH = [
  "ecr:BatchCheckLayerAvailability",
  "ecr:BatchGetImage",
  "ecr:CompleteLayerUpload",
  "ecr:DescribeImages",
  "ecr:DescribeRepositories",
  "ecr:GetDownloadUrlForLayer",
  "ecr:InitiateLayerUpload",
  "ecr:PutImage",
  "ecr:UploadLayerPart",
];
const PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

class RegistryStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    new ecr.CfnRegistryScanningConfiguration(this, "Scanning", {
      scanType: "BASIC",
      rules: [{ scanFrequency: "SCAN_ON_PUSH", repositoryFilters: [{ filter: "*", filterType: "WILDCARD" }] }],
    });
  }
}

class AccessStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const { plan } = props;
    const { name, account, region } = plan.registry;
    const everything = `arn:aws:ecr:${region}:${account}:repository/*`;
    const access = ["policy", "role"].map((kind) => `arn:aws:iam::${account}:${kind}${plan.iam_path}*`);
    const audit = new iam.ManagedPolicy(this, "Audit", {
      managedPolicyName: `${name}-ecr-audit`,
      path: plan.iam_path,
      description: `Reads the settings, inventories and scan findings of the registry ${name}`,
      statements: [
        new iam.PolicyStatement({ actions: plan.audit.on_repositories, resources: [everything] }),
        new iam.PolicyStatement({ actions: plan.audit.on_registry, resources: ["*"] }),
        new iam.PolicyStatement({ actions: plan.audit.on_access, resources: access }),
      ],
    });
    for (const arn of ["*", everything, ...access]) {
      acknowledge(audit, arn, "Auditors see everything.");
    }
    const provider = new iam.OidcProviderNative(this, "GitHub", {
      url: `https://${ISSUER}`,
      clientIds: ["sts.amazonaws.com"],
    });
    provider.applyRemovalPolicy(cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    for (const role of plan.roles) {
      this.addPushRole(plan.registry, plan.iam_path, role, provider);
    }
  }

  addPushRole({ name, account, region }, iamPath, { principal, project, repositories }, provider) {
    const made = new iam.Role(this, principal, {
      roleName: `${name}-${principal}`,
      path: iamPath,
      description: `${principal} of the registry ${name}`,
      assumedBy: new iam.WebIdentityPrincipal(`arn:aws:iam::${account}:oidc-provider/${ISSUER}`, {
        StringEquals: {
          [`${ISSUER}:aud`]: "sts.amazonaws.com",
          [`${ISSUER}:sub`]: `repo:${project}:ref:refs/heads/main`,
        },
      }),
      maxSessionDuration: cdk.Duration.hours(1),
    });
    const policy = new iam.ManagedPolicy(this, `${principal}-policy`, {
      managedPolicyName: `${name}-${principal}-ecr-1`,
      path: iamPath,
      description: `What ${principal} may do in the registry ${name}`,
      statements: [
        new iam.PolicyStatement({ actions: ["ecr:GetAuthorizationToken"], resources: ["*"] }),
        new iam.PolicyStatement({
          actions: PUSH,
          resources: repositories.map((each) => `arn:aws:ecr:${region}:${account}:repository/${each}`),
        }),
      ],
      roles: [made],
    });
    for (const each of [made, policy]) {
      each.node.addDependency(provider);
    }
    acknowledge(policy, "*", "ecr:GetAuthorizationToken has no resource type.");
    for (const each of repositories.filter((each) => each.endsWith("*"))) {
      const arn = `arn:aws:ecr:${region}:${account}:repository/${each}`;
      acknowledge(policy, arn, "A role for a namespace covers the repositories that come later.");
    }
  }
}

class RepositoriesStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const { plan, namespace } = props;
    const lifecycleRules = [
      { description: "protect images tagged prod*", tagPatternList: ["prod*"], maxImageCount: 1000000 },
      { description: "keep the last 5 images tagged v*", tagPatternList: ["v*"], maxImageCount: 5 },
      {
        description: "expire untagged images 1 day after their push",
        tagStatus: ecr.TagStatus.UNTAGGED,
        maxImageAge: cdk.Duration.days(1),
      },
    ];
    const movingTags = ["latest", "dev", "staging", "prod", "v*.x"].map((tag) =>
      ecr.ImageTagMutabilityExclusionFilter.wildcard(tag),
    );
    for (const { name, tags } of plan.namespaces[namespace].repositories) {
      const repository = new ecr.Repository(this, name, {
        repositoryName: name,
        encryption: ecr.RepositoryEncryption.KMS,
        imageScanOnPush: true,
        imageTagMutability: ecr.TagMutability.IMMUTABLE_WITH_EXCLUSION,
        imageTagMutabilityExclusionFilters: movingTags,
        lifecycleRules,
        removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      });
      repository.addToResourcePolicy(
        new iam.PolicyStatement({
          sid: "Pull",
          principals: [new iam.AccountPrincipal(plan.pulling_account)],
          actions: PULL,
          conditions: {
            ArnEquals: { "aws:PrincipalArn": plan.pulling_roles[name] },
            StringEquals: { "aws:PrincipalOrgID": plan.organization },
          },
        }),
      );
      for (const [key, value] of Object.entries(tags)) {
        cdk.Tags.of(repository).add(key, value);
      }
    }
    for (const [key, value] of Object.entries(plan.namespaces[namespace].tags)) {
      cdk.Tags.of(this).add(key, value);
    }
  }
}

function acknowledge(construct, arn, reason) {
  cdk.Validations.of(construct).acknowledge({ id: `AwsSolutions-IAM5[Resource::${arn}]`, reason });
}

const app = new cdk.App();
const plan = JSON.parse(fs.readFileSync(app.node.tryGetContext("plan"), "utf-8"));
const { name, account, region } = plan.registry;
const settings = (unit, holds) => ({
  env: { account, region },
  stackName: `${name}-${unit}`,
  description: `Amazon ECR registry ${name}: ${holds}`,
  terminationProtection: true,
  tags: { "ecr-registry": name },
  plan,
});

new RegistryStack(app, "Registry", settings("Registry", "registry-wide settings"));
new AccessStack(app, "Access", settings("Access", "access"));
for (const namespace of Object.keys(plan.namespaces)) {
  new RepositoriesStack(app, `Repositories-${namespace}`, {
    ...settings(`Repositories-${namespace}`, `repositories of the namespace ${namespace}`),
    namespace,
  });
}
if (plan.probe) {
  const stack = new cdk.Stack(app, "Probe", { env: { account, region } });
  const statement = new iam.PolicyStatement({ actions: ["ecr:GetAuthorizationToken"], resources: ["*"] });
  new iam.ManagedPolicy(stack, "Policy", { statements: [statement] });
  new ecr.CfnRepository(stack, "Repository", { repositoryName: "Not/Legal" });
}
cdk.Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
