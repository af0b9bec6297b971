/** A wanted precision: which statistic of which metric, and how narrow its interval over replications has to be. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import type { Bundle, DistributionEntry, Labels } from './bundle.ts';
import { compareLabels } from './catalog.ts';
import { type Precision, precisionOf } from './effort.ts';
import { isThreshold, parseThreshold, type Threshold } from './expression.ts';
import { isSelector, parseSelector, type Selector, selectResults } from './selector.ts';
import { evaluateThresholds } from './verdicts.ts';

/** What `--precision` asks for. */
export interface PrecisionGoal {
  readonly selector: Selector;
  /** Such as `p(99)`. */
  readonly statistic: string;
  /** Relative half-width, above 0 and below 1. */
  readonly gamma: number;
  /** As written. */
  readonly text: string;
  /** Reads the statistic of one replication: its bound means nothing. */
  readonly probe: Threshold;
}

/** Level of the interval that has to be narrow. */
const LEVEL = 0.95;
const DEFAULT_STATISTIC = { sample: 'avg', gauge: 'twavg', counter: 'total' } as const;
const GAMMA = /(?:^|\s)(\d+(?:\.\d+)?)\s*%\s*$/;
/** Zero in every unit that a statistic may have. */
const ZEROS = ['0', '0s', '0B', '0%'];

/**
 * Reads a precision: `pod_wait_seconds 5%`, `pod_wait_seconds{class="batch"} p(99) 5%`. Without a statistic: `avg` of
 * samples, `twavg` of gauges, `total` of counters.
 *
 * @throws ScenarioError with everything that is wrong and the character where it is
 */
export function parsePrecision(text: string): PrecisionGoal {
  const fail = (at: number, expected: string, hint?: string): never => {
    throw new ScenarioError([issueOf(text, { at, expected, ...(hint ? { hint } : {}) })]);
  };
  const tail = GAMMA.exec(text);
  if (tail === null) {
    fail(text.trimEnd().length, 'a relative precision such as 5% at the end', 'METRIC [STAT] 5%');
  }
  const gamma = Number(tail![1]) / 100;
  const gammaAt = text.indexOf(tail![1]!, tail!.index);
  if (!(gamma > 0 && gamma < 1)) fail(gammaAt, 'a precision above 0% and below 100%');
  const head = text.slice(0, tail!.index);
  const split = endOfSelector(head);
  const selector = parseSelector(head.slice(0, split));
  if (!isSelector(selector)) {
    throw new ScenarioError(selector.map((issue) => issueOf(text, issue)));
  }
  const statistic = head.slice(split).trim() || DEFAULT_STATISTIC[selector.metric.kind];
  const statisticAt = split + (head.slice(split).length - head.slice(split).trimStart().length);
  const { direction } = selector.metric;
  const probe = probeOf(selector.text, statistic, direction === 'higher' ? '>=' : '<=');
  if (Array.isArray(probe)) {
    throw new ScenarioError(
      probe.map((issue) => issueOf(text, { ...issue, at: statisticAt + issue.at })),
    );
  }
  return { selector, statistic, gamma, text, probe: probe as Threshold };
}

/** The place behind the metric's name and its braces, which may hold any text in quotes. */
function endOfSelector(text: string): number {
  const name = /^\s*[^\s{]*/.exec(text)![0].length;
  const braces = /^\s*\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}/.exec(text.slice(name));
  if (braces !== null) return name + braces[0].length;
  // An unclosed brace is the selector's own fault, to be told where it is.
  return text.slice(name).trimStart().startsWith('{') ? text.length : name;
}

type Syntax = { readonly at: number; readonly expected: string; readonly hint?: string };

function probeOf(selector: string, statistic: string, cmp: string): Threshold | Syntax[] {
  let issues: readonly Syntax[] = [];
  for (const zero of ZEROS) {
    const parsed = parseThreshold(selector, `${statistic} ${cmp} ${zero}`);
    if (isThreshold(parsed)) return parsed;
    // What is wrong with the statistic is wrong with every zero; the zero itself is none of the user's business.
    issues = parsed.expr.filter((issue) => issue.at < statistic.length);
    if (issues.length > 0) return [...issues];
  }
  return [{ at: 0, expected: 'a statistic such as avg, p(99), twavg or total' }];
}

function issueOf(text: string, { at, expected, hint }: Syntax): Issue {
  const issue = { path: `--precision, character ${at + 1}`, value: JSON.stringify(text), expected };
  return hint === undefined ? issue : { ...issue, hint };
}

/**
 * Gives the statistic of one replication; where the selector leaves several label sets, that of the worst.
 *
 * @returns null where nothing was observed
 */
export function precisionValue(goal: PrecisionGoal, bundle: Bundle): number | null {
  const { result, series, distributions } = bundle;
  const [observed] = evaluateThresholds([goal.probe], {
    metrics: result.metrics,
    series,
    distributions,
    observedSeconds: Math.max(0, result.reachedSeconds - result.warmupSeconds),
    windows: [],
  });
  return observed!.observed;
}

/**
 * Tells how precise the mean over replications is, and whether it will do.
 *
 * @param values one per replication; those that observed nothing are left out
 * @param pilot never enough before so many
 */
export function precisionSoFar(
  goal: PrecisionGoal,
  values: readonly (number | null)[],
  pilot: number,
): Precision {
  const observed = values.filter((value) => value !== null);
  return precisionOf(observed, { gamma: goal.gamma, level: LEVEL, pilot });
}

/**
 * Gives the course of the metric over time, the mean over replications, one value per series bucket: where a warm-up can be
 * seen. Samples are the mean of those that began in the bucket; a bucket without an observation repeats the one before.
 *
 * @param bundles of one replication each
 * @throws ScenarioError where the selector picks no single metric that is kept over time
 */
export function meanCourse(goal: PrecisionGoal, bundles: readonly Bundle[]): readonly number[] {
  const { metric } = goal.selector;
  const { result, series } = bundles[0]!;
  const found = selectResults(
    result.metrics.filter((m) => m.name === metric.name),
    goal.selector,
    [],
  );
  const labels = found.length === 1 ? found[0]!.labels : null;
  const means =
    labels === null
      ? []
      : metric.kind === 'sample'
        ? sampledCourse(bundles, metric.name, labels, series.buckets)
        : storedCourse(bundles, metric.name, labels);
  if (means.length === 0) {
    const hint = 'such as pod_wait_seconds, pods_running or allocation_ratio{resource="cpu"}';
    const expected = 'one metric that is kept over time, to see the warm-up';
    throw new ScenarioError([{ path: '--warmup', value: goal.selector.text, expected, hint }]);
  }
  return means;
}

function storedCourse(bundles: readonly Bundle[], name: string, labels: Labels): number[] {
  const all = bundles.flatMap(({ series }) =>
    series.series.filter((s) => s.name === name && compareLabels(s.labels, labels) === 0),
  );
  const length = Math.max(0, ...all.map((s) => s.mean.length));
  return filled(length, (b) => {
    const values = all.map((s) => s.mean[b] ?? Number.NaN).filter((v) => !Number.isNaN(v));
    return values.length === 0 ? null : values.reduce((sum, v) => sum + v, 0) / values.length;
  });
}

function sampledCourse(
  bundles: readonly Bundle[],
  name: string,
  labels: Labels,
  buckets: number,
): number[] {
  const byBucket = new Map<number, DistributionEntry[]>();
  for (const { distributions } of bundles) {
    for (const entry of distributions.entries) {
      const bucket = /^bucket:(\d+)$/.exec(entry.scope);
      if (bucket === null || entry.metric !== name) continue;
      if (compareLabels(entry.labels, labels) !== 0) continue;
      const own = byBucket.get(Number(bucket[1]));
      if (own === undefined) byBucket.set(Number(bucket[1]), [entry]);
      else own.push(entry);
    }
  }
  if (byBucket.size === 0) return [];
  return filled(buckets, (b) => {
    const entries = byBucket.get(b) ?? [];
    const n = entries.reduce((sum, entry) => sum + entry.n, 0);
    return n === 0 ? null : entries.reduce((sum, entry) => sum + entry.sum, 0) / n;
  });
}

/** Repeats the value before where there is none; leading gaps take the first value. */
function filled(length: number, meanAt: (b: number) => number | null): number[] {
  const values = Array.from({ length }, (_, b) => meanAt(b));
  const first = values.find((value) => value !== null);
  if (first === undefined || first === null) return [];
  let last = first;
  return values.map((value) => {
    last = value ?? last;
    return last;
  });
}
