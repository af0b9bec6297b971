/** Resolves the policies that a scenario names, and checks their parameters: all problems at once. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import type { AnyPolicy, Contract } from '../contracts/policy.ts';
import type { Registry } from '../contracts/registry.ts';
import type { PolicyUse, Scenario } from '../scenario/scenario.ts';

/** A policy with its checked parameters. */
export interface ResolvedPolicy {
  readonly policy: AnyPolicy;
  readonly params: unknown;
}

/** The policies of a scenario: by cluster where they may differ. */
export interface ScenarioPolicies {
  readonly placement: ResolvedPolicy;
  readonly scheduling: readonly ResolvedPolicy[];
  readonly queueing: readonly ResolvedPolicy[];
  readonly failures: readonly ResolvedPolicy[];
}

/**
 * Resolves every policy that the scenario uses.
 *
 * @throws ScenarioError with one issue per unknown policy or wrong parameter
 */
export function resolvePolicies(scenario: Scenario, registry: Registry): ScenarioPolicies {
  const issues: Issue[] = [];
  const resolve = (contract: Contract, use: PolicyUse, path: string): ResolvedPolicy =>
    resolveOne(registry, contract, { use, path, issues });
  const { policies } = scenario;
  const shared = {
    scheduling: resolve('scheduling', policies.scheduling, 'policies.scheduling'),
    queueing: resolve('queueing', policies.queueing, 'policies.queueing'),
  };
  const resolved = {
    placement: resolve('placement', policies.placement, 'policies.placement'),
    scheduling: scenario.clusters.map((cluster) =>
      cluster.scheduling === null
        ? shared.scheduling
        : resolve('scheduling', cluster.scheduling, `fleet.clusters.${cluster.name}.scheduling`),
    ),
    queueing: scenario.clusters.map((cluster) =>
      cluster.queueing === null
        ? shared.queueing
        : resolve('queueing', cluster.queueing, `fleet.clusters.${cluster.name}.queueing`),
    ),
    failures: scenario.failures.flatMap((failure, i) =>
      failure.kind === 'nodes' ? [resolve('failures', failure.model, `failures[${i}]`)] : [],
    ),
  };
  if (issues.length > 0) throw new ScenarioError(issues);
  return resolved;
}

function resolveOne(
  registry: Registry,
  contract: Contract,
  asked: { readonly use: PolicyUse; readonly path: string; readonly issues: Issue[] },
): ResolvedPolicy {
  const { use, path, issues } = asked;
  const policy = registry.find(contract, use.use);
  if (policy === undefined) {
    const near = registry.nearest(contract, use.use);
    issues.push({
      path,
      value: JSON.stringify(use.use),
      expected: `a ${contract} policy`,
      hint:
        near === undefined
          ? `one of ${registry.names(contract).join(', ')}; or load yours with --plugin`
          : `did you mean ${near}?`,
    });
    return { policy: NO_POLICY, params: undefined };
  }
  if (policy.params === undefined) {
    if (isGiven(use.params)) {
      issues.push({
        path: `${path}.params`,
        value: shown(use.params),
        expected: `none: ${policy.name} takes no parameters`,
        hint: 'remove params',
      });
    }
    return { policy, params: undefined };
  }
  const checked = policy.params(use.params ?? {});
  if ('issues' in checked) {
    for (const issue of checked.issues) {
      const below = issue.path === '' ? '' : `.${issue.path}`;
      const value = shown(valueAt(use.params, issue.path));
      const hint = issue.hint ?? `orrery policies ${policy.name} explains its parameters`;
      issues.push({ path: `${path}.params${below}`, value, expected: issue.expected, hint });
    }
    return { policy, params: undefined };
  }
  return { policy, params: checked.value };
}

function isGiven(params: unknown): boolean {
  return params !== undefined && params !== null && Object.keys(params as object).length > 0;
}

/** The value at a path such as `typicalPods[0].gpuCount`; undefined where there is none. */
function valueAt(params: unknown, path: string): unknown {
  let value = params;
  for (const [step] of path.matchAll(/[^.[\]]+/g)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

const SHOWN_MAX = 60;

/** A value as people read it, shortened. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length <= SHOWN_MAX ? text : `${text.slice(0, SHOWN_MAX - 1)}…`;
}

/** Stands in where an issue was found; the run is never built with it. */
const NO_POLICY = undefined as unknown as AnyPolicy;
