/** How fast a run goes and how long it will take. */
import { formatRatio } from '../base/units.ts';
import type { Glance } from '../run/run.ts';

/** What a run says of itself between slices. */
export interface ProgressFacts {
  readonly nowUs: number;
  readonly events: number;
  readonly arrived: number;
  readonly running: number;
  readonly pending: number;
  /** Of an experiment of several replications; all other facts are then sums over them. */
  readonly replications?: ReplicationFacts;
}

/** Where an experiment stands. */
export interface ReplicationFacts {
  readonly done: number;
  readonly planned: number;
  /** True where the precision decides how many there will be. */
  readonly isEstimate: boolean;
  /** True while a pilot looks for the warm-up. */
  readonly isPilot: boolean;
  /** Wanted and present relative half-width; null where no precision was asked for. */
  readonly precision: {
    readonly goal: string;
    readonly gamma: number;
    readonly relative: number | null;
  } | null;
}

/** Says how many replications are there: `rep 4/10`, `pilot 4/10`, `rep 12/~16`. */
export function replicationsText(facts: ReplicationFacts): string {
  const planned = `${facts.isEstimate ? '~' : ''}${facts.planned}`;
  return `${facts.isPilot ? 'pilot' : 'rep'} ${facts.done}/${planned}`;
}

/** Says how precise the mean is: `±7.9 % (goal 5 %) → est. 16 reps`; empty where nothing was asked for. */
export function precisionText(facts: ReplicationFacts, isUnicode = true): string {
  const { precision, planned } = facts;
  if (precision === null) return '';
  const [give, then] = isUnicode ? ['±', '→'] : ['+-', '->'];
  const { relative, gamma } = precision;
  const now = relative === null ? 'unknown yet' : `${give}${formatRatio(relative)}`;
  return `${now} (goal ${formatRatio(gamma)}) ${then} est. ${planned} reps`;
}

/** A moment of a run with its derived figures. */
export interface Moment extends ProgressFacts {
  /** Of the horizon, 0 to 1. */
  readonly share: number;
  readonly horizonUs: number;
  readonly wallMs: number;
  /** Null before a rate is known. */
  readonly eventsPerSecond: number | null;
  readonly etaMs: number | null;
  /** Where the end probably lies; null before 5 % of the horizon, when nobody can tell. */
  readonly etaRangeMs: readonly [number, number] | null;
}

/** Takes a closer look at the run. */
export type Look = () => Glance;

/** Weight of the newest rate in the moving averages. */
const SMOOTHING = 0.3;
/** Wall clock between two measurements of the rate, milliseconds. */
const RATE_EVERY_MS = 50;
/** Share of the horizon after which the end is estimated as a range. */
const RANGE_FROM_SHARE = 0.05;

/**
 * Estimates what is left: events so far extrapolated to the horizon, over a moving average of the event rate. The range
 * spans that rate give or take its mean deviation, and the pace of the whole run so far.
 */
export class Pace {
  private readonly clockMs: () => number;
  private readonly startMs: number;
  /** When the first events were seen: building the world is no part of the pace. */
  private firstMs: number | null = null;
  private lastMs: number;
  private lastEvents = 0;
  private rate: number | null = null;
  private deviation = 0;

  /** @param clockMs wall clock in milliseconds */
  constructor(clockMs: () => number) {
    this.clockMs = clockMs;
    this.startMs = clockMs();
    this.lastMs = this.startMs;
  }

  /** Derives the figures of now. @param horizonUs end of the run, microseconds */
  moment(facts: ProgressFacts, horizonUs: number): Moment {
    const nowMs = this.clockMs();
    this.measure(facts.events, nowMs);
    const share = horizonUs > 0 ? Math.min(1, facts.nowUs / horizonUs) : 1;
    const left = share > 0 ? (facts.events * (1 - share)) / share : null;
    const etaMs = left === null || this.rate === null ? null : (left * 1000) / this.rate;
    const wallMs = nowMs - this.startMs;
    const etaRangeMs =
      left === null || share < RANGE_FROM_SHARE ? null : this.range(left, share, nowMs);
    return { ...facts, share, horizonUs, wallMs, eventsPerSecond: this.rate, etaMs, etaRangeMs };
  }

  private measure(events: number, nowMs: number): void {
    const sinceMs = nowMs - this.lastMs;
    if (events === 0) this.lastMs = nowMs;
    else this.firstMs ??= this.lastMs;
    if (sinceMs < RATE_EVERY_MS || events <= this.lastEvents) return;
    const newest = ((events - this.lastEvents) * 1000) / sinceMs;
    const rate = this.rate ?? newest;
    this.deviation += SMOOTHING * (Math.abs(newest - rate) - this.deviation);
    this.rate = rate + SMOOTHING * (newest - rate);
    this.lastMs = nowMs;
    this.lastEvents = events;
  }

  private range(left: number, share: number, nowMs: number): readonly [number, number] | null {
    if (this.rate === null || this.firstMs === null) return null;
    // A rate of less than a quarter of the average is a pause, not a pace.
    const slow = Math.max(this.rate - this.deviation, this.rate / 4);
    const wholeMs = ((nowMs - this.firstMs) * (1 - share)) / share;
    const fastMs = (left * 1000) / (this.rate + this.deviation);
    return [Math.min(wholeMs, fastMs), Math.max(wholeMs, (left * 1000) / slow)];
  }
}
