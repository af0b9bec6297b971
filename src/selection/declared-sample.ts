import { poolRefusal } from '../base/constraints.ts';
import { asNode, CPU, MEMORY, NONE, type NodeIndex, PODS } from '../base/ids.ts';
import type { PolicyStream } from '../contracts/policy.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { PodShape } from '../model/shapes.ts';
import { type ClusterView, UP } from '../model/view.ts';
import { devicesFit } from './feasibility.ts';
import type { SelectorParts } from './scan.ts';
import type { NodeSelector } from './selector.ts';
import { declaredScores, FreeScores, type NodeClass, NodeClasses } from './skyline-groups.ts';
import { isWholeForm, setWholeFigures, WHOLE_FIGURES, wholeScore } from './whole-shares.ts';

/** True if drawn nodes can be filtered and scored in one pass: declared scores of cpu and memory, no filters. */
export function isDeclaredSample(profile: SchedulingProfile, cluster: ClusterView): boolean {
  const terms = (profile.filters ?? []).length > 0 ? null : declaredScores(profile);
  return terms !== null && cluster.nodes.count > 0 && terms.every((term) => term.devices === 0);
}

/**
 * `SampleSelector` for declared scores: filters and scores a drawn node in one pass over its columns, what is equal in a group
 * looked up by group. *Guarantees*: the node of `SampleSelector`. *Price*: O(size) a try, six reads a drawn node.
 */
export class DeclaredSampleSelector implements NodeSelector {
  readonly tier = 'sample';
  examined = 0;
  private readonly parts: SelectorParts;
  private readonly sample: NonNullable<SchedulingProfile['sample']>;
  private readonly makeFallback: () => NodeSelector;
  private readonly stream: PolicyStream;
  private readonly drawsPerAttempt: number;
  private readonly scores: FreeScores;
  /** Any node of each group stands for what they share. */
  private readonly groups: readonly NodeClass[];
  /** Figures of the closed form by group; null where the scores have none. */
  private readonly figures: Float64Array | null;
  private readonly factor: number;
  /** By shape: 1 where the group's pool and devices admit it. */
  private readonly admitted: (Uint8Array | undefined)[] = [];
  private fallback: NodeSelector | null = null;
  private bestNode = NONE;

  /** @param draws the policy's stream and how many draws an attempt may use; the first is for ties */
  constructor(
    parts: SelectorParts,
    sample: NonNullable<SchedulingProfile['sample']>,
    makeFallback: () => NodeSelector,
    draws: { readonly stream: PolicyStream; readonly perAttempt: number },
  ) {
    this.parts = parts;
    this.sample = sample;
    this.makeFallback = makeFallback;
    this.stream = draws.stream;
    this.drawsPerAttempt = draws.perAttempt;
    this.scores = new FreeScores(declaredScores(parts.profile) ?? []);
    this.groups = NodeClasses.groupsOf(parts.cluster);
    this.figures = this.makeFigures();
    this.factor = this.scores.whole?.factor ?? 1;
  }

  private makeFigures(): Float64Array | null {
    const { groups, scores } = this;
    const { whole } = scores;
    if (whole === null || !isWholeForm(whole)) return null;
    const figures = new Float64Array(groups.length * WHOLE_FIGURES);
    const isExact = groups.every((group, g) =>
      setWholeFigures(figures, g * WHOLE_FIGURES, whole, group),
    );
    return isExact ? figures : null;
  }

  choose(pod: PodAttempt): NodeIndex | -1 {
    const { size, tries } = this.sample;
    const admitted = this.admitted[pod.shape.index] ?? this.admit(pod.shape);
    this.examined = 0;
    for (let t = 0; t < tries; t++) {
      this.examined += size;
      this.draw(pod, admitted, t * size);
      if (this.bestNode !== NONE) return asNode(this.bestNode);
    }
    this.fallback ??= this.makeFallback();
    const chosen = this.fallback.choose(pod);
    this.examined += this.fallback.examined;
    return chosen;
  }

  /** The best feasible of one try's nodes, or none, in `bestNode`. */
  private draw(pod: PodAttempt, admitted: Uint8Array, firstDraw: number): void {
    const { factor, figures, groups, scores, stream } = this;
    const { cluster } = this.parts;
    const { free, group, state } = cluster.nodes;
    const cpuFree = free[CPU]!;
    const memoryFree = free[MEMORY]!;
    const podsFree = free[PODS]!;
    const { shape } = pod;
    const cpu = shape.requests[CPU]!;
    const memory = shape.requests[MEMORY]!;
    const hasMore = shape.gpuCount > 0 || shape.requests.length > PODS + 1;
    const count = cluster.nodes.count;
    const first = pod.attempt * this.drawsPerAttempt + 1 + firstDraw;
    const end = first + this.sample.size;
    let bestScore = Number.NEGATIVE_INFINITY;
    let best = NONE;
    for (let draw = first; draw < end; draw++) {
      const n = asNode(Math.floor(stream.uniform(pod.key, draw) * count));
      const cpuLeft = cpuFree[n]! - cpu;
      const memoryLeft = memoryFree[n]! - memory;
      const g = group[n]!;
      if (cpuLeft < 0 || memoryLeft < 0 || state[n] !== UP || podsFree[n]! < 1) continue;
      if (admitted[g] === 0 || (hasMore && !this.fitsMore(shape, n))) continue;
      const score =
        figures === null
          ? scores.of(cpuLeft, memoryLeft, -1, groups[g]!)
          : factor * wholeScore(figures, g * WHOLE_FIGURES, cpuLeft, memoryLeft);
      if (score < bestScore) continue;
      if (score === bestScore && this.parts.tieBreak(n, asNode(best)) >= 0) continue;
      bestScore = score;
      best = n;
    }
    this.bestNode = best;
  }

  /** True if extended resources and devices of a node take the shape. */
  private fitsMore(shape: PodShape, n: NodeIndex): boolean {
    const { cluster } = this.parts;
    for (let r = PODS + 1; r < shape.requests.length; r++) {
      if (cluster.nodes.free[r]![n]! < shape.requests[r]!) return false;
    }
    return shape.gpuCount === 0 || devicesFit(shape, n, cluster);
  }

  private admit(shape: PodShape): Uint8Array {
    const { cluster } = this.parts;
    const { gpuModel, pool } = cluster.nodes;
    const made = Uint8Array.from(this.groups, ({ node }) => {
      if (poolRefusal(shape, cluster.pools[pool[node]!]!) !== '') return 0;
      if (shape.gpuCount === 0) return 1;
      const model = cluster.gpuModels[gpuModel[node]!];
      if (model === undefined) return 0;
      return shape.gpuModels.length === 0 || shape.gpuModels.includes(model) ? 1 : 0;
    });
    while (this.admitted.length <= shape.index) this.admitted.push(undefined);
    this.admitted[shape.index] = made;
    return made;
  }
}
