/** Random clusters and pods for the twins: few names, so that they meet often. */
import fc from 'fast-check';
import type { Taint, Toleration } from '../../../../src/base/constraints.ts';
import type {
  LabelSelector,
  NodeSelectorTerm,
  PodAffinity,
  PodAffinityTerm,
  Requirement,
  SpreadConstraint,
} from '../../../../src/base/kube.ts';
import type { KubeNodeBuild, KubePodBuild } from '../../../../src/testing/kube.ts';

export const ZONE = 'topology.kubernetes.io/zone';
export const HOSTNAME = 'kubernetes.io/hostname';
export const NAMESPACES = { one: { team: 'a' }, two: { team: 'b' }, three: {} };

/** A record with some of the keys. */
function some(entries: Readonly<Record<string, readonly string[]>>) {
  return fc
    .record(
      Object.fromEntries(
        Object.entries(entries).map(([key, values]) => [key, fc.constantFrom(...values)]),
      ),
      { requiredKeys: [] },
    )
    .map((record) => record as Record<string, string>);
}

export const podLabels = some({ app: ['web', 'db'], tier: ['x', 'y'] });
export const nodeLabels = some({
  [ZONE]: ['a', 'b', 'c', ''],
  rack: ['1', '2'],
  gen: ['3', '10', 'new'],
});

function requirement(keys: Readonly<Record<string, readonly string[]>>, isNode: boolean) {
  const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist', ...(isNode ? ['Gt', 'Lt'] : [])];
  return fc
    .record({
      key: fc.constantFrom(...Object.keys(keys)),
      operator: fc.constantFrom(...operators),
      picks: fc.array(fc.nat(9), { minLength: 1, maxLength: 2 }),
    })
    .map(({ key, operator, picks }) => {
      const values = picks.map((i) => keys[key]![i % keys[key]!.length]!);
      if (operator === 'Exists' || operator === 'DoesNotExist')
        return { key, operator, values: [] };
      if (operator === 'Gt' || operator === 'Lt') return { key, operator, values: ['4'] };
      return { key, operator, values };
    }) as fc.Arbitrary<Requirement>;
}

const podRequirement = requirement({ app: ['web', 'db'], tier: ['x', 'y'] }, false);
const nodeRequirement = requirement(
  { [ZONE]: ['a', 'b', 'c'], rack: ['1', '2'], gen: ['3', '10'], [HOSTNAME]: ['node-0', 'node-1'] },
  true,
);

export const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 6, arbitrary: fc.array(podRequirement, { minLength: 1, maxLength: 2 }) },
);

const nameField: fc.Arbitrary<Requirement> = fc.record({
  key: fc.constant('metadata.name'),
  operator: fc.constantFrom('In' as const, 'NotIn' as const),
  values: fc.constantFrom('node-0', 'node-1', 'node-2').map((name) => [name]),
});

export const nodeTerm: fc.Arbitrary<NodeSelectorTerm> = fc.record({
  expressions: fc.array(nodeRequirement, { maxLength: 2 }),
  fields: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(nameField, { maxLength: 2 }) },
  ),
});

export const nodeAffinity = fc.record({
  required: fc.option(fc.array(nodeTerm, { maxLength: 2 }), { freq: 2 }),
  preferred: fc.array(fc.record({ weight: fc.integer({ min: 1, max: 100 }), term: nodeTerm }), {
    maxLength: 3,
  }),
});

const effect = fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute');
export const taints = fc.array(
  fc.record({ key: fc.constantFrom('k', 'l'), value: fc.constantFrom('', 'v'), effect }),
  { maxLength: 3 },
) as fc.Arbitrary<Taint[]>;
export const tolerations = fc.array(
  fc.record(
    {
      key: fc.constantFrom('', 'k', 'l'),
      operator: fc.constantFrom('Equal', 'Exists'),
      value: fc.constantFrom('', 'v'),
      effect,
    },
    { requiredKeys: ['key', 'operator', 'value'] },
  ),
  { maxLength: 2 },
) as fc.Arbitrary<Toleration[]>;

const topologyKey = fc.constantFrom(ZONE, HOSTNAME, 'rack');

export const spread: fc.Arbitrary<SpreadConstraint> = fc.record({
  maxSkew: fc.integer({ min: 1, max: 3 }),
  topologyKey,
  isHard: fc.boolean(),
  selector,
  minDomains: fc.option(fc.integer({ min: 1, max: 4 })),
  nodeAffinityPolicy: fc.constantFrom('Honor', 'Ignore'),
  nodeTaintsPolicy: fc.constantFrom('Honor', 'Ignore'),
});

const namespaceRequirement = requirement({ team: ['a', 'b'] }, false);
const affinityTerm: fc.Arbitrary<PodAffinityTerm> = fc.record({
  selector,
  topologyKey,
  namespaces: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.subarray(['one', 'two']) },
  ),
  namespaceSelector: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.array(namespaceRequirement, { maxLength: 1 }) },
  ),
});

const podAffinity: fc.Arbitrary<PodAffinity | null> = fc.option(
  fc.record({
    required: fc.array(affinityTerm, { maxLength: 2 }),
    preferred: fc.array(
      fc.record({ weight: fc.integer({ min: 1, max: 100 }), term: affinityTerm }),
      { maxLength: 2 },
    ),
  }),
  { freq: 1 },
);

const identity = {
  namespace: fc.constantFrom('one', 'two', 'three'),
  labels: podLabels,
};

/** Pods with spread constraints, or with what defaults select by. */
export const spreadPod: fc.Arbitrary<KubePodBuild> = fc.record({
  ...identity,
  spread: fc.array(spread, { maxLength: 3 }),
  defaultSpreadSelector: selector,
  nodeAffinity: fc.option(nodeAffinity, { freq: 2 }),
  nodeSelector: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: some({ rack: ['1', '2'] }) },
  ),
  tolerations,
});

/** Pods with affinity to pods. */
export const affinePod: fc.Arbitrary<KubePodBuild> = fc.record({
  ...identity,
  podAffinity,
  podAntiAffinity: podAffinity,
});

export const nodeBuild: fc.Arbitrary<KubeNodeBuild> = fc.record({
  labels: nodeLabels,
  taints,
  hasHostname: fc.oneof(
    { weight: 5, arbitrary: fc.constant(true) },
    { weight: 1, arbitrary: fc.constant(false) },
  ),
});

/** One thing that happens in a cluster; numbers are taken modulo what there is. */
export type Step =
  | { readonly kind: 'place'; readonly pod: number; readonly node: number }
  | { readonly kind: 'remove' | 'terminate'; readonly pod: number }
  | { readonly kind: 'labels'; readonly node: number; readonly labels: Record<string, string> }
  | { readonly kind: 'taints'; readonly node: number; readonly taints: readonly Taint[] }
  | { readonly kind: 'list'; readonly node: number; readonly isListed: boolean }
  | { readonly kind: 'ask'; readonly pod: number };

const index = fc.nat(99);
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('place' as const), pod: index, node: index }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('remove', 'terminate'), pod: index }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('labels' as const), node: index, labels: nodeLabels }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('taints' as const), node: index, taints }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('list' as const),
      node: index,
      isListed: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('ask' as const), pod: index }) },
) as fc.Arbitrary<Step>;
