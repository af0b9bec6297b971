/** How often the 95 % interval of ten replications holds the true mean wait of M/M/c. */
import { precisionOf } from '../src/results/effort.ts';
import { mergeReplications } from '../src/results/replications.ts';
import { parseScenario } from '../src/scenario/load.ts';
import {
  type Finding,
  LEVEL,
  REPLICATIONS,
  rootSeed,
  runOnce,
  shareFinding,
} from './calibrate-parts.ts';

/** Four servers of rate 1 per second at rho = 0.8. */
const SERVERS = 4;
const RATE = 3.2;
const CUSTOMERS_LEAST = 20_000;
/**
 * Seconds left out. A queue forgets its start with the time constant 1 / (sqrt(c) - sqrt(lambda))^2 = 1 / (2 - 1.789)^2 =
 * 22.4 s, so 400 s leave e^-17 of it.
 */
const WARMUP = 400;
/** 6,450 s after the warm-up bring 20,640 customers: 640 are 4.5 standard deviations above what is asked. */
const UNTIL = WARMUP + 6450;
/** For those that still wait: cut off, they would make the mean a lower bound. */
const DRAIN = 60;

/** Every so many experiments one goes on until it is precise. */
const SEQUENTIAL_EVERY = 10;
const GAMMA = 0.05;
const SEQUENTIAL_MOST = 100;

/** M/M/c, first come, first served. */
const MMC = parseScenario({
  orrery: 1,
  name: 'calibration-mmc',
  question: 'How long does a customer wait?',
  horizon: `${UNTIL + DRAIN}s`,
  warmup: `${WARMUP}s`,
  series: { every: `${UNTIL + DRAIN}s` },
  fleet: {
    machineTypes: [{ name: 'servers', cpu: SERVERS, memory: '64Gi', pods: 64 }],
    clusters: [{ name: 'queue', pools: [{ machineType: 'servers', count: 1 }] }],
  },
  workloads: [
    {
      name: 'customers',
      kind: 'job',
      arrivals: { poisson: `${RATE}/s` },
      duration: { exponential: { mean: '1s' } },
      pod: { cpu: 1 },
      until: `${UNTIL}s`,
    },
  ],
  policies: { queueing: 'fifo', scheduling: 'first-fit' },
});

/**
 * The exact mean wait, seconds: Erlang's C over c mu - lambda. With a = 3.2, 1 / (1 - rho) = 5 and a^4 / 24 * 5 = 21.845:
 * C = 21.845 / (1 + 3.2 + 5.12 + 5.461 + 21.845) = 0.596438, W = C / 0.8 = 0.745548.
 */
export const MEAN_WAIT = erlangC(SERVERS, RATE) / (SERVERS - RATE);

function erlangC(servers: number, offered: number): number {
  let term = 1;
  let sum = 0;
  for (let k = 0; k < servers; k++) {
    sum += term;
    term *= offered / (k + 1);
  }
  const waiting = term / (1 - offered / servers);
  return waiting / (sum + waiting);
}

/** What came of one experiment. */
export interface CoverageOutcome {
  readonly isCovered: boolean;
  /** Fewest customers of a replication. */
  readonly customers: number;
  readonly mean: number;
  /** Where it went on until it was precise. */
  readonly sequential: { readonly n: number; readonly isCovered: boolean } | null;
}

/** Runs ten replications under a root seed of their own, and takes the interval from their bundle. */
export async function coverageExperiment(seed: number, i: number): Promise<CoverageOutcome> {
  const root = rootSeed(seed, 1, i);
  const bundles = [];
  for (let replication = 0; replication < REPLICATIONS; replication++) {
    bundles.push(await runOnce(MMC, { seed: root, replication }));
  }
  const wait = mergeReplications(bundles).result.metrics.find(
    (m) => m.name === 'pod_wait_seconds' && Object.keys(m.labels).length === 0,
  )!;
  const [low, high] = wait.ci!.mean;
  const waits = bundles.map((b) => b.result.metrics.find((m) => m.name === 'pod_wait_seconds')!);
  const values = wait.perReplication.map((value) => value!);
  const customers = Math.min(...waits.map((w) => w.n));
  const isSequential = i % SEQUENTIAL_EVERY === 0;
  return {
    isCovered: low <= MEAN_WAIT && MEAN_WAIT <= high,
    customers,
    mean: values.reduce((sum, value) => sum + value, 0) / values.length,
    sequential: isSequential ? await goOn(root, [...values]) : null,
  };
}

/** The rule of `--reps auto --precision 'pod_wait_seconds 5%'`, replication by replication. */
async function goOn(seed: number, values: number[]): Promise<CoverageOutcome['sequential']> {
  const options = { gamma: GAMMA, level: LEVEL };
  let precision = precisionOf(values, options);
  while (!precision.isReached && values.length < SEQUENTIAL_MOST) {
    const bundle = await runOnce(MMC, { seed, replication: values.length });
    values.push(bundle.result.metrics.find((m) => m.name === 'pod_wait_seconds')!.mean!);
    precision = precisionOf(values, options);
  }
  const apart = Math.abs(precision.mean! - MEAN_WAIT);
  return { n: values.length, isCovered: apart <= precision.halfWidth! };
}

/** Says what all experiments together say. */
export function coverageFindings(outcomes: readonly CoverageOutcome[]): Finding[] {
  const n = outcomes.length;
  const hits = (all: readonly { readonly isCovered: boolean }[]): number =>
    all.filter((one) => one.isCovered).length;
  const sequential = outcomes.map((o) => o.sequential).filter((s) => s !== null);
  const customers = Math.min(...outcomes.map((o) => o.customers));
  const mean = outcomes.reduce((sum, o) => sum + o.mean, 0) / n;
  const reps = sequential.reduce((sum, s) => sum + s.n, 0) / sequential.length;
  const what = `M/M/${SERVERS} at rho ${RATE / SERVERS}`;
  return [
    shareFinding(`coverage, ${what}, 10 replications`, hits(outcomes), n, [0.93, 0.97]),
    shareFinding(
      `coverage, stopped at 5 % precision after ${reps.toFixed(1)} replications in the mean`,
      hits(sequential),
      sequential.length,
      null,
    ),
    {
      name: `fewest customers of a replication over ${CUSTOMERS_LEAST} ×`,
      n: n * REPLICATIONS,
      value: customers / CUSTOMERS_LEAST,
      interval: null,
      goal: 'at least 1',
      verdict: customers >= CUSTOMERS_LEAST ? 'met' : 'missed',
    },
    {
      name: 'mean of all waits over the exact one ×',
      n: n * REPLICATIONS,
      value: mean / MEAN_WAIT,
      interval: null,
      goal: null,
      verdict: 'told',
    },
  ];
}
