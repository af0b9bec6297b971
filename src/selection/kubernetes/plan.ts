import type { NodeIndex } from '../../base/ids.ts';
import type {
  Dependence,
  DependenceOf,
  FilterPoint,
  FrameworkPod,
  FrameworkProfile,
  Normalisation,
  ScorePoint,
} from '../../contracts/framework.ts';
import { ClassScores } from './class-scores.ts';
import { FilterRun } from './filter-run.ts';
import type { RunnerParts } from './plain.ts';
import { NO_STATE } from './plain.ts';
import { ResourceKernel } from './resource-kernel.ts';

/** A score in a plan: its point, weight, and the state that PreScore made. */
export interface PlannedScore {
  readonly plugin: string;
  readonly point: ScorePoint;
  /** `point.score`, found once: points of different plug-ins have different layouts. */
  readonly score: ScorePoint['score'];
  readonly weight: number;
  state: unknown;
}

/** A filter in a plan: its index in the profile, its point, and `point.test`, found once. */
export interface PlannedFilter {
  readonly f: number;
  readonly point: FilterPoint;
  readonly test: FilterPoint['test'];
}

/** When a plug-in's point is asked. */
type Timing = 'once-per-class' | 'once-per-node' | 'every-cycle';

const EVERY = 'every-cycle';

/**
 * How a shape is decided under a profile: which plug-ins are skipped for good, which answers are kept per class of node or
 * per node, and which must be asked in every cycle.
 */
export class ShapePlan {
  readonly run: FilterRun;
  /** By index in the profile. */
  readonly filters: readonly FilterPoint[];
  /** Filters by index in the profile, ascending. */
  readonly classFilters: readonly number[];
  readonly nodeFilters: readonly PlannedFilter[];
  readonly freshFilters: readonly number[];
  /** Own-node scores whose raw value is final: their weighted sum is kept per node. */
  readonly nodeScores: readonly PlannedScore[];
  /** The node filters and node scores as one function, where all of them declare what they compute; else null. */
  readonly kernel: ResourceKernel | null;
  /** Scores of the class alone, with a normalisation that looks only at values. */
  readonly classScores: ClassScores;
  /** Asked in every cycle. */
  readonly freshScores: readonly PlannedScore[];

  /** @param pod any pod of the shape */
  constructor(parts: RunnerParts, pod: FrameworkPod) {
    const { profile } = parts;
    this.run = new FilterRun(parts);
    this.run.begin(pod);
    this.filters = profile.filters.map((plugin) => plugin.filter!);
    const timings = this.filters.map((_, f) => this.timingOfFilter(f, pod));
    this.run.keep((plugin) => {
      const f = profile.filters.indexOf(plugin);
      return f >= 0 && timings[f] !== EVERY;
    });
    const pick = (timing: Timing): number[] =>
      profile.filters.flatMap((_, f) =>
        timings[f] === timing && (timing === EVERY || this.run.isOn[f] === 1) ? [f] : [],
      );
    this.classFilters = pick('once-per-class');
    this.nodeFilters = pick('once-per-node').map((f) => {
      const point = this.filters[f]!;
      return { f, point, test: point.test };
    });
    this.freshFilters = pick(EVERY);
    const scores = planScores(parts, profile, pod);
    this.nodeScores = scores.filter((s) => s.timing === 'once-per-node').map((s) => s.score);
    this.kernel = ResourceKernel.find(pod, parts.nodes.records, this.nodeFilters, this.nodeScores);
    this.classScores = new ClassScores({
      policy: parts.policy,
      nodes: parts.nodes,
      scores: scores.filter((s) => s.timing === 'once-per-class').map((s) => s.score),
    });
    this.freshScores = scores.filter((s) => s.timing === EVERY).map((s) => s.score);
  }

  /**
   * A dependence that is a function is judged by the first cycle: on class or node alone it depends for good, since such a
   * plug-in's PreFilter is a function of the shape; where it skips or was not asked, or depends on more, it is asked anew.
   */
  private timingOfFilter(f: number, pod: FrameworkPod): Timing {
    const { dependsOn, preFilter } = this.filters[f]!;
    if (readsState(dependsOn) && preFilter && !this.run.hasRun(f)) return EVERY;
    return timingOf(dependenceOf(dependsOn, pod, this.run.states[f]));
  }
}

/** The dependence of a point in this cycle. */
export function dependenceOf(
  dependsOn: Dependence | DependenceOf,
  pod: FrameworkPod,
  state: unknown,
): Dependence {
  return typeof dependsOn === 'function' ? dependsOn(pod, state) : dependsOn;
}

/** True for a function that takes the state: it cannot be asked where there is none. */
function readsState(dependsOn: Dependence | DependenceOf): boolean {
  return typeof dependsOn === 'function' && dependsOn.length > 1;
}

function timingOf(dependence: Dependence): Timing {
  if (dependence === 'class') return 'once-per-class';
  return dependence === 'own-node' ? 'once-per-node' : EVERY;
}

function planScores(
  parts: RunnerParts,
  profile: FrameworkProfile,
  pod: FrameworkPod,
): { readonly timing: Timing; readonly score: PlannedScore }[] {
  return profile.scores.flatMap(({ plugin, weight }) => {
    const point = plugin.score!;
    const asked = point.preScore ? point.preScore(pod, NO_NODES, parts.nodes) : NO_STATE;
    const score: PlannedScore = {
      plugin: plugin.name,
      point,
      score: point.score,
      weight,
      state: asked?.state,
    };
    if (asked === null) {
      // A skip that the cluster decides may end.
      const isFinal =
        !readsState(point.dependsOn) &&
        timingOf(dependenceOf(point.dependsOn, pod, undefined)) !== EVERY;
      return isFinal ? [] : [{ timing: EVERY, score }];
    }
    let timing = timingOf(dependenceOf(point.dependsOn, pod, asked.state));
    if (timing !== EVERY && !isKept(timing, point.normalise)) timing = EVERY;
    return [{ timing, score }];
  });
}

/** A normalisation that looks at the feasible nodes one by one cannot be kept per class. */
function isKept(timing: Timing, normalise: Normalisation<unknown>): boolean {
  return timing === 'once-per-node' ? normalise === 'none' : typeof normalise !== 'function';
}

const NO_NODES = {
  list: [] as unknown as { readonly length: number; [i: number]: NodeIndex },
  count: 0,
};
