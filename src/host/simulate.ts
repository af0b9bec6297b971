/** Drives a simulation in slices, so that the process can refill traces, report progress and hear signals. */
import type { Bundle } from '../results/bundle.ts';
import type { Registry } from '../run/registry.ts';
import {
  createSimulation,
  type Glance,
  type Progress,
  type Simulation,
  type SimulationManifest,
} from '../run/run.ts';
import { RunState } from '../run/snapshot.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Checkpoint, type CheckpointKey, refusal, writeCheckpoint } from './checkpoint.ts';
import type { Interrupts, StopSignal } from './interrupt.ts';
import { InputFeeder } from './streams.ts';

/** Why a run ended early. */
export type StopReason = StopSignal | 'time limit';

/** When and where a run is saved. */
export interface CheckpointPlan {
  readonly path: string;
  /** Wall clock between two checkpoints, milliseconds. */
  readonly everyMs: number;
  readonly key: CheckpointKey;
  /** The checkpoint to go on from, which is of this run; null to start at the beginning. */
  readonly from: Checkpoint | null;
  /** Told of each checkpoint: its bytes, and how long the run stood still. */
  readonly onWritten?: (bytes: number, tookMs: number) => void;
}

/** One run, with what surrounds it. */
export interface RunOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly replication?: number;
  readonly registry: Registry;
  /** Checks the laws at every event, and policies against their contracts. */
  readonly check?: boolean;
  readonly manifest: SimulationManifest;
  /** Wall clock after which the run stops, in milliseconds; absent for none. */
  readonly timeLimitMs?: number;
  readonly interrupts?: Interrupts;
  /** Saves the run now and then, and when it is stopped; absent for a run that is not saved. */
  readonly checkpoint?: CheckpointPlan;
  /** Asked between slices: why to stop now, or null. */
  readonly shouldStop?: () => StopReason | null;
  /** Told at the start, between slices (a few times a second) and at the end; a closer look costs only who takes it. */
  readonly onProgress?: (progress: Progress, horizonUs: number, look: () => Glance) => void;
}

/** A run that ended, and what it took. */
export interface RunOutcome {
  readonly bundle: Bundle;
  /** Null if it reached its horizon. */
  readonly stopped: StopReason | null;
  readonly events: number;
  readonly wallMs: number;
}

/** What one slice should take: short enough for progress at 4 Hz and for signals. */
const SLICE_MS = 60;
const EVENTS_FIRST = 2_000;
const EVENTS_LEAST = 100;
const EVENTS_MOST = 200_000;

/**
 * Runs a scenario to its horizon, or until a signal or the time limit asks it to stop. The result does not depend on the
 * slices: they only decide when the process breathes.
 *
 * @throws ScenarioError for scenario and data, PolicyError and InvariantError from the run
 */
export async function runScenario(options: RunOptions): Promise<RunOutcome> {
  const startedMs = performance.now();
  const {
    checkpoint,
    interrupts,
    manifest,
    onProgress,
    scenario,
    shouldStop,
    timeLimitMs,
    ...rest
  } = options;
  const simulation = createSimulation(scenario, { ...rest, manifest });
  const feeder = new InputFeeder(simulation.inputs);
  const saver = checkpoint === undefined ? null : new Saver(checkpoint, simulation, feeder);
  const look = () => simulation.glance();
  const stopReason = (): StopReason | null => {
    if (interrupts !== undefined && interrupts.received !== null) return interrupts.received;
    const asked = shouldStop?.() ?? null;
    if (asked !== null) return asked;
    const isOver = timeLimitMs !== undefined && performance.now() - startedMs >= timeLimitMs;
    return isOver ? 'time limit' : null;
  };
  let stopped: StopReason | null = null;
  let events = EVENTS_FIRST;
  try {
    await saver?.resume();
    await feeder.feedDry();
    for (;;) {
      onProgress?.(simulation.progress(), simulation.horizonUs, look);
      const sliceMs = performance.now();
      const status = simulation.runFor(events);
      if (status === 'done') break;
      if (status === 'dry') await feeder.feedDry();
      else events = nextSlice(events, performance.now() - sliceMs);
      // Signals and timers are heard only when the loop lets go.
      await new Promise((resume) => setImmediate(resume));
      stopped = stopReason();
      if (stopped === null) await saver?.considerSaving();
      else {
        await saver?.save();
        break;
      }
    }
  } finally {
    await feeder.close();
  }
  const progress = simulation.progress();
  onProgress?.(progress, simulation.horizonUs, look);
  const bundle = simulation.finish(stopped);
  return { bundle, stopped, events: progress.events, wallMs: performance.now() - startedMs };
}

/** Saves one run. */
class Saver {
  private readonly plan: CheckpointPlan;
  private readonly simulation: Simulation;
  private readonly feeder: InputFeeder;
  private readonly state: RunState;
  private savedMs = performance.now();
  private isTried = false;

  constructor(plan: CheckpointPlan, simulation: Simulation, feeder: InputFeeder) {
    this.plan = plan;
    this.simulation = simulation;
    this.feeder = feeder;
    this.state = new RunState(simulation.stateParts());
  }

  /** Puts the run where its checkpoint left it, if there is one. */
  async resume(): Promise<void> {
    const { from } = this.plan;
    if (from === null) return;
    if (!this.state.fits(from.snapshot)) {
      throw refusal(from.path, 'it was written by another build of this version');
    }
    this.state.restore(from.snapshot);
    await this.feeder.skipTo(from.facts.traces);
  }

  /** Saves if it is time. A run that cannot be saved says so after its first slice. */
  async considerSaving(): Promise<void> {
    if (performance.now() - this.savedMs >= this.plan.everyMs) await this.save();
    else if (!this.isTried) this.state.save();
    this.isTried = true;
  }

  async save(): Promise<void> {
    const { key, onWritten, path } = this.plan;
    const startedMs = performance.now();
    const { events, nowUs } = this.simulation.progress();
    const facts = { nowUs, events, traces: this.feeder.positions() };
    const bytes = await writeCheckpoint(path, key, facts, this.state.save());
    this.savedMs = performance.now();
    onWritten?.(bytes, this.savedMs - startedMs);
  }
}

/** Steers the number of events towards the wanted time, at most doubling. */
function nextSlice(events: number, tookMs: number): number {
  const wanted = tookMs > 0 ? (events * SLICE_MS) / tookMs : events * 2;
  return Math.round(Math.min(Math.max(wanted, EVENTS_LEAST), events * 2, EVENTS_MOST));
}
