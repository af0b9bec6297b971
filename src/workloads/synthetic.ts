/** Arrivals drawn from a law: Poisson, diurnal, regular, renewal. Never runs dry. */
import { assert } from '../base/assert.ts';
import { cosineTurn } from '../base/cosine.ts';
import type { Distribution } from '../base/distribution.ts';
import type { ShapeIndex } from '../base/ids.ts';
import type { Arrival, ArrivalSource, PullResult } from '../contracts/workload.ts';
import { compileDistribution } from '../random/distributions.ts';
import { KeyedDraws, keyOf } from '../random/draw.ts';
import { makeStream, type StreamEngine } from '../random/stream.ts';

/** The processes that this file can draw; the shape of a scenario's arrivals without traces. */
export type SyntheticArrivals =
  | { readonly kind: 'poisson'; readonly perSecond: number }
  | {
      readonly kind: 'diurnal';
      readonly perSecond: number;
      readonly peakToMean: number;
      readonly peakAtUs: number;
      readonly periodUs: number;
    }
  | { readonly kind: 'regular'; readonly everyUs: number }
  | { readonly kind: 'renewal'; readonly gapUs: Distribution };

/** What a synthetic source depends on. */
export interface SyntheticOptions {
  readonly arrivals: SyntheticArrivals;
  /** Pods per job, rounded to whole numbers, at least 1. */
  readonly podsPerJob: Distribution;
  /** The process starts at `fromUs`; instants at or after `untilUs` do not arrive. Microseconds. */
  readonly fromUs: number;
  readonly untilUs: number;
  readonly gang: boolean;
  readonly shape: ShapeIndex;
  /** Name of the workload: its draws are keyed by it. */
  readonly workload: string;
  readonly seed: number;
  readonly replication: number;
  /** `keyed`, or the engine of a stateful stream for the gaps. */
  readonly stream: 'keyed' | StreamEngine;
}

/**
 * Makes a source of synthetic jobs. Durations and estimates are NaN: the engine draws them per pod.
 *
 * The instants of the process are kept in full precision and rounded to whole microseconds when they arrive.
 *
 * *Draws*: purposes `arrivals/gap` (or a stream of that name), `arrivals/thinning` and `arrivals/pods`, entity the workload's key, draw the number
 * of the arrival (of the candidate, for gaps and thinning): no draw shifts another. *Cost*: O(1) per arrival; diurnal
 * `peakToMean` candidates.
 *
 * *Source*: thinning is Lewis and Shedler, "Simulation of nonhomogeneous Poisson processes by thinning", 1979.
 */
export function syntheticSource(options: SyntheticOptions): ArrivalSource {
  const { seed, replication, workload } = options;
  const entity = keyOf(`workload/${workload}`);
  const process = makeProcess(options, gapDraws(options, entity), entity);
  const { podsPerJob } = options;
  const pods = compileDistribution(podsPerJob);
  // A constant needs no draw; all others have one a job.
  const constant = podsPerJob.law === 'constant' ? wholePods(podsPerJob.value) : 0;
  const podDraws = new KeyedDraws(seed, replication, 'arrivals/pods');
  let ordinal = 0;
  let hasEnded = false;
  return {
    pull(out: Arrival): PullResult {
      if (hasEnded) return 'end';
      const atUs = Math.round(process());
      if (!(atUs < options.untilUs)) {
        hasEnded = true;
        return 'end';
      }
      out.atUs = atUs;
      out.pods =
        constant > 0 ? constant : wholePods(pods.at(podDraws.uniform(entity, ordinal)));
      out.gang = options.gang;
      out.shape = options.shape;
      out.durationUs = Number.NaN;
      out.estimateUs = Number.NaN;
      ordinal++;
      return 'row';
    },
  };
}

/** Pods of a job: whole, at least one. */
function wholePods(drawn: number): number {
  return Math.max(1, Math.round(drawn));
}

/** The draw of the gap before a candidate, by its number; a stateful stream ignores the number and must be asked in order. */
function gapDraws(options: SyntheticOptions, entity: number): (candidate: number) => number {
  const { seed, replication, stream, workload } = options;
  if (stream === 'keyed') {
    const gaps = new KeyedDraws(seed, replication, 'arrivals/gap');
    return (candidate) => gaps.uniform(entity, candidate);
  }
  const gaps = makeStream(stream, seed, replication, `arrivals/gap/${workload}`);
  return () => gaps.uniform();
}

/** The next instant of a process in microseconds, unrounded; never decreasing; Infinity when there is no next. */
type Process = () => number;

/**
 * @param uniform the draw of the gap before a candidate, by its number
 * @param entity the workload's key, for thinning
 */
function makeProcess(
  options: SyntheticOptions,
  uniform: (candidate: number) => number,
  entity: number,
): Process {
  const { arrivals, fromUs, untilUs } = options;
  let atUs = fromUs;
  let candidate = 0;
  switch (arrivals.kind) {
    case 'poisson': {
      assert(arrivals.perSecond > 0, 'a Poisson rate must be positive');
      const meanUs = 1e6 / arrivals.perSecond;
      return () => {
        atUs -= Math.log(uniform(candidate++)) * meanUs;
        return atUs;
      };
    }
    case 'diurnal': {
      const { perSecond, peakToMean, peakAtUs, periodUs } = arrivals;
      assert(perSecond > 0 && periodUs > 0, 'a diurnal rate and period must be positive');
      assert(
        peakToMean >= 1 && peakToMean <= 2,
        'peakToMean must be from 1 to 2: a rate is not negative',
      );
      const draws = new KeyedDraws(options.seed, options.replication, 'arrivals/thinning');
      const meanUs = 1e6 / (perSecond * peakToMean);
      // A candidate at the peak rate stays with probability rate / peak rate.
      return () => {
        while (atUs < untilUs) {
          atUs -= Math.log(uniform(candidate)) * meanUs;
          const wave = cosineTurn((atUs - peakAtUs) / periodUs);
          const share = (1 + (peakToMean - 1) * wave) / peakToMean;
          if (draws.uniform(entity, candidate++) < share) return atUs;
        }
        return Number.POSITIVE_INFINITY;
      };
    }
    case 'regular': {
      assert(arrivals.everyUs >= 1, 'regular arrivals are at least one microsecond apart');
      return () => {
        candidate++;
        return fromUs + candidate * arrivals.everyUs;
      };
    }
    case 'renewal': {
      const { gapUs } = arrivals;
      assert(gapUs.law !== 'constant' || gapUs.value >= 1, 'constant gaps are at least 1 us');
      const gap = compileDistribution(gapUs);
      return () => {
        atUs += gap.at(uniform(candidate++));
        return atUs;
      };
    }
  }
}
