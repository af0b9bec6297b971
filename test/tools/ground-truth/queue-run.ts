/** A queue with c servers as a scenario: pods are customers, cores are servers. Measured in batches while it runs. */
import type { Distribution } from '../../../src/base/distribution.ts';
import { COMPLETED, ENTERED, LOST } from '../../../src/contracts/observer.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { createSimulation, type Simulation } from '../../../src/run/run.ts';
import type { Scenario } from '../../../src/scenario/scenario.ts';
import { cluster, job, machine, podSpec, pool, scenario } from '../../builders/scenario.ts';
import { listen } from '../listen.ts';
import { NO_MANIFEST } from '../reproduce/manifest.ts';
import { Batches } from './batches.ts';

/** Customers of one class. */
export interface CustomerClass {
  /** Per unit of time. */
  readonly arrivalRate: number;
  /** Law of the service times, in units of time. */
  readonly service: Distribution;
  /** Higher goes first. */
  readonly priority: number;
}

/** A queue. */
export interface QueueModel {
  readonly servers: number;
  readonly classes: readonly CustomerClass[];
  /** True: who finds no free server is lost. */
  readonly isLoss: boolean;
  /** Waiting times whose exceedance is counted, in units of time, beside 0. */
  readonly thresholds: readonly number[];
  /** With exponential service at this rate: balances of flow between levels are kept as controls. */
  readonly memorylessRate: number | null;
}

/** Columns of the batches; then, by class, customers that began service and their waits; then the rest. */
const TIME = 0;
const IN_QUEUE = 1;
const IN_SYSTEM = 2;
const BUSY = 3;
const ENTERED_COUNT = 4;
const LOST_COUNT = 5;
const BEGUN = 6;
const WAITS = 7;
const WAITED = 8;
/** Waits of those that began plus service times of those that ended: response times, over a long run. */
const RESPONSES = 9;
const FIXED = 10;

/** Horizon of all runs, microseconds: instants stay exact, and no run gets there. */
const HORIZON_US = 4e15;

/** Runs a queue as long as it is asked to, and estimates its long-run averages. */
export class QueueRun {
  readonly batches: Batches;
  private readonly model: QueueModel;
  private readonly simulation: Simulation;
  /** Microseconds in a unit of time. */
  private readonly unitUs: number;
  private readonly sums: Float64Array;
  private readonly batchUs: number;
  private batchEndUs: number;
  private lastUs = 0;
  private queued = 0;
  private busy = 0;
  /** Time at each number in the system within the batch, units of time. */
  private timeAt = new Float64Array(64);
  private readonly edges: readonly number[];

  constructor(model: QueueModel, seed: number) {
    this.model = model;
    const rate = model.classes.reduce((sum, c) => sum + c.arrivalRate, 0);
    // A thousandth of the shortest mean gap or service is still a thousand microseconds.
    const shortest = Math.min(1 / rate, ...model.classes.map((c) => meanOf(c.service)));
    this.unitUs = Math.ceil(1e6 / shortest);
    this.edges = model.memorylessRate === null ? [] : levelEdges(model, rate);
    this.sums = new Float64Array(
      FIXED + model.thresholds.length + 2 * model.classes.length + this.edges.length,
    );
    this.batches = new Batches(this.sums.length);
    this.batchUs = Math.ceil((1000 / rate) * this.unitUs);
    this.batchEndUs = this.batchUs;
    const study = scenarioOf(model, this.unitUs);
    this.simulation = createSimulation(study, {
      seed,
      registry: builtinRegistry(),
      manifest: NO_MANIFEST,
    });
    this.hear(study.placement.latencyUs);
  }

  /** Events so far. */
  get events(): number {
    return this.simulation.progress().events;
  }

  /** Goes on for about `events` events; false once the calendar is at its end. */
  advance(events: number): boolean {
    return this.simulation.runFor(events) !== 'done';
  }

  private hear(latencyUs: number): void {
    const { run } = this.simulation.world.clusters[0]!;
    const { sums, model } = this;
    const classes = FIXED + model.thresholds.length;
    listen(this.simulation, 0, {
      count: (counter) => {
        this.settle(run.nowUs);
        if (counter === ENTERED) {
          sums[ENTERED_COUNT]!++;
          this.queued++;
        } else if (counter === COMPLETED) this.busy--;
        else if (counter === LOST) {
          sums[LOST_COUNT]!++;
          this.queued--;
        }
      },
      waited: (pod, sinceUs) => {
        this.settle(run.nowUs);
        this.queued--;
        this.busy++;
        const wait = (run.nowUs - sinceUs - latencyUs) / this.unitUs;
        sums[BEGUN]!++;
        sums[WAITS]! += wait;
        sums[RESPONSES]! += wait;
        if (wait > 0) sums[WAITED]!++;
        model.thresholds.forEach((threshold, i) => {
          if (wait > threshold) sums[FIXED + i]!++;
        });
        sums[classes + 2 * pod.workload]!++;
        sums[classes + 2 * pod.workload + 1]! += wait;
      },
      held: (_workload, _node, _shape, fromUs) => {
        sums[RESPONSES]! += (run.nowUs - fromUs) / this.unitUs;
      },
    });
  }

  /** Accounts for the time since the last change, batch by batch. */
  private settle(nowUs: number): void {
    while (nowUs >= this.batchEndUs) {
      this.hold(this.batchEndUs);
      this.closeBatch();
    }
    this.hold(nowUs);
  }

  private hold(untilUs: number): void {
    const span = (untilUs - this.lastUs) / this.unitUs;
    if (span === 0) return;
    const { sums } = this;
    const inSystem = this.queued + this.busy;
    sums[TIME]! += span;
    sums[IN_QUEUE]! += span * this.queued;
    sums[BUSY]! += span * this.busy;
    sums[IN_SYSTEM]! += span * inSystem;
    if (this.edges.length > 0) {
      if (inSystem >= this.timeAt.length) {
        const larger = new Float64Array(2 * inSystem);
        larger.set(this.timeAt);
        this.timeAt = larger;
      }
      this.timeAt[inSystem]! += span;
    }
    this.lastUs = untilUs;
  }

  private closeBatch(): void {
    this.balanceLevels();
    this.batches.add(this.sums);
    this.sums.fill(0);
    this.batchEndUs += this.batchUs;
  }

  /**
   * Balance of flow of each band of levels: arrivals that should have left a level of the band upwards, minus departures
   * that should have come back to it. Its long-run mean is exactly 0 where arrivals and services have the rates of the
   * model, so it may serve as a control variate (Henderson and Glynn 2002), and is itself a check.
   */
  private balanceLevels(): void {
    const { edges, model, sums, timeAt } = this;
    if (edges.length === 0) return;
    const rate = model.classes[0]!.arrivalRate;
    const base = sums.length - edges.length;
    let band = 0;
    for (let level = 0; level < timeAt.length; level++) {
      while (band + 1 < edges.length && level >= edges[band + 1]!) band++;
      const down = level + 1 < timeAt.length ? timeAt[level + 1]! : 0;
      const working = Math.min(level + 1, model.servers);
      sums[base + band]! += rate * timeAt[level]! - model.memorylessRate! * working * down;
    }
    timeAt.fill(0);
  }

  /** Columns of the controls. */
  get controls(): number[] {
    const base = this.sums.length - this.edges.length;
    return this.edges.map((_, k) => base + k);
  }

  /** Numerator and denominator of a long-run average by its usual name; null for a name that this queue has not. */
  columnsOf(field: string): readonly [number, number] | null {
    const { model } = this;
    const classes = FIXED + model.thresholds.length;
    const threshold = /^P_wait_exceeds_([\d.]+)$/.exec(field);
    if (threshold !== null) {
      const i = model.thresholds.indexOf(Number(threshold[1]));
      return i < 0 ? null : [FIXED + i, BEGUN];
    }
    const ofClass = /^Wq(\d+)$/.exec(field);
    if (ofClass !== null) {
      const k = Number(ofClass[1]) - 1;
      return k in model.classes ? [classes + 2 * k + 1, classes + 2 * k] : null;
    }
    return AVERAGES[field] ?? null;
  }
}

const AVERAGES: Readonly<Record<string, readonly [number, number]>> = {
  P_wait: [WAITED, BEGUN],
  P_block: [LOST_COUNT, ENTERED_COUNT],
  W: [RESPONSES, BEGUN],
  Wq: [WAITS, BEGUN],
  Lq: [IN_QUEUE, TIME],
  L: [IN_SYSTEM, TIME],
  carried: [BUSY, TIME],
};

/** Columns that a caller combines: the load is `BUSY / (servers * TIME)`. */
export const COLUMNS = { TIME, BUSY } as const;

function meanOf(law: Distribution): number {
  switch (law.law) {
    case 'constant':
      return law.value;
    case 'exponential':
      return law.mean;
    case 'hyperexponential':
      return law.means.reduce((sum, mean, i) => sum + mean * law.weights[i]!, 0);
    default:
      throw new Error(`no mean of the law ${law.law} here`);
  }
}

/** Lower ends of the bands: some below full servers, then finer to coarser above, in units of the mean queue. */
function levelEdges({ servers, memorylessRate }: QueueModel, rate: number): number[] {
  const load = rate / (servers * memorylessRate!);
  const step = 1 / (1 - load) / 4;
  const root = Math.sqrt(servers);
  const below = [0, servers - 2 * root, servers - root, servers - root / 2, servers];
  const above = [1, 2, 4, 8, 12].map((k) => servers + k * step);
  const edges = [...below, ...above].map((x) => Math.max(0, Math.round(x)));
  return [...new Set(edges)].sort((a, b) => a - b);
}

function scaled(law: Distribution, unitUs: number): Distribution {
  switch (law.law) {
    case 'constant':
      return { law: 'constant', value: Math.round(law.value * unitUs) };
    case 'exponential':
      return { law: 'exponential', mean: law.mean * unitUs };
    case 'hyperexponential':
      return { ...law, means: law.means.map((mean) => mean * unitUs) };
    default:
      throw new Error(`no scale of the law ${law.law} here`);
  }
}

function scenarioOf(model: QueueModel, unitUs: number): Scenario {
  const { servers } = model;
  return scenario({
    name: 'queue',
    horizonUs: HORIZON_US,
    machineTypes: [machine({ cpuMillicores: 1000 * servers, pods: servers })],
    clusters: [cluster({ pools: [pool()] })],
    workloads: model.classes.map((customers, k) =>
      job({
        name: `class-${k + 1}`,
        pod: podSpec({ memoryBytes: 0, priority: customers.priority }),
        arrivals: { kind: 'poisson', perSecond: (customers.arrivalRate * 1e6) / unitUs },
        durationUs: scaled(customers.service, unitUs),
        ...(model.isLoss ? ({ onRefusal: 'lose' } as const) : {}),
      }),
    ),
    policies: {
      placement: { use: 'most-free', params: {} },
      scheduling: { use: 'first-fit', params: {} },
      queueing: { use: 'priority', params: {} },
    },
    series: { everyUs: HORIZON_US },
  });
}
