import type { NodeIndex } from '../../../base/ids.ts';
import type { KubePod, NodeAffinity, NodeSelectorTerm } from '../../../base/kube.ts';
import {
  ADD,
  type FilterPoint,
  type FrameworkNodes,
  type FrameworkPod,
  PASS,
  type PreFilterResult,
  type QueueingHint,
  type ScorePoint,
  UNRESOLVABLE,
  UPDATE_NODE_LABEL,
} from '../../../contracts/framework.ts';
import { defineFramework } from '../../../contracts/policy.ts';
import type { FieldReader } from '../../params.ts';
import { argsOf, readNodeSelectorTerm, readObject, readObjects } from '../args.ts';
import {
  HOSTNAME,
  labelValue,
  matchesAnyTerm,
  matchesRequiredAffinity,
  matchesRequirement,
  matchesTerm,
  readsNodeName,
  requiredReadsNodeName,
} from '../selectors.ts';

interface Args {
  readonly addedAffinity: NodeAffinity | null;
}

type Preference = NodeAffinity['preferred'][number];

const SKIP: PreFilterResult<undefined> = { kind: 'skip' };

/** Holds pods to the nodes that they select, and draws them to those that they prefer. */
export const nodeAffinity = defineFramework<Args>({
  name: 'kubernetes/node-affinity',
  summary: 'Kubernetes NodeAffinity: node selector, required and preferred node affinity.',
  formula: 'floor(100 * s / max s), s = sum of the weights of the preferred terms that match',
  paramsHelp: { addedAffinity: 'node affinity that every pod of the profile gets; default none' },
  params: argsOf('NodeAffinityArgs', (fields) => ({
    addedAffinity: readObject(fields, 'addedAffinity', readNodeAffinity),
  })),
  create: ({ addedAffinity }) => ({
    name: 'NodeAffinity',
    filter: filterOf(addedAffinity?.required ?? null),
    score: scoreOf(addedAffinity?.preferred ?? []),
    hints: [hintOf(addedAffinity?.required ?? null)],
  }),
});

function readNodeAffinity(fields: FieldReader): NodeAffinity {
  const required = readObject(
    fields,
    'requiredDuringSchedulingIgnoredDuringExecution',
    (selector) => readObjects(selector, 'nodeSelectorTerms', readNodeSelectorTerm),
  );
  const preferred = readObjects(
    fields,
    'preferredDuringSchedulingIgnoredDuringExecution',
    (item) => ({
      weight: item.integer('weight', 1, 0, 100),
      term: readObject(item, 'preference', readNodeSelectorTerm) ?? { expressions: [], fields: [] },
    }),
  );
  return { required, preferred };
}

function filterOf(added: readonly NodeSelectorTerm[] | null): FilterPoint<undefined> {
  const addedReadsName = added !== null && readsNodeName(added);
  return {
    dependsOn: ({ shape, kube }) =>
      addedReadsName || requiredReadsNodeName(shape, kube) ? 'own-node' : 'class',
    preFilter: ({ shape, kube }) => {
      const required = kube.nodeAffinity?.required ?? null;
      if (added === null && required === null && shape.nodeSelector.length === 0) return SKIP;
      const nodes = namesOf(required);
      if (nodes === null) return { kind: 'run', state: undefined };
      if (nodes.length > 0) return { kind: 'run', state: undefined, nodes };
      return { kind: 'reject', status: UNRESOLVABLE, reason: 'pod affinity terms conflict' };
    },
    test: ({ shape, kube }, n, nodes) => {
      if (added !== null && !matchesAnyTerm(added, nodes, n)) return UNRESOLVABLE;
      return matchesRequiredAffinity(shape, kube, nodes, n) ? PASS : UNRESOLVABLE;
    },
    reasons: (_pod, n, nodes) =>
      added !== null && !matchesAnyTerm(added, nodes, n)
        ? ["node(s) didn't match scheduler-enforced node affinity"]
        : ["node(s) didn't match Pod's node affinity/selector"],
  };
}

/** The names that terms allow where every term names nodes; else null. *Order*: first named first. */
function namesOf(terms: readonly NodeSelectorTerm[] | null): readonly string[] | null {
  if (terms === null || terms.length === 0) return null;
  const union = new Set<string>();
  for (const { fields } of terms) {
    const lists = fields
      .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
      .map(({ values }) => values);
    if (lists.length === 0) return null;
    for (const name of lists[0]!) if (lists.every((list) => list.includes(name))) union.add(name);
  }
  return [...union];
}

function scoreOf(added: readonly Preference[]): ScorePoint {
  const preferredOf = (kube: KubePod): readonly Preference[] => kube.nodeAffinity?.preferred ?? [];
  const sum = (list: readonly Preference[], nodes: FrameworkNodes, n: NodeIndex): number => {
    let weights = 0;
    for (const { weight, term } of list) if (matchesTerm(term, nodes, n)) weights += weight;
    return weights;
  };
  return {
    dependsOn: ({ kube }: FrameworkPod) =>
      readsNodeName([...added, ...preferredOf(kube)].map(({ term }) => term))
        ? 'own-node'
        : 'class',
    preScore: ({ kube }) =>
      added.length === 0 && preferredOf(kube).length === 0 ? null : { state: undefined },
    score: ({ kube }, n, nodes) => sum(added, nodes, n) + sum(preferredOf(kube), nodes, n),
    normalise: 'default',
  };
}

/** A node that matches now wakes, if it is new or did not match before. */
function hintOf(added: readonly NodeSelectorTerm[] | null): QueueingHint {
  const matches = ({ shape, kube }: FrameworkPod, nodes: FrameworkNodes, n: NodeIndex): boolean =>
    (added === null || matchesAnyTerm(added, nodes, n)) &&
    matchesRequiredAffinity(shape, kube, nodes, n);
  return {
    resource: 'Node',
    actions: ADD | UPDATE_NODE_LABEL,
    queue: (pod, { classBefore, node }, nodes) => {
      const n = node as NodeIndex;
      if (!matches(pod, nodes, n)) return false;
      if (classBefore === undefined) return true;
      const required = pod.kube.nodeAffinity?.required ?? null;
      const label = (key: string): string | undefined =>
        key === HOSTNAME ? nodes.label(n, key) : labelValue(classBefore.labels, key);
      const matchedTerm = ({ expressions, fields }: NodeSelectorTerm): boolean =>
        expressions.length + fields.length > 0 &&
        expressions.every((r) => matchesRequirement(r, label(r.key))) &&
        fields.every((r) => matchesRequirement(r, nodes.name(n)));
      const matchedBefore =
        (added === null || added.some(matchedTerm)) &&
        pod.shape.nodeSelector.every(([key, value]) => label(key) === value) &&
        (required === null || required.some(matchedTerm));
      return !matchedBefore;
    },
  };
}
