/** The score of PodTopologySpread: soft constraints of a pod, or the defaults. */
import type { NodeIndex } from '../../base/ids.ts';
import type {
  FeasibleNodes,
  FrameworkNodes,
  FrameworkPod,
  ScorePoint,
} from '../../contracts/framework.ts';
import { roundHalfAway } from './fit-strategies.ts';
import type { PodSums } from './pod-sums.ts';
import { HOSTNAME } from './selectors.ts';
import {
  type CountedConstraint,
  constraintsOf,
  countingKey,
  type DefaultConstraint,
  SpreadCounts,
} from './spread-counts.ts';
import { EMPTY_DOMAIN, NO_DOMAIN, type TopologyColumn } from './topology.ts';

/** The soft constraints of a shape. */
export interface Soft {
  readonly counts: SpreadCounts;
  readonly constraints: readonly CountedConstraint[];
  /** Feasible nodes that lack a key are out of the score. */
  readonly requiresAllKeys: boolean;
  readonly readsHostname: boolean;
  readonly nodes: FrameworkNodes;
}

/** Cycle state: ln(domains + 2) per constraint. */
interface SoftState {
  readonly soft: Soft;
  readonly weights: readonly number[];
}

/** What the score is made of. */
export interface SpreadScoreParts {
  readonly defaults: readonly DefaultConstraint[];
  /** True if the defaults are a list of the profile, which asks for all keys. */
  readonly isList: boolean;
  readonly sums: PodSums;
  readonly nodes: FrameworkNodes;
  /** Filled by the score; empty at first. */
  readonly soft: SoftTables;
}

/** The soft constraints that were met, by shape; null for a shape without any. Tables are shared by shapes that count alike. */
export interface SoftTables {
  readonly byShape: (Soft | null | undefined)[];
  readonly byKey: Map<string, SpreadCounts>;
}

/** Makes the score. */
export function spreadScore(parts: SpreadScoreParts): ScorePoint {
  const { byKey, byShape } = parts.soft;
  const softOf = (pod: FrameworkPod): Soft | null => {
    const known = byShape[pod.shape.index];
    if (known === null) return null;
    parts.sums.sync();
    if (known !== undefined) return known;
    const made = makeSoft(pod, parts, byKey);
    byShape[pod.shape.index] = made;
    return made;
  };
  return {
    dependsOn: (_pod, state) =>
      (state as SoftState).soft.readsHostname ? 'cluster' : 'cluster-class',
    preScore: (pod, feasible) => {
      const soft = softOf(pod);
      return soft === null ? null : { state: { soft, weights: weightsOf(soft, feasible) } };
    },
    score: (_pod, n, _nodes, state) => rawScore(state as SoftState, n),
    normalise: (scores, feasible, state) => normalise(scores, feasible, (state as SoftState).soft),
    normalisesBySet: true,
  };
}

function makeSoft(
  { kube, shape }: FrameworkPod,
  { defaults, isList, nodes, sums }: SpreadScoreParts,
  byKey: Map<string, SpreadCounts>,
): Soft | null {
  const constraints = constraintsOf(kube, defaults, false);
  if (constraints.length === 0) return null;
  const requiresAllKeys = isList || kube.spread.length > 0;
  const spec = { shape, kube, constraints, isHard: false, requiresAllKeys };
  const key = countingKey(spec);
  let counts = byKey.get(key);
  if (counts === undefined) {
    counts = new SpreadCounts(spec, nodes, sums.topology);
    byKey.set(key, counts);
    sums.add(counts);
  }
  const readsHostname = constraints.some(({ topologyKey }) => topologyKey === HOSTNAME);
  return { counts, constraints: counts.constraints, requiresAllKeys, readsHostname, nodes };
}

function isIgnored({ constraints, requiresAllKeys }: Soft, n: NodeIndex): boolean {
  if (!requiresAllKeys) return false;
  for (let i = 0; i < constraints.length; i++) {
    if (constraints[i]!.column.domainOf[n]! === NO_DOMAIN) return true;
  }
  return false;
}

/** True unless every listed node has all keys: then none is ignored, and nobody need look. */
function mayIgnore({ constraints, nodes, requiresAllKeys }: Soft): boolean {
  return requiresAllKeys && constraints.some(({ column }) => column.present < nodes.listed);
}

/** Counts the domains among the feasible nodes that are not ignored; for the hostname, the nodes themselves. */
function weightsOf(soft: Soft, feasible: FeasibleNodes): readonly number[] {
  const { constraints, nodes } = soft;
  const ignores = mayIgnore(soft);
  const sizes = new Map<TopologyColumn, number>();
  for (const { column } of constraints) {
    if (sizes.has(column)) continue;
    // A missing key is one more domain, the empty one.
    const most = column.present < nodes.listed ? column.occupied + 1 : column.occupied;
    const isHostname = column.key === HOSTNAME;
    const size =
      isHostname && !ignores
        ? feasible.count
        : countDomains(soft, column, feasible, {
            most: isHostname ? feasible.count : most,
            ignores,
          });
    sizes.set(column, size);
  }
  return constraints.map(({ column }) => Math.log(sizes.get(column)! + 2));
}

/** Stops at `most`, since there are no more. */
function countDomains(
  soft: Soft,
  column: TopologyColumn,
  { count, list }: FeasibleNodes,
  { ignores, most }: { readonly most: number; readonly ignores: boolean },
): number {
  const isHostname = column.key === HOSTNAME;
  column.startCount();
  let size = 0;
  for (let j = 0; j < count && size < most; j++) {
    const n = list[j]!;
    if (ignores && isIgnored(soft, n)) continue;
    const domain = column.domainOf[n]!;
    if (isHostname || column.isFirst(domain === NO_DOMAIN ? EMPTY_DOMAIN : domain)) size++;
  }
  return size;
}

function rawScore({ soft, weights }: SoftState, n: NodeIndex): number {
  const { constraints } = soft;
  if (isIgnored(soft, n)) return 0;
  let sum = 0;
  for (let i = 0; i < constraints.length; i++) {
    const { column, spread, table } = constraints[i]!;
    const domain = column.domainOf[n]!;
    if (domain === NO_DOMAIN) continue;
    const count = table.at(table.column === null ? n : domain);
    sum += count * weights[i]! + (spread.maxSkew - 1);
  }
  return roundHalfAway(sum);
}

/** Turns fewer into better: 100 * (max + min - raw) div max; ignored nodes get 0. */
function normalise(scores: Float64Array, { count, list }: FeasibleNodes, soft: Soft): void {
  const ignores = mayIgnore(soft);
  let max = 0;
  let min = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    if (ignores && isIgnored(soft, list[i]!)) continue;
    if (scores[i]! > max) max = scores[i]!;
    if (scores[i]! < min) min = scores[i]!;
  }
  for (let i = 0; i < count; i++) {
    if (ignores && isIgnored(soft, list[i]!)) scores[i] = 0;
    else if (max === 0) scores[i] = 100;
    else scores[i] = Math.trunc((100 * (max + min - scores[i]!)) / max);
  }
}
