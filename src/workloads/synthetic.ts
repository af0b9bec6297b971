/** Arrivals drawn from a law: Poisson, diurnal, regular, renewal. Never runs dry. */
import { assert } from '../base/assert.ts';
import { cosineTurn } from '../base/cosine.ts';
import type { Distribution } from '../base/distribution.ts';
import type { ShapeIndex } from '../base/ids.ts';
import type { Arrival, ArrivalSource, PullResult } from '../contracts/workload.ts';
import { compileDistribution, type Sampler } from '../random/distributions.ts';
import { KeyedDraws, keyOf } from '../random/draw.ts';
import { makeStream, type RandomStream, type StreamEngine } from '../random/stream.ts';

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
  return new SyntheticSource(options);
}

class SyntheticSource implements ArrivalSource {
  private readonly options: SyntheticOptions;
  private readonly entity: number;
  private readonly process: Process;
  private readonly pods: Sampler;
  /** A constant needs no draw; all others, 0 here, have one a job. */
  private readonly constant: number;
  private readonly podDraws: KeyedDraws;
  private ordinal = 0;
  private hasEnded = false;

  constructor(options: SyntheticOptions) {
    const { podsPerJob, replication, seed, workload } = options;
    this.options = options;
    this.entity = keyOf(`workload/${workload}`);
    this.process = makeProcess(options, this.entity);
    this.pods = compileDistribution(podsPerJob);
    this.constant = podsPerJob.law === 'constant' ? wholePods(podsPerJob.value) : 0;
    this.podDraws = new KeyedDraws(seed, replication, 'arrivals/pods');
  }

  pull(out: Arrival): PullResult {
    if (this.hasEnded) return 'end';
    const { constant, entity, options, pods, podDraws } = this;
    const atUs = Math.round(this.process.next());
    if (!(atUs < options.untilUs)) {
      this.hasEnded = true;
      return 'end';
    }
    out.atUs = atUs;
    out.pods = constant > 0 ? constant : wholePods(pods.at(podDraws.uniform(entity, this.ordinal)));
    out.gang = options.gang;
    out.shape = options.shape;
    out.durationUs = Number.NaN;
    out.estimateUs = Number.NaN;
    this.ordinal++;
    return 'row';
  }
}

/** Pods of a job: whole, at least one. */
function wholePods(drawn: number): number {
  return Math.max(1, Math.round(drawn));
}

/** The draws of the gaps before candidates, by number; a stateful stream ignores the number and must be asked in order. */
interface Gaps {
  uniform(entity: number, candidate: number): number;
}

function gapDraws(options: SyntheticOptions): Gaps {
  const { seed, replication, stream, workload } = options;
  if (stream === 'keyed') return new KeyedDraws(seed, replication, 'arrivals/gap');
  return new StreamGaps(makeStream(stream, seed, replication, `arrivals/gap/${workload}`));
}

class StreamGaps implements Gaps {
  private readonly stream: RandomStream;

  constructor(stream: RandomStream) {
    this.stream = stream;
  }

  uniform(): number {
    return this.stream.uniform();
  }
}

/** Where a process stands. Its law may be a function, its state is here. */
abstract class Process {
  protected readonly gaps: Gaps;
  /** The workload's key: entity of its draws. */
  protected readonly entity: number;
  protected atUs: number;
  protected candidate = 0;

  constructor(options: SyntheticOptions, entity: number) {
    this.gaps = gapDraws(options);
    this.entity = entity;
    this.atUs = options.fromUs;
  }

  /** The next instant in microseconds, unrounded; never decreasing; Infinity when there is no next. */
  abstract next(): number;
}

class PoissonProcess extends Process {
  private readonly meanUs: number;

  constructor(options: SyntheticOptions, entity: number, perSecond: number) {
    super(options, entity);
    assert(perSecond > 0, 'a Poisson rate must be positive');
    this.meanUs = 1e6 / perSecond;
  }

  next(): number {
    this.atUs -= Math.log(this.gaps.uniform(this.entity, this.candidate++)) * this.meanUs;
    return this.atUs;
  }
}

class DiurnalProcess extends Process {
  private readonly law: Extract<SyntheticArrivals, { kind: 'diurnal' }>;
  private readonly untilUs: number;
  private readonly thinning: KeyedDraws;
  private readonly meanUs: number;

  constructor(
    options: SyntheticOptions,
    entity: number,
    law: Extract<SyntheticArrivals, { kind: 'diurnal' }>,
  ) {
    super(options, entity);
    const { perSecond, peakToMean, periodUs } = law;
    assert(perSecond > 0 && periodUs > 0, 'a diurnal rate and period must be positive');
    assert(
      peakToMean >= 1 && peakToMean <= 2,
      'peakToMean must be from 1 to 2: a rate is not negative',
    );
    this.law = law;
    this.untilUs = options.untilUs;
    this.thinning = new KeyedDraws(options.seed, options.replication, 'arrivals/thinning');
    this.meanUs = 1e6 / (perSecond * peakToMean);
  }

  /** A candidate at the peak rate stays with probability rate / peak rate. */
  next(): number {
    const { entity, gaps, meanUs, thinning } = this;
    const { peakAtUs, peakToMean, periodUs } = this.law;
    while (this.atUs < this.untilUs) {
      this.atUs -= Math.log(gaps.uniform(entity, this.candidate)) * meanUs;
      const wave = cosineTurn((this.atUs - peakAtUs) / periodUs);
      const share = (1 + (peakToMean - 1) * wave) / peakToMean;
      if (thinning.uniform(entity, this.candidate++) < share) return this.atUs;
    }
    return Number.POSITIVE_INFINITY;
  }
}

class RegularProcess extends Process {
  private readonly fromUs: number;
  private readonly everyUs: number;

  constructor(options: SyntheticOptions, entity: number, everyUs: number) {
    super(options, entity);
    assert(everyUs >= 1, 'regular arrivals are at least one microsecond apart');
    this.fromUs = options.fromUs;
    this.everyUs = everyUs;
  }

  next(): number {
    this.candidate++;
    return this.fromUs + this.candidate * this.everyUs;
  }
}

class RenewalProcess extends Process {
  private readonly gap: Sampler;

  constructor(options: SyntheticOptions, entity: number, gapUs: Distribution) {
    super(options, entity);
    assert(gapUs.law !== 'constant' || gapUs.value >= 1, 'constant gaps are at least 1 us');
    this.gap = compileDistribution(gapUs);
  }

  next(): number {
    this.atUs += this.gap.at(this.gaps.uniform(this.entity, this.candidate++));
    return this.atUs;
  }
}

function makeProcess(options: SyntheticOptions, entity: number): Process {
  const { arrivals } = options;
  switch (arrivals.kind) {
    case 'poisson':
      return new PoissonProcess(options, entity, arrivals.perSecond);
    case 'diurnal':
      return new DiurnalProcess(options, entity, arrivals);
    case 'regular':
      return new RegularProcess(options, entity, arrivals.everyUs);
    case 'renewal':
      return new RenewalProcess(options, entity, arrivals.gapUs);
  }
}
