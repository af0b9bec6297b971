/** The queueing cases: which model stands for which kind, and how long it runs. */
import type { Distribution } from '../../../src/base/distribution.ts';
import type { Estimate } from './batches.ts';
import { isPrecise, judge } from './precision.ts';
import { COLUMNS, type QueueModel, QueueRun } from './queue-run.ts';
import { skip, type Verdict } from './report.ts';

/** Events between two looks at the errors. */
const SLICE = 250_000;
/** Batches before errors are believed. */
const BATCHES_LEAST = 128;
/** Up to here plain averages must do; afterwards the balances of flow between levels may take out scatter. */
const PLAIN_EVENTS = 6_000_000;
/** Where a run gives up: the case fails for its error. */
const EVENTS_MOST = 150_000_000;

/** Numbers by name. */
export type Params = Readonly<Record<string, unknown>>;
/** Exact values by field. */
export type Expected = Readonly<Record<string, number>>;

const exponential = (rate: number): Distribution => ({ law: 'exponential', mean: 1 / rate });

/** M/M/c, first come, first served. */
export function mmc(params: Params, expected: Expected, seed: number): Verdict {
  const { c, lambda, mu } = params as { c: number; lambda: number; mu: number };
  if (![c, lambda, mu].every(isPositive) || lambda >= c * mu) return skip('no stable M/M/c');
  return run(
    {
      servers: c,
      classes: [{ arrivalRate: lambda, service: exponential(mu), priority: 0 }],
      isLoss: false,
      thresholds: thresholdsOf(expected),
      memorylessRate: mu,
    },
    expected,
    seed,
  );
}

/** Erlang's loss system: who finds all servers busy is lost. */
export function erlangB(params: Params, expected: Expected, seed: number): Verdict {
  const { c, offered } = params as { c: number; offered: number };
  if (![c, offered].every(isPositive)) return skip('no servers or no load');
  return run(
    {
      servers: c,
      // The blocking probability depends on the law of service by its mean alone: here one that is not exponential.
      classes: [{ arrivalRate: offered, service: INSENSITIVE, priority: 0 }],
      isLoss: true,
      thresholds: [],
      memorylessRate: null,
    },
    expected,
    seed,
  );
}

/** Mean 1, square of the coefficient of variation 2: 0.5 * 0.5 + 0.5 * 1.5 = 1, E[S^2] = 2 (0.5 * 0.25 + 0.5 * 2.25) = 2.5. */
const INSENSITIVE: Distribution = {
  law: 'hyperexponential',
  means: [0.5, 1.5],
  weights: [0.5, 0.5],
};

/** M/G/1, first come, first served. */
export function mg1(params: Params, expected: Expected, seed: number): Verdict {
  const { lambda, service } = params as { lambda: number; service: unknown };
  const mean = params['E[S]'];
  const square = params['E[S^2]'];
  if (!isPositive(lambda) || !isPositive(mean) || !isPositive(square)) return skip('no M/G/1');
  const law = serviceLaw(service, mean);
  if (law === null) return skip(`no law of service times "${String(service)}"`);
  if (Math.abs(secondMoment(law) / square - 1) > 1e-9) {
    return skip(`E[S^2] = ${square} is not that of "${String(service)}"`);
  }
  return run(
    {
      servers: 1,
      classes: [{ arrivalRate: lambda, service: law, priority: 0 }],
      isLoss: false,
      thresholds: thresholdsOf(expected),
      memorylessRate: null,
    },
    expected,
    seed,
  );
}

/** One server, two classes or more; nobody is interrupted. */
export function nonPreemptive(params: Params, expected: Expected, seed: number): Verdict {
  const { mu } = params;
  const rates = Object.keys(params).filter((name) => name !== 'mu');
  const isNumbered = rates.every((name, k) => name === `lambda${k + 1}`);
  if (!isPositive(mu) || !isNumbered || !rates.every((name) => isPositive(params[name]))) {
    return skip(`no classes in ${Object.keys(params).join(', ')}`);
  }
  const classes = rates.map((name, k) => ({
    arrivalRate: params[name] as number,
    service: exponential(mu),
    priority: rates.length - k,
  }));
  const model = { servers: 1, classes, isLoss: false, thresholds: [], memorylessRate: null };
  return run(model, expected, seed);
}

function serviceLaw(text: unknown, mean: number): Distribution | null {
  if (text === 'deterministic') return { law: 'constant', value: mean };
  if (text === 'exponential') return { law: 'exponential', mean };
  if (typeof text !== 'string' || !text.startsWith('hyperexponential')) return null;
  const branches = [...text.matchAll(/w\.p\. ([\d.]+) mean ([\d.]+)/g)];
  const weights = branches.map((branch) => Number(branch[1]));
  const means = branches.map((branch) => Number(branch[2]));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const drawn = weights.reduce((sum, w, i) => sum + w * means[i]!, 0);
  const isSound = Math.abs(total - 1) < 1e-9 && Math.abs(drawn / mean - 1) < 1e-9;
  return isSound ? { law: 'hyperexponential', means, weights } : null;
}

function secondMoment(law: Distribution): number {
  switch (law.law) {
    case 'constant':
      return law.value * law.value;
    case 'exponential':
      return 2 * law.mean * law.mean;
    case 'hyperexponential':
      return law.means.reduce((sum, mean, i) => sum + 2 * law.weights[i]! * mean * mean, 0);
    default:
      return Number.NaN;
  }
}

/** True for a positive number. */
export function isPositive(x: unknown): x is number {
  return typeof x === 'number' && Number.isFinite(x) && x > 0;
}

function thresholdsOf(expected: Expected): number[] {
  return Object.keys(expected).flatMap((field) => {
    const match = /^P_wait_exceeds_([\d.]+)$/.exec(field);
    return match === null ? [] : [Number(match[1])];
  });
}

/** Runs until every field is precise, and judges. */
function run(model: QueueModel, expected: Expected, seed: number): Verdict {
  const queue = new QueueRun(model, seed);
  for (;;) {
    const isOver = !queue.advance(SLICE);
    if (!isOver && queue.batches.count < BATCHES_LEAST) continue;
    const estimates = estimatesOf(queue, model, expected);
    const isDone = [...estimates].every(([field, e]) => isPrecise(field, expected[field]!, e));
    if (isDone || isOver || queue.events >= EVENTS_MOST)
      return judgeQueue(queue, expected, estimates);
  }
}

/** A balance of flow that is off by itself fails the case: no scatter may be taken out with it. */
function judgeQueue(
  queue: QueueRun,
  expected: Expected,
  estimates: ReadonlyMap<string, Estimate>,
): Verdict {
  for (const column of queue.controls) {
    const { mean, standardError } = queue.batches.mean(column);
    if (standardError > 0 && Math.abs(mean) > 4 * standardError) {
      const reason = `arrivals and departures between levels do not balance (${mean} +- ${standardError})`;
      return { status: 'failed', reason, actual: Object.fromEntries(estimates) };
    }
  }
  return judge(expected, estimates);
}

function estimatesOf(
  queue: QueueRun,
  model: QueueModel,
  expected: Expected,
): Map<string, Estimate> {
  const estimates = new Map<string, Estimate>();
  const mayControl = queue.events > PLAIN_EVENTS;
  for (const field of Object.keys(expected)) {
    const estimate = estimateOf(queue, model, field, (plain, controlled) =>
      mayControl && !isPrecise(field, expected[field]!, plain) ? { ...controlled(), plain } : plain,
    );
    if (estimate !== null) estimates.set(field, estimate);
  }
  return estimates;
}

type Choice = (plain: Estimate, controlled: () => Estimate) => Estimate;

function estimateOf(
  queue: QueueRun,
  model: QueueModel,
  field: string,
  choose: Choice,
): Estimate | null {
  const { batches, controls } = queue;
  if (field === 'rho') {
    const busy = batches.ratio(COLUMNS.BUSY, COLUMNS.TIME);
    const { servers } = model;
    return { mean: busy.mean / servers, standardError: busy.standardError / servers };
  }
  const columns = queue.columnsOf(field);
  if (columns === null) return null;
  return choose(batches.ratio(...columns), () => batches.ratio(...columns, controls));
}
