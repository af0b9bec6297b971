import { asNode, CPU, MEMORY, type NodeIndex } from '../base/ids.ts';
import { meanOfShares, shareOf, weightsOfCore } from '../contracts/free-shares.ts';
import type { SchedulingProfile } from '../contracts/scheduling.ts';
import type { PodShape } from '../model/shapes.ts';
import type { ClusterView } from '../model/view.ts';

/** Nodes of one group of the cluster and one state of their devices: they differ in free cpu, memory and pods alone. */
export interface NodeClass {
  /** Group of the cluster: `NodesView.group`. */
  readonly group: number;
  /** Any node of the group. */
  readonly node: NodeIndex;
  readonly cpu: number;
  readonly memory: number;
  /** Thousandths of all devices, and of those free. */
  readonly devices: number;
  readonly devicesFree: number;
  /** Devices that are entirely free, and thousandths free on the emptiest. */
  readonly devicesWhole: number;
  readonly deviceMost: number;
}

/** A declared score as it is computed from amounts. */
export interface Term {
  readonly isWhole: boolean;
  /** Weight in the profile. */
  readonly factor: number;
  /** Weights of the resources; 0 does not count. */
  readonly cpu: number;
  readonly memory: number;
  readonly devices: number;
}

/** The scores of a profile, computed from amounts: what the scan computes from the columns of a node, to the last bit. */
export class FreeScores {
  /** Distance of two different scores, at least; 0 if they may be arbitrarily close. */
  readonly step: number;
  /** Bounds are sums of doubles: this much may be lost to rounding. */
  readonly slack: number;
  /** The one term, if there is but one and it is whole. */
  readonly whole: Term | null;
  private readonly terms: readonly Term[];

  /** @param terms from {@link declaredTerms} */
  constructor(terms: readonly Term[]) {
    this.terms = terms;
    const isWhole = terms.every((term) => term.isWhole && Number.isInteger(term.factor));
    this.step = isWhole ? 1 : 0;
    this.whole = terms.length === 1 && terms[0]!.isWhole ? terms[0]! : null;
    this.slack = 1e-7 * terms.reduce((sum, term) => sum + term.factor, 1);
  }

  /** The score of a node that has so much left after placing. @param devicesLeft -1 for pods without devices */
  of(cpuLeft: number, memoryLeft: number, devicesLeft: number, node: NodeClass): number {
    const { terms } = this;
    let score = 0;
    for (let i = 0; i < terms.length; i++) {
      const { cpu, devices, factor, isWhole, memory } = terms[i]!;
      let total = 0;
      let weights = 0;
      if (cpu > 0 && node.cpu > 0) {
        weights = cpu;
        total = shareOf(isWhole, cpu, cpuLeft, node.cpu);
      }
      if (memory > 0 && node.memory > 0) {
        weights += memory;
        total += shareOf(isWhole, memory, memoryLeft, node.memory);
      }
      if (devicesLeft >= 0 && devices > 0 && node.devices > 0) {
        weights += devices;
        total += shareOf(isWhole, devices, devicesLeft, node.devices);
      }
      score += factor * meanOfShares(isWhole, total, weights);
    }
    return score;
  }

  /** How much a grain of free cpu and of free memory raise the bound of a pod without devices. */
  slopes(node: NodeClass): { readonly cpu: number; readonly memory: number } {
    let cpu = 0;
    let memory = 0;
    for (const term of this.terms) {
      const weights = (node.cpu > 0 ? term.cpu : 0) + (node.memory > 0 ? term.memory : 0);
      if (weights === 0) continue;
      const share = (100 * term.factor) / weights;
      if (node.cpu > 0) cpu += (share * term.cpu) / node.cpu;
      if (node.memory > 0) memory += (share * term.memory) / node.memory;
    }
    return { cpu, memory };
  }

  /** True if the slopes hold for a shape: no devices enter its score. */
  hasSlopes(shape: PodShape): boolean {
    return shape.gpuCount === 0 || this.terms.every((term) => term.devices === 0);
  }
}

/** The terms of a profile that an index over free cpu and memory can answer, or null if it cannot. */
export function declaredTerms(profile: SchedulingProfile): readonly Term[] | null {
  if (profile.ties !== 'capacity') return null;
  if (!(profile.filters ?? []).every((filter) => filter.isPerGroup)) return null;
  return declaredScores(profile);
}

/** The scores of a profile as terms, or null if one is not declared over cpu, memory and devices. */
export function declaredScores(profile: SchedulingProfile): readonly Term[] | null {
  const terms: Term[] = [];
  for (const { score, weight } of profile.scores ?? []) {
    const shares = score.freeShares;
    const weights = shares ? weightsOfCore(shares) : null;
    if (!shares || !weights || !(weight > 0)) return null;
    terms.push({ isWhole: shares.isWhole, factor: weight, ...weights });
  }
  return terms;
}

/** Finds the class of a node: which group, which state of its devices. New classes are numbered by first sight. */
export class NodeClasses {
  readonly all: NodeClass[] = [];
  private readonly cluster: ClusterView;
  private readonly plain: Int32Array;
  private readonly byState = new Map<number, number>();

  constructor(cluster: ClusterView) {
    this.cluster = cluster;
    let groups = 0;
    for (let n = asNode(0); n < cluster.nodes.count; n++) {
      groups = Math.max(groups, cluster.nodes.group[n]! + 1);
    }
    this.plain = new Int32Array(groups).fill(-1);
  }

  /** One class per group of the cluster, by group; its devices are those of the group's first node now. */
  static groupsOf(cluster: ClusterView): NodeClass[] {
    const classes = new NodeClasses(cluster);
    for (let n = asNode(0); n < cluster.nodes.count; n++) {
      // Groups are numbered in node order.
      if (cluster.nodes.group[n] === classes.all.length) classes.add(n, 0);
    }
    return classes.all;
  }

  /** The class of a node; `all` may grow. */
  of(n: NodeIndex): number {
    const { nodes } = this.cluster;
    const group = nodes.group[n]!;
    if (nodes.gpuCount[n] === 0) {
      if (this.plain[group]! < 0) this.plain[group] = this.add(n, 0);
      return this.plain[group]!;
    }
    const whole = nodes.gpuWholeFree[n]!;
    const free = nodes.gpuFreeMilli[n]!;
    const most = free === whole * 1000 ? Math.min(free, 1000) : this.mostOf(n);
    const key = ((group * 256 + whole) * 1001 + most) * 256_000 + free;
    let known = this.byState.get(key);
    if (known === undefined) {
      known = this.add(n, most);
      this.byState.set(key, known);
    }
    return known;
  }

  private add(n: NodeIndex, most: number): number {
    const { nodes } = this.cluster;
    return (
      this.all.push({
        group: nodes.group[n]!,
        node: n,
        cpu: nodes.allocatable[CPU]![n]!,
        memory: nodes.allocatable[MEMORY]![n]!,
        devices: nodes.gpuCount[n]! * 1000,
        devicesFree: nodes.gpuFreeMilli[n]!,
        devicesWhole: nodes.gpuWholeFree[n]!,
        deviceMost: most,
      }) - 1
    );
  }

  private mostOf(n: NodeIndex): number {
    const { nodes } = this.cluster;
    const base = nodes.gpuOffset[n]!;
    let most = 0;
    for (let d = base; d < base + nodes.gpuCount[n]!; d++) {
      most = Math.max(most, nodes.deviceFreeMilli[d]!);
    }
    return most;
  }
}
