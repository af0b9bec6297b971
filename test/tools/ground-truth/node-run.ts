/** Nodes that fail and are repaired, without any work: measured in batches while they run. */
import { UP } from '../../../src/model/view.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { createSimulation, type Simulation } from '../../../src/run/run.ts';
import type { Failure } from '../../../src/scenario/scenario.ts';
import { cluster, pool, scenario } from '../../builders/scenario.ts';
import { listen } from '../listen.ts';
import { NO_MANIFEST } from '../reproduce/manifest.ts';
import { Batches } from './batches.ts';

/** Microseconds in a unit of time. */
export const UNIT_US = 1_000_000;

/** Nodes and what breaks them. */
export interface NodesModel {
  readonly nodes: number;
  /** Failure model with parameters in microseconds. */
  readonly use: string;
  readonly params: unknown;
  /** Nodes under repair at a time at most; null is no limit. */
  readonly repairers: number | null;
  /** Mean time from one failure of a node to its next, in units of time: sets the length of batches. */
  readonly cycle: number;
}

/** Failures in a batch of the finest length. */
const FAILURES_PER_BATCH = 200;

/** Runs nodes as long as it is asked to. Columns: time, time with exactly j nodes down. */
export class NodeRun {
  readonly batches: Batches;
  private readonly simulation: Simulation;
  private readonly sums: Float64Array;
  private readonly batchUs: number;
  private batchEndUs: number;
  private lastUs = 0;
  private down = 0;

  constructor(model: NodesModel, seed: number) {
    // Time; time by number of nodes down; node-time down; the node-time of all.
    this.sums = new Float64Array(model.nodes + 4);
    this.batches = new Batches(this.sums.length);
    this.batchUs = Math.ceil((FAILURES_PER_BATCH * model.cycle * UNIT_US) / model.nodes);
    this.batchEndUs = this.batchUs;
    const failure: Failure = {
      kind: 'nodes',
      model: { use: model.use, params: model.params },
      clusters: null,
      repairers: model.repairers,
    };
    const horizonUs = 8e15;
    const study = scenario({
      name: 'nodes',
      horizonUs,
      clusters: [cluster({ pools: [pool({ count: model.nodes })] })],
      workloads: [],
      failures: [failure],
      series: { everyUs: horizonUs },
    });
    this.simulation = createSimulation(study, {
      seed,
      registry: builtinRegistry(),
      manifest: NO_MANIFEST,
    });
    const { run } = this.simulation.world.clusters[0]!;
    listen(this.simulation, 0, {
      nodeMoved: (_node, _from, to) => {
        this.settle(run.nowUs);
        this.down += to === UP ? -1 : 1;
      },
    });
  }

  /** Events so far. */
  get events(): number {
    return this.simulation.progress().events;
  }

  /** Goes on for about `events` events; false once the calendar is at its end. */
  advance(events: number): boolean {
    return this.simulation.runFor(events) !== 'done';
  }

  /** The column of time with exactly `down` nodes down. */
  columnOfDown(down: number): number {
    return 1 + down;
  }

  /** Columns of node-time down and of all node-time. */
  get nodeTime(): { readonly down: number; readonly all: number; readonly time: number } {
    const { length } = this.sums;
    return { down: length - 2, all: length - 1, time: 0 };
  }

  private settle(nowUs: number): void {
    while (nowUs >= this.batchEndUs) {
      this.hold(this.batchEndUs);
      this.batches.add(this.sums);
      this.sums.fill(0);
      this.batchEndUs += this.batchUs;
    }
    this.hold(nowUs);
  }

  private hold(untilUs: number): void {
    const span = (untilUs - this.lastUs) / UNIT_US;
    const { sums, down } = this;
    const nodes = sums.length - 4;
    sums[0]! += span;
    sums[1 + down]! += span;
    sums[sums.length - 2]! += span * down;
    sums[sums.length - 1]! += span * nodes;
    this.lastUs = untilUs;
  }
}
