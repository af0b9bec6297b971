import { PolicyError } from '../base/errors.ts';
import type { NodeIndex } from '../base/ids.ts';
import type { PolicyStream } from '../contracts/policy.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { Cluster } from '../model/cluster.ts';
import { DeclaredSampleSelector, isDeclaredSample } from './declared-sample.ts';
import { Feasibility } from './feasibility.ts';
import { SampleSelector } from './sample.ts';
import { ScanSelector, type SelectorParts } from './scan.ts';
import { isFirstFit, SegmentTreeSelector } from './segment-tree.ts';
import type { NodeSelector } from './selector.ts';
import { isCacheable, TournamentSelector } from './shape-tournament.ts';
import { isSkylined, SkylineSelector } from './skyline.ts';
import { byCapacity, byIndex, byRank, type TieBreak } from './ties.ts';

/** How to choose among selectors. */
export interface SelectOptions {
  /** The policy's name, for messages. */
  readonly policy: string;
  readonly cluster: Cluster;
  readonly profile: SchedulingProfile;
  /** Draws of ties and samples: entity = the pod's key, draws = attempts and candidates. */
  readonly stream: PolicyStream;
  /**
   * Check mode: runs the full scan beside every decision and stops the run where they differ; calls this before one decision
   * in sixteen, drawn, to put a new instance of the policy behind the profile.
   */
  readonly check: { readonly recreate: () => void } | null;
  /**
   * True if the nodes that a decision examines are charged in virtual time: then what is examined must not depend on the size
   * of the cluster by the choice of an index. Default false.
   */
  readonly isCharged?: boolean;
}

/**
 * Nodes from which the skyline answers. Measured with 200 shapes it is as quick as the tournaments at 60 nodes, twice as quick at 400,
 * three times at 1,000 (docs/decisions/0011-skyline-index.md); with few shapes the tournaments of a small cluster are no slower.
 */
const SKYLINE_NODES = 256;

/**
 * Nodes from which the segment tree answers. Measured with 200 shapes it is as quick as the tournaments at 30 nodes, three times at 1,000,
 * seven times at 10,000 (docs/decisions/0012-first-fit-by-a-segment-tree.md); with few shapes tournaments of few nodes are no slower.
 */
const SEGMENT_TREE_NODES = 32;

/** A selector and the feasibility that it filters with. */
export interface Selection {
  readonly selector: NodeSelector;
  readonly feasibility: Feasibility;
}

type CheckedOptions = SelectOptions & { readonly check: { readonly recreate: () => void } };

/** Draws that one attempt may use: 0 the tie, then candidates; the last two are for device choices and check mode. */
const DRAWS_PER_ATTEMPT = 4096;
const RECREATE_DRAW = 4094;

/**
 * Picks the cheapest selector that gives exactly the profile's node: drawn candidates where the profile asks for them; where nothing
 * is scored, a segment tree over the nodes in the order of visits; in large clusters an index over free cpu and memory where
 * the scores are declared to rise with both; a tournament over cached scores where filters and scores are pure functions of
 * (shape, node); else the full scan.
 *
 * @throws PolicyError if the profile's ranks are not one per node
 */
export function selectFor(options: SelectOptions): Selection {
  const { cluster, profile, stream } = options;
  const feasibility = new Feasibility(cluster, profile.filters ?? []);
  const parts: SelectorParts = {
    cluster,
    profile,
    feasibility,
    tieBreak: tieBreakOf(options),
    drawTie: (pod) => stream.uniform(pod.key, pod.attempt * DRAWS_PER_ATTEMPT),
  };
  const make = (): NodeSelector => makeExact(parts, cluster, options.isCharged === true);
  const selector = profile.sample ? sampled(parts, profile.sample, make, stream) : make();
  const { check } = options;
  if (check === null) return { selector, feasibility };
  const isExact = !profile.sample && selector.tier !== 'scan';
  const oracle = isExact ? new ScanSelector(parts) : null;
  return { selector: new CheckedSelector(selector, oracle, { ...options, check }), feasibility };
}

/** The cheapest selector that looks at every node, or acts as if. */
function makeExact(parts: SelectorParts, cluster: Cluster, isCharged: boolean): NodeSelector {
  const { profile } = parts;
  const { count } = cluster.nodes;
  const makeAny = (): NodeSelector =>
    isCacheable(profile) ? new TournamentSelector(parts, cluster.changes) : new ScanSelector(parts);
  if (isCharged) return makeAny();
  if (count >= SEGMENT_TREE_NODES && isFirstFit(profile)) {
    return new SegmentTreeSelector(parts, cluster.changes);
  }
  return count >= SKYLINE_NODES && isSkylined(profile, cluster)
    ? new SkylineSelector(parts, cluster.changes, makeAny)
    : makeAny();
}

function sampled(
  parts: SelectorParts,
  sample: NonNullable<SchedulingProfile['sample']>,
  makeFallback: () => NodeSelector,
  stream: PolicyStream,
): NodeSelector {
  if (isDeclaredSample(parts.profile, parts.cluster)) {
    const draws = { stream, perAttempt: DRAWS_PER_ATTEMPT };
    return new DeclaredSampleSelector(parts, sample, makeFallback, draws);
  }
  return new SampleSelector(parts, sample, makeFallback, (pod, draw) =>
    stream.uniform(pod.key, pod.attempt * DRAWS_PER_ATTEMPT + 1 + draw),
  );
}

function tieBreakOf(options: SelectOptions): TieBreak {
  const { cluster, policy, profile, stream } = options;
  if (profile.ties === 'capacity') return byCapacity(cluster);
  if (profile.ties !== 'rank') return byIndex;
  const ranks = profile.ranks ?? drawRanks(cluster, stream);
  if (ranks.length !== cluster.nodes.count) {
    throw new PolicyError(
      policy,
      `gives ${ranks.length} ranks for the ${cluster.nodes.count} nodes of ${cluster.name}`,
    );
  }
  return byRank(Int32Array.from(ranks) as unknown as { readonly [n: NodeIndex]: number });
}

/** A uniform permutation: rank by a draw keyed by the node; *order* of equal draws: index. */
function drawRanks(cluster: Cluster, stream: PolicyStream): number[] {
  const { key, count } = cluster.nodes;
  const draws = Array.from({ length: count }, (_, n) => stream.uniform(key[n]!, 0));
  const order = draws.map((_, n) => n).sort((a, b) => draws[a]! - draws[b]! || a - b);
  const ranks = new Array<number>(count);
  order.forEach((n, rank) => {
    ranks[n] = rank;
  });
  return ranks;
}

/** Any selector, its policy created anew now and then, with the full scan beside it where that decides the same. */
class CheckedSelector implements NodeSelector {
  private readonly inner: NodeSelector;
  private readonly oracle: ScanSelector | null;
  private readonly options: CheckedOptions;

  constructor(inner: NodeSelector, oracle: ScanSelector | null, options: CheckedOptions) {
    this.inner = inner;
    this.oracle = oracle;
    this.options = options;
  }

  get tier(): NodeSelector['tier'] {
    return this.inner.tier;
  }

  get examined(): number {
    return this.inner.examined;
  }

  choose(pod: PodAttempt): NodeIndex | -1 {
    const { check, stream } = this.options;
    if (stream.uniform(pod.key, pod.attempt * DRAWS_PER_ATTEMPT + RECREATE_DRAW) < 1 / 16)
      check.recreate();
    const chosen = this.inner.choose(pod);
    if (this.oracle === null) return chosen;
    const expected = this.oracle.choose(pod);
    if (chosen !== expected) {
      throw new PolicyError(
        this.options.policy,
        `the index of ${this.options.cluster.name} gives node ${chosen}, the full scan ${expected}: ` +
          'a filter or score that is declared own-node depends on something else',
      );
    }
    return chosen;
  }
}
