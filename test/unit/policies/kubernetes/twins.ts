/** Naive twins of plug-ins, written straight from the specification over plain records; slow on purpose. */
import type { Taint, Toleration } from '../../../../src/base/constraints.ts';
import type {
  KubePod,
  LabelSelector,
  NodeSelectorTerm,
  PodAffinityTerm,
  Requirement,
  SpreadConstraint,
} from '../../../../src/base/kube.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import type { KubeWorld, PlainNode, PlainPod } from '../../../builders/kube-world.ts';

const HOSTNAME = 'kubernetes.io/hostname';
type Labels = Readonly<Record<string, string>>;

/** Section 3.2. */
export function meets(labels: Labels, r: Requirement): boolean {
  const has = r.key in labels;
  const value = labels[r.key]!;
  const whole = (text: string) => (/^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN);
  if (r.operator === 'In') return has && r.values.includes(value);
  if (r.operator === 'NotIn') return !has || !r.values.includes(value);
  if (r.operator === 'Exists') return has;
  if (r.operator === 'DoesNotExist') return !has;
  if (r.operator === 'Gt') return has && whole(value) > whole(r.values[0]!);
  return has && whole(value) < whole(r.values[0]!);
}

export function selects(selector: LabelSelector, labels: Labels): boolean {
  return selector?.every((r) => meets(labels, r)) ?? false;
}

export function termMatches(term: NodeSelectorTerm, node: PlainNode): boolean {
  if (term.expressions.length + term.fields.length === 0) return false;
  return (
    term.expressions.every((r) => meets(node.allLabels, r)) &&
    term.fields.every((r) => r.values.length === 1 && meets({ 'metadata.name': node.name }, r))
  );
}

export function requiredMatches(build: KubePodBuild, kube: KubePod, node: PlainNode): boolean {
  const map = Object.entries(build.nodeSelector ?? {});
  if (!map.every(([key, value]) => node.allLabels[key] === value)) return false;
  const required = kube.nodeAffinity?.required ?? null;
  return required === null || required.some((term) => termMatches(term, node));
}

/** Section 3.3. */
export function tolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  return tolerations.some(
    (t) =>
      (t.effect === undefined || t.effect === taint.effect) &&
      (t.key === '' || t.key === taint.key) &&
      (t.operator === 'Exists' || t.value === taint.value),
  );
}

export function hasHardTaint(node: PlainNode, tolerations: readonly Toleration[]): boolean {
  return node.taints.some((t) => t.effect !== 'PreferNoSchedule' && !tolerated(t, tolerations));
}

const DEFAULTS: readonly Omit<SpreadConstraint, 'selector'>[] = [
  [HOSTNAME, 3] as const,
  ['topology.kubernetes.io/zone', 5] as const,
].map(([topologyKey, maxSkew]) => ({
  topologyKey,
  maxSkew,
  isHard: false,
  minDomains: null,
  nodeAffinityPolicy: 'Honor',
  nodeTaintsPolicy: 'Ignore',
}));

function admits(c: SpreadConstraint, build: KubePodBuild, kube: KubePod, node: PlainNode): boolean {
  if (c.nodeAffinityPolicy === 'Honor' && !requiredMatches(build, kube, node)) return false;
  return c.nodeTaintsPolicy === 'Ignore' || !hasHardTaint(node, build.tolerations ?? []);
}

function countOn(
  world: KubeWorld,
  node: PlainNode,
  kube: KubePod,
  selector: LabelSelector,
): number {
  if (selector === null || selector.length === 0) return 0;
  return world
    .podsOn(node)
    .filter((p) => p.kube.namespace === kube.namespace && !p.isTerminating)
    .filter((p) => selects(selector, p.kube.labels)).length;
}

/** A pod that a dry run adds (1) or removes (-1) on a node. */
export interface DryChange {
  readonly node: number;
  readonly kube: KubePod;
  readonly by: 1 | -1;
}

/** Section 3.8, Filter: 0 passes, 1 unschedulable, 2 unresolvable, by listed node; null skips. */
export function spreadFilter(
  world: KubeWorld,
  build: KubePodBuild,
  dry: readonly DryChange[] = [],
): readonly number[] | null {
  const kube = world.kubeOf(build);
  const hard = kube.spread.filter((c) => c.isHard);
  if (hard.length === 0) return null;
  const counts = (node: PlainNode) => hard.every((c) => c.topologyKey in node.allLabels);
  const tables = hard.map((c) => {
    const table = new Map<string, number>();
    for (const node of world.listed) {
      if (!counts(node) || !admits(c, build, kube, node)) continue;
      const value = node.allLabels[c.topologyKey]!;
      table.set(value, (table.get(value) ?? 0) + countOn(world, node, kube, c.selector));
    }
    for (const { by, kube: other, node: at } of dry) {
      const node = world.plainNodes[at]!;
      if (!counts(node) || !admits(c, build, kube, node)) continue;
      if (other.namespace !== kube.namespace || !selects(c.selector, other.labels)) continue;
      const value = node.allLabels[c.topologyKey]!;
      table.set(value, table.get(value)! + by);
    }
    return table;
  });
  return world.listed.map((node) => {
    for (const [i, c] of hard.entries()) {
      if (!(c.topologyKey in node.allLabels)) return 2;
      const table = tables[i]!;
      const least = table.size < (c.minDomains ?? 1) ? 0 : Math.min(...table.values());
      const self = selects(c.selector, kube.labels) ? 1 : 0;
      if ((table.get(node.allLabels[c.topologyKey]!) ?? 0) + self - least > c.maxSkew) return 1;
    }
    return 0;
  });
}

/** Section 3.8, Score over feasible nodes: raw and normalised; null skips. */
export function spreadScore(world: KubeWorld, build: KubePodBuild, feasible: readonly number[]) {
  const kube = world.kubeOf(build);
  const selector = kube.defaultSpreadSelector;
  const defaults = selector === null || selector.length === 0 ? [] : DEFAULTS;
  const own = kube.spread.length > 0;
  const soft = own
    ? kube.spread.filter((c) => !c.isHard)
    : defaults.map((c) => ({ ...c, selector }));
  if (soft.length === 0) return null;
  const candidates = feasible.map((n) => world.plainNodes[n]!);
  const lacks = (node: PlainNode) => soft.some((c) => !(c.topologyKey in node.allLabels));
  const ignored = (node: PlainNode) => own && lacks(node);
  const domainValue = (node: PlainNode, c: SpreadConstraint) => node.allLabels[c.topologyKey] ?? '';
  const kept = candidates.filter((node) => !ignored(node));
  const scored = soft.map((c) => {
    const domains = new Map<string, number>(kept.map((node) => [domainValue(node, c), 0]));
    for (const node of world.listed) {
      if ((own && lacks(node)) || !admits(c, build, kube, node)) continue;
      const value = domainValue(node, c);
      if (!domains.has(value)) continue;
      domains.set(value, domains.get(value)! + countOn(world, node, kube, c.selector));
    }
    const size = c.topologyKey === HOSTNAME ? kept.length : domains.size;
    return { c, domains, weight: Math.log(size + 2) };
  });
  const raw = candidates.map((node) => {
    if (ignored(node)) return 0;
    let sum = 0;
    for (const { c, domains, weight } of scored) {
      if (!(c.topologyKey in node.allLabels)) continue;
      const count =
        c.topologyKey === HOSTNAME
          ? countOn(world, node, kube, c.selector)
          : domains.get(domainValue(node, c))!;
      sum += count * weight + (c.maxSkew - 1);
    }
    return Math.round(sum);
  });
  const rated = raw.filter((_, i) => !ignored(candidates[i]!));
  const max = Math.max(0, ...rated);
  const min = Math.min(...rated);
  const normalised = raw.map((r, i) => {
    if (ignored(candidates[i]!)) return 0;
    return max === 0 ? 100 : Math.floor((100 * (max + min - r)) / max);
  });
  return { raw, normalised };
}

/** Section 3.9: a term of the incoming pod, with the quirk of 1.34.1. */
function matchesIncomingTerm(
  world: KubeWorld,
  term: PodAffinityTerm,
  owner: KubePod,
  other: KubePod,
): boolean {
  const { namespaceSelector: selector, namespaces } = term;
  const isOwn = namespaces.length === 0 && selector === null;
  const named = isOwn ? [owner.namespace] : namespaces;
  const fits =
    named.includes(other.namespace) ||
    selects(selector, world.namespaces[other.namespace] ?? {}) ||
    selects(selector, {});
  return fits && selects(term.selector, other.labels);
}

function matchesExistingTerm(
  world: KubeWorld,
  term: PodAffinityTerm,
  owner: KubePod,
  incoming: KubePod,
): boolean {
  const { namespaceSelector: selector, namespaces } = term;
  const isOwn = namespaces.length === 0 && selector === null;
  const fits = isOwn
    ? owner.namespace === incoming.namespace
    : namespaces.includes(incoming.namespace) ||
      selects(selector, world.namespaces[incoming.namespace] ?? {});
  return fits && selects(term.selector, incoming.labels);
}

const pair = (key: string, value: string) => `${key}\u0000${value}`;

/** Section 3.9, Filter. */
export function affinityFilter(
  world: KubeWorld,
  build: KubePodBuild,
  dry: readonly DryChange[] = [],
): readonly number[] | null {
  const kube = world.kubeOf(build);
  const affinity = kube.podAffinity?.required ?? [];
  const anti = kube.podAntiAffinity?.required ?? [];
  const maps = {
    E: new Map<string, number>(),
    A: new Map<string, number>(),
    X: new Map<string, number>(),
  };
  const add = (map: Map<string, number>, node: PlainNode, key: string, by: number) => {
    if (!(key in node.allLabels)) return;
    const entry = pair(key, node.allLabels[key]!);
    const sum = (map.get(entry) ?? 0) + by;
    if (sum === 0) map.delete(entry);
    else map.set(entry, sum);
  };
  const count = (node: PlainNode, other: KubePod, by: number) => {
    for (const term of other.podAntiAffinity?.required ?? []) {
      if (matchesExistingTerm(world, term, other, kube)) add(maps.E, node, term.topologyKey, by);
    }
    if (affinity.length > 0 && affinity.every((t) => matchesIncomingTerm(world, t, kube, other))) {
      for (const term of affinity) add(maps.A, node, term.topologyKey, by);
    }
    for (const term of anti) {
      if (matchesIncomingTerm(world, term, kube, other)) add(maps.X, node, term.topologyKey, by);
    }
  };
  for (const node of world.listed) for (const p of world.podsOn(node)) count(node, p.kube, 1);
  if (maps.E.size === 0 && affinity.length + anti.length === 0) return null;
  for (const { by, kube: other, node } of dry) count(world.plainNodes[node]!, other, by);
  const own = affinity.every((t) => matchesIncomingTerm(world, t, kube, kube));
  return world.listed.map((node) => {
    const at = (map: Map<string, number>, key: string) =>
      key in node.allLabels ? (map.get(pair(key, node.allLabels[key]!)) ?? 0) : 0;
    if (!affinity.every((t) => t.topologyKey in node.allLabels)) return 2;
    const found = affinity.every((t) => at(maps.A, t.topologyKey) > 0);
    if (!found && !(maps.A.size === 0 && own)) return 2;
    if (anti.some((t) => at(maps.X, t.topologyKey) > 0)) return 1;
    return Object.keys(node.allLabels).some((key) => at(maps.E, key) > 0) ? 1 : 0;
  });
}

/** Section 3.9, Score. */
export function affinityScore(
  world: KubeWorld,
  build: KubePodBuild,
  args: { readonly feasible: readonly number[]; readonly hardWeight: number },
) {
  const kube = world.kubeOf(build);
  const sums = new Map<string, number>();
  const add = (node: PlainNode, key: string, by: number) => {
    if (key in node.allLabels) {
      const entry = pair(key, node.allLabels[key]!);
      sums.set(entry, (sums.get(entry) ?? 0) + by);
    }
  };
  const each = (node: PlainNode, { kube: other }: PlainPod) => {
    for (const [sign, terms] of [
      [1, kube.podAffinity?.preferred ?? []],
      [-1, kube.podAntiAffinity?.preferred ?? []],
    ] as const) {
      for (const { term, weight } of terms) {
        if (matchesIncomingTerm(world, term, kube, other))
          add(node, term.topologyKey, sign * weight);
      }
    }
    for (const term of other.podAffinity?.required ?? []) {
      const matches = matchesExistingTerm(world, term, other, kube);
      if (args.hardWeight > 0 && matches) add(node, term.topologyKey, args.hardWeight);
    }
    for (const [sign, terms] of [
      [1, other.podAffinity?.preferred ?? []],
      [-1, other.podAntiAffinity?.preferred ?? []],
    ] as const) {
      for (const { term, weight } of terms) {
        if (matchesExistingTerm(world, term, other, kube))
          add(node, term.topologyKey, sign * weight);
      }
    }
  };
  for (const node of world.listed) for (const p of world.podsOn(node)) each(node, p);
  if (sums.size === 0) return null;
  const raw = args.feasible.map((n) => {
    let sum = 0;
    for (const [key, value] of Object.entries(world.plainNodes[n]!.allLabels)) {
      sum += sums.get(pair(key, value)) ?? 0;
    }
    return sum;
  });
  const max = Math.max(...raw);
  const min = Math.min(...raw);
  const normalised = raw.map((r) => (max > min ? Math.trunc(100 * ((r - min) / (max - min))) : 0));
  return { raw, normalised };
}
