/**
 * M/M/1000 at rho = 0.9 on our engine, and on the same model written with event objects, `fastpriorityqueue` and
 * `seedrandom`; then through the whole pipeline. Rounds alternate in one process; the ratio is the median of the rounds'.
 */
import FastPriorityQueue from 'fastpriorityqueue';
import seedrandom from 'seedrandom';
import { HeapQueue } from '../src/collections/event-queue.ts';
import { Histogram } from '../src/collections/histogram.ts';
import { Engine } from '../src/engine/simulation.ts';
import { exponential } from '../src/random/distributions.ts';
import { KeyedDraws } from '../src/random/draw.ts';
import {
  cluster,
  job,
  machine,
  podSpec,
  pool,
  SECOND,
  scenario,
} from '../test/builders/scenario.ts';
import { type BenchOptions, type BenchRow, median, row } from './rows.ts';
import { timeRun } from './time-run.ts';

const SERVERS = 1000;
const ARRIVALS_PER_SECOND = 900;
const MEAN_SERVICE_US = 1e6;

/** What one run of the model gave: both stacks must tell the same story. */
interface Outcome {
  readonly events: number;
  readonly waits: Histogram;
}

/** The model on our parts: arrivals in the sorted lane, completions in the heap, keyed draws. */
function onOurEngine(customers: number, seed: number): Outcome {
  const gaps = new KeyedDraws(seed, 0, 'bench/gap');
  const services = new KeyedDraws(seed, 0, 'bench/service');
  const gap = exponential(1e6 / ARRIVALS_PER_SECOND);
  const service = exponential(MEAN_SERVICE_US);
  const waits = new Histogram();
  const queue = new Float64Array(1 << 20);
  let head = 0;
  let tail = 0;
  let busy = 0;
  let arrived = 0;
  let nextUs = Math.round(gap.at(gaps.uniform(0, 0)));
  const start = (sinceUs: number, customer: number): void => {
    waits.record(engine.nowUs - sinceUs);
    engine.at(engine.nowUs + Math.round(service.at(services.uniform(customer, 0))), 0, customer);
  };
  const lane = {
    isStalled: false,
    nextAtUs: () => nextUs,
    deliver: () => {
      const customer = arrived++;
      if (busy < SERVERS) {
        busy++;
        start(engine.nowUs, customer);
      } else {
        queue[tail++ & 0xfffff] = engine.nowUs;
      }
      nextUs =
        arrived < customers
          ? nextUs + Math.round(gap.at(gaps.uniform(arrived, 0)))
          : Number.POSITIVE_INFINITY;
    },
  };
  const ended = (): void => {
    if (head === tail) busy--;
    else start(queue[head++ & 0xfffff]!, arrived + head);
  };
  const engine: Engine = new Engine(new HeapQueue(2048), [ended], [0], { stream: lane, phase: 2 });
  return { events: engine.runBefore(Number.POSITIVE_INFINITY), waits };
}

/** An event of the literal stack. */
interface QueuedEvent {
  readonly atUs: number;
  readonly sequence: number;
  readonly run: () => void;
}

/** The model as it is first written down: event objects with closures in a priority queue, one generator. */
function onLiteralStack(customers: number, seed: number): Outcome {
  const random = seedrandom(String(seed));
  const draw = (meanUs: number): number => Math.round(0 - meanUs * Math.log(1 - random()));
  const events = new FastPriorityQueue<QueuedEvent>(
    (a, b) => a.atUs < b.atUs || (a.atUs === b.atUs && a.sequence < b.sequence),
  );
  const waits = new Histogram();
  const waiting: number[] = [];
  let first = 0;
  let nowUs = 0;
  let sequence = 0;
  let busy = 0;
  let arrived = 0;
  const schedule = (atUs: number, run: () => void): void => {
    events.add({ atUs, sequence: sequence++, run });
  };
  const start = (sinceUs: number): void => {
    waits.record(nowUs - sinceUs);
    schedule(nowUs + draw(MEAN_SERVICE_US), ended);
  };
  const ended = (): void => {
    if (first === waiting.length) busy--;
    else start(waiting[first++]!);
  };
  const arrive = (): void => {
    arrived++;
    if (busy < SERVERS) {
      busy++;
      start(nowUs);
    } else waiting.push(nowUs);
    if (arrived < customers) schedule(nowUs + draw(1e6 / ARRIVALS_PER_SECOND), arrive);
  };
  schedule(draw(1e6 / ARRIVALS_PER_SECOND), arrive);
  let count = 0;
  for (let event = events.poll(); event !== undefined; event = events.poll()) {
    nowUs = event.atUs;
    event.run();
    count++;
  }
  return { events: count, waits };
}

/** Measures both stacks, then the whole pipeline on one node of 1000 cores and on 1000 nodes of one. */
export async function benchEngine(options: BenchOptions): Promise<BenchRow[]> {
  const customers = options.isSmoke ? 20_000 : 500_000;
  const rounds = options.isSmoke ? 2 : 7;
  const times: { ours: number[]; literal: number[] } = { ours: [], literal: [] };
  onOurEngine(customers / 5, 1);
  onLiteralStack(customers / 5, 1);
  for (let round = 0; round < rounds; round++) {
    for (const [name, model] of [
      ['ours', onOurEngine],
      ['literal', onLiteralStack],
    ] as const) {
      const start = process.cpuUsage();
      const { events, waits } = model(customers, round + 2);
      const { system, user } = process.cpuUsage(start);
      times[name].push((events * 1e6) / (system + user));
      if (events !== 2 * customers || waits.n !== customers) throw new Error(`${name} lost one`);
    }
  }
  return [
    row('M/M/1000, our engine', { eventsPerSecond: median(times.ours), queue: 'HeapQueue' }),
    row('M/M/1000, literal stack', {
      eventsPerSecond: median(times.literal),
      queue: 'fastpriorityqueue',
      reference: 'our engine is faster by',
      ratio: median(times.ours.map((rate, i) => rate / times.literal[i]!)),
    }),
    pipeline('M/M/1000, pipeline, 1 node', 1, options),
    pipeline('M/M/1000, pipeline, 1000 nodes', SERVERS, options),
  ];
}

function pipeline(name: string, nodes: number, options: BenchOptions): BenchRow {
  const cores = SERVERS / nodes;
  const from = scenario({
    horizonUs: (options.isSmoke ? 20 : 600) * SECOND,
    machineTypes: [machine({ cpuMillicores: cores * 1000, pods: 2 * cores })],
    clusters: [cluster({ pools: [pool({ count: nodes })] })],
    workloads: [
      job({
        pod: podSpec({ memoryBytes: 0 }),
        arrivals: { kind: 'poisson', perSecond: ARRIVALS_PER_SECOND },
        durationUs: { law: 'exponential', mean: MEAN_SERVICE_US },
      }),
    ],
  });
  const { events, pods, seconds, tier, trajectory } = timeRun(from);
  return row(name, {
    nodes,
    policy: 'first-fit',
    tier,
    queue: 'HeapQueue',
    eventsPerSecond: events / seconds,
    podsPerSecond: pods / seconds,
    nsPerPod: (seconds * 1e9) / pods,
    trajectory,
  });
}
