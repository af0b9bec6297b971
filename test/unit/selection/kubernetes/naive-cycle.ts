/**
 * The whole scheduling cycle with the default profile, written straight from the specification over plain records: sections
 * 2.1 to 2.8 here, the plug-ins in their twins. Slow on purpose; shares no code with `src/`.
 */
import type { KubePod } from '../../../../src/base/kube.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import type { KubeWorld, PlainNode } from '../../../builders/kube-world.ts';
import {
  affinityFilter,
  affinityScore,
  type DryChange,
  hasHardTaint,
  requiredMatches,
  spreadFilter,
  spreadScore,
  termMatches,
  tolerated,
} from '../../policies/kubernetes/twins.ts';

const MIB = 1024 * 1024;

/** A pod that waits, nominated or not. */
export interface NaivePod {
  readonly id: number;
  readonly build: KubePodBuild;
  nominated: number | null;
}

/** What the naive cycle finds. */
export interface NaiveOutcome {
  readonly node: number;
  readonly feasible: number;
  /** By listed node: plug-in and status of the first refusal, null for nodes not looked at or feasible. */
  readonly refusals: ReadonlyMap<number, readonly [plugin: string, status: number]>;
}

const zoneOf = (node: PlainNode): string => {
  const region = node.labels['topology.kubernetes.io/region'] ?? '';
  const zone = node.labels['topology.kubernetes.io/zone'] ?? '';
  return region === '' && zone === '' ? '' : `${region}/${zone}`;
};

/** Section 2.1. */
export class NaiveList {
  private readonly zones: { zone: string; nodes: number[] }[] = [];

  add(node: number, zone: string): void {
    let entry = this.zones.find((z) => z.zone === zone);
    if (entry === undefined) {
      entry = { zone, nodes: [] };
      this.zones.push(entry);
    }
    entry.nodes.push(node);
  }

  remove(node: number): void {
    for (const entry of this.zones) entry.nodes = entry.nodes.filter((n) => n !== node);
    const kept = this.zones.filter((entry) => entry.nodes.length > 0);
    this.zones.splice(0, this.zones.length, ...kept);
  }

  order(): number[] {
    const most = Math.max(0, ...this.zones.map((z) => z.nodes.length));
    const passes = Array.from({ length: most }, (_, k) => k);
    return passes.flatMap((k) => this.zones.flatMap((z) => z.nodes.slice(k, k + 1)));
  }
}

/** Section 2.4. */
export function sizeOfSearch(n: number): number {
  if (n < 100) return n;
  const percentage = Math.max(5, 50 - Math.trunc(n / 125));
  return Math.max(100, Math.trunc((n * percentage) / 100));
}

/** The cycle over a world. */
export class NaiveCycle {
  i0 = 0;
  list: number[];
  readonly tree = new NaiveList();
  /** In the order of nomination. */
  readonly waiting: NaivePod[] = [];
  private readonly world: KubeWorld;

  constructor(world: KubeWorld) {
    this.world = world;
    for (const node of world.listed) this.tree.add(node.index, zoneOf(node));
    this.list = this.tree.order();
  }

  /** A node came or went. */
  relist(node: number, isListed: boolean): void {
    if (isListed) this.tree.add(node, zoneOf(this.world.plainNodes[node]!));
    else this.tree.remove(node);
    this.list = this.tree.order();
  }

  /** A node's labels are others: the tree knows, the list does not. @param before its zone before */
  relabelled(node: number, before: string): void {
    const plain = this.world.plainNodes[node]!;
    if (!plain.isListed || zoneOf(plain) === before) return;
    this.tree.remove(node);
    this.tree.add(node, zoneOf(plain));
  }

  zone(node: number): string {
    return zoneOf(this.world.plainNodes[node]!);
  }

  /** Section 2.2, steps 2 to 8. @param u the draw of a tie */
  decide(pod: NaivePod, u: number): NaiveOutcome {
    const n = this.list.length;
    const refusals = new Map<number, readonly [string, number]>();
    if (n === 0) return { node: -1, feasible: 0, refusals };
    const kube = this.world.kubeOf(pod.build);
    const names = nameSet(kube);
    if (names !== null && names.length === 0) {
      for (const node of this.list) refusals.set(node, ['NodeAffinity', 2]);
      return { node: -1, feasible: 0, refusals };
    }
    const judge = new Judge(this.world, pod, kube, this.waiting);
    const at = pod.nominated;
    if (at !== null && this.list.includes(at)) {
      const refusal = judge.test(at);
      if (refusal === null) return { node: at, feasible: 1, refusals };
      refusals.set(at, refusal);
    }
    const searched =
      names === null
        ? this.list
        : this.list.filter((node) => names.includes(this.world.plainNodes[node]!.name));
    const m = searched.length;
    const k = sizeOfSearch(m);
    const feasible: number[] = [];
    for (let j = 0; j < m; j++) {
      const node = searched[(this.i0 + j) % m]!;
      const refusal = judge.test(node);
      if (refusal !== null) refusals.set(node, refusal);
      else if (feasible.length === k) break;
      else feasible.push(node);
    }
    this.i0 = (this.i0 + feasible.length + refusals.size) % n;
    if (feasible.length <= 1)
      return { node: feasible[0] ?? -1, feasible: feasible.length, refusals };
    const totals = this.totals(pod.build, kube, feasible);
    const best = feasible.filter((_, i) => totals[i] === Math.max(...totals));
    const node = best.length === 1 ? best[0]! : best[Math.floor(u * best.length)]!;
    return { node, feasible: feasible.length, refusals };
  }

  /** Section 2.6: weights 3, 2, 1, 2, 2, 1, 1. */
  private totals(build: KubePodBuild, kube: KubePod, feasible: readonly number[]): number[] {
    const { world } = this;
    const nodes = feasible.map((node) => world.plainNodes[node]!);
    const scores: (readonly [weight: number, scores: readonly number[] | null])[] = [
      [3, reversed(nodes.map((node) => softTaints(node, build)))],
      [2, preferred(nodes, kube)],
      [1, nodes.map((node) => leastAllocated(world, node, build))],
      [2, spreadScore(world, build, feasible)?.normalised ?? null],
      [2, affinityScore(world, build, { feasible, hardWeight: 1 })?.normalised ?? null],
      [1, balanced(world, nodes, build)],
      [1, nodes.map((node) => imageScore(world, node, kube))],
    ];
    return feasible.map((_, i) =>
      scores.reduce((sum, [weight, list]) => sum + (list === null ? 0 : weight * list[i]!), 0),
    );
  }
}

type Refused = readonly [plugin: string, status: number];

/** Section 2.5: the filters of one pod. */
class Judge {
  private readonly world: KubeWorld;
  private readonly pod: NaivePod;
  private readonly kube: KubePod;
  private readonly waiting: readonly NaivePod[];
  private readonly plain: Cluster;

  constructor(world: KubeWorld, pod: NaivePod, kube: KubePod, waiting: readonly NaivePod[]) {
    this.world = world;
    this.pod = pod;
    this.kube = kube;
    this.waiting = waiting;
    this.plain = this.clusterWide([]);
  }

  test(node: number): Refused | null {
    const priority = this.pod.build.priority ?? 0;
    const others = this.waiting.filter(
      (p) => p.nominated === node && p.id !== this.pod.id && (p.build.priority ?? 0) >= priority,
    );
    if (others.length > 0) {
      const dry = others.map((p) => ({ node, kube: this.world.kubeOf(p.build), by: 1 as const }));
      const more = others.map((p) => p.build);
      const refusal = this.filter(node, more, this.clusterWide(dry));
      if (refusal !== null) return refusal;
    }
    return this.filter(node, [], this.plain);
  }

  private clusterWide(dry: readonly DryChange[]): Cluster {
    return {
      spread: spreadFilter(this.world, this.pod.build, dry),
      affinity: affinityFilter(this.world, this.pod.build, dry),
      order: this.world.listed.map(({ index }) => index),
    };
  }

  /** Section 3.1, in order. */
  private filter(n: number, more: readonly KubePodBuild[], cluster: Cluster): Refused | null {
    const { kube, world } = this;
    const { build } = this.pod;
    const node = world.plainNodes[n]!;
    const tolerations = build.tolerations ?? [];
    const cordon = {
      key: 'node.kubernetes.io/unschedulable',
      value: '',
      effect: 'NoSchedule',
    } as const;
    if (node.unschedulable && !tolerated(cordon, tolerations)) return ['NodeUnschedulable', 2];
    if (kube.nodeName !== null && kube.nodeName !== node.name) return ['NodeName', 2];
    if (hasHardTaint(node, tolerations)) return ['TaintToleration', 2];
    if (!requiredMatches(build, kube, node)) return ['NodeAffinity', 2];
    const builds = [...world.podsOn(node).map((p) => p.build), ...more];
    if (portsConflict(kube, builds)) return ['NodePorts', 1];
    const lacks = ['cpu', 'memory', 'pods'].filter((r) => {
      const used = builds.reduce((sum, b) => sum + request(b, r), 0);
      return request(build, r) > 0 && request(build, r) > (node.allocatable[r] ?? 0) - used;
    });
    if (lacks.length > 0) {
      const hopeless = lacks.some(
        (r) => r !== 'pods' && request(build, r) > (node.allocatable[r] ?? 0),
      );
      return ['NodeResourcesFit', hopeless ? 2 : 1];
    }
    const at = cluster.order.indexOf(n);
    const spread = cluster.spread?.[at] ?? 0;
    if (spread !== 0) return ['PodTopologySpread', spread];
    const affinity = cluster.affinity?.[at] ?? 0;
    return affinity === 0 ? null : ['InterPodAffinity', affinity];
  }
}

/** Answers of the filters that read other nodes, by listed node. */
interface Cluster {
  readonly spread: readonly number[] | null;
  readonly affinity: readonly number[] | null;
  readonly order: readonly number[];
}

const request = (build: KubePodBuild, name: string): number =>
  name === 'pods' ? 1 : (build.requests?.[name] ?? 0);
const nonZero = (build: KubePodBuild, name: 'cpu' | 'memory'): number =>
  request(build, name) || (name === 'cpu' ? 100 : 200 * MIB);

/** Section 3.3, all on 0.0.0.0. */
function portsConflict(kube: KubePod, others: readonly KubePodBuild[]): boolean {
  return kube.hostPorts.some((wanted) =>
    others.some((other) =>
      (other.hostPorts ?? []).some((p) => p.port === wanted.port && p.protocol === wanted.protocol),
    ),
  );
}

/** Section 3.3: names that every term gives, or null. */
function nameSet(kube: KubePod): readonly string[] | null {
  const terms = kube.nodeAffinity?.required ?? [];
  if (terms.length === 0) return null;
  const sets = terms.map((term) => term.fields.filter((f) => f.operator === 'In'));
  if (sets.some((fields) => fields.length === 0)) return null;
  const all = [...new Set(sets.flat().flatMap((f) => f.values))];
  return all.filter((name) => sets.some((fs) => fs.every((f) => f.values.includes(name))));
}

/** Section 3.6. */
function softTaints(node: PlainNode, build: KubePodBuild): number {
  const soft = (build.tolerations ?? []).filter(
    (t) => t.effect === undefined || t.effect === 'PreferNoSchedule',
  );
  return node.taints.filter((t) => t.effect === 'PreferNoSchedule' && !tolerated(t, soft)).length;
}

function reversed(raw: readonly number[]): number[] {
  const max = Math.max(0, ...raw);
  return raw.map((r) => (max === 0 ? 100 : 100 - Math.trunc((100 * r) / max)));
}

/** Section 3.7. */
function preferred(nodes: readonly PlainNode[], kube: KubePod): number[] | null {
  const terms = kube.nodeAffinity?.preferred ?? [];
  if (terms.length === 0) return null;
  const raw = nodes.map((node) =>
    terms.reduce((sum, { term, weight }) => sum + (termMatches(term, node) ? weight : 0), 0),
  );
  const max = Math.max(0, ...raw);
  return raw.map((r) => (max === 0 ? r : Math.trunc((100 * r) / max)));
}

/** Section 3.4. */
function leastAllocated(world: KubeWorld, node: PlainNode, build: KubePodBuild): number {
  const shares = (['cpu', 'memory'] as const).map((r) => {
    const cap = node.allocatable[r]!;
    const used = [...world.podsOn(node).map((p) => p.build), build].reduce(
      (sum, b) => sum + nonZero(b, r),
      0,
    );
    return used > cap ? 0 : Math.trunc(((cap - used) * 100) / cap);
  });
  return Math.trunc((shares[0]! + shares[1]!) / 2);
}

/** Section 3.5. */
function balanced(
  world: KubeWorld,
  nodes: readonly PlainNode[],
  build: KubePodBuild,
): number[] | null {
  if (request(build, 'cpu') === 0 && request(build, 'memory') === 0) return null;
  return nodes.map((node) => {
    const [cpu, memory] = ['cpu', 'memory'].map((r) => {
      const used = world.podsOn(node).reduce((sum, p) => sum + request(p.build, r), 0);
      return Math.min(1, (used + request(build, r)) / node.allocatable[r]!);
    });
    return Math.trunc((1 - Math.abs((cpu! - memory!) / 2)) * 100);
  });
}

/** Section 3.10. */
function imageScore(world: KubeWorld, node: PlainNode, kube: KubePod): number {
  const all = world.listed;
  const sum = kube.images.reduce((bytes, image) => {
    if (!(image in node.images)) return bytes;
    const having = all.filter((other) => image in other.images).length;
    return bytes + Math.trunc(node.images[image]! * (having / all.length));
  }, 0);
  const least = 23 * MIB;
  const most = 1000 * MIB * kube.containers;
  const clamped = Math.max(least, Math.min(sum, most));
  return Math.trunc((100 * (clamped - least)) / (most - least));
}
