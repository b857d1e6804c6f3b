// A line of standard input: {policies, cases}, where cases name policies by number; its answer is a line of standard
// output, a list of {id, result, ignored}.
const { runSimulation, runUnsafeSimulation } = require('@cloud-copilot/iam-simulate');

const asList = (value) => [].concat(value === undefined ? [] : value);

// A trust policy. runSimulation drops an issuer's condition keys (...:sub, ...:aud), which its data do not list; the
// unvalidated engine keeps them. There the statements that name the issuer stand as an identity policy.
async function trust(one) {
  const statements = asList(one.resource_policy.Statement)
    .filter((s) => asList((s.Principal || {}).Federated).includes(one.principal) || s.Principal === '*')
    .map(({ Principal, ...rest }) => ({ ...rest, Resource: '*' }));
  const result = await runUnsafeSimulation({
    request: {
      principal: `arn:aws:iam::${one.account}:role/x`, action: one.action,
      resource: { resource: one.resource, accountId: one.account }, contextVariables: one.context,
    },
    identityPolicies: [{ name: 'trust', policy: { Version: '2012-10-17', Statement: statements } }],
    serviceControlPolicies: [], resourceControlPolicies: [],
  }, {});
  return { id: one.id, result, ignored: [] };
}

// What IAM fills in itself for a role; the engine leaves it to those who ask.
const filledIn = (one) => (one.principal.startsWith('arn:')
  ? { 'aws:PrincipalArn': one.principal, 'aws:PrincipalAccount': one.principal.split(':')[4] } : {});

async function judge(one) {
  if (one.action === 'sts:AssumeRoleWithWebIdentity') return trust(one);
  const answer = await runSimulation({
    request: {
      principal: one.principal, action: one.action,
      resource: { resource: one.resource, accountId: one.account }, contextVariables: { ...filledIn(one), ...one.context },
    },
    identityPolicies: one.identity.map((policy, index) => ({ name: `policy${index}`, policy })),
    serviceControlPolicies: [], resourceControlPolicies: [],
    resourcePolicy: one.resource_policy || undefined,
    vpcEndpointPolicies: one.endpoint ? [{ name: 'endpoint', policy: one.endpoint }] : undefined,
  }, {});
  return answer.resultType === 'error'
    ? { id: one.id, result: 'Error', ignored: [], errors: answer.errors }
    : { id: one.id, result: answer.overallResult, ignored: (answer.result && answer.result.ignoredContextKeys) || [] };
}

(async () => {
  for await (const line of require('readline').createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await answered(JSON.parse(line)))}\n`);
  }
})();

async function answered({ policies, cases }) {
  const policy = (number) => (number === null ? null : policies[number]);
  const answers = [];
  for (const one of cases) {
    const { identity, resource_policy, endpoint } = one;
    answers.push(await judge({
      ...one, identity: identity.map(policy), resource_policy: policy(resource_policy), endpoint: policy(endpoint),
    }));
  }
  return answers;
}
