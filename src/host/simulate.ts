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
import { planThreads, threadCount } from '../run/thread-plan.ts';
import type { Scenario } from '../scenario/scenario.ts';
import {
  type Checkpoint,
  type CheckpointKey,
  refusal,
  type SavedState,
  writeCheckpoint,
} from './checkpoint.ts';
import type { Interrupts, StopSignal } from './interrupt.ts';
import { InputFeeder } from './streams.ts';
import { openTeam, type ThreadTeam } from './thread-team.ts';

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

/** Threads for the clusters of one run. */
export interface RunThreads {
  /** At least 1; 1 runs them in this thread. No more are started than there are clusters. */
  readonly count: number;
  /** The files of policies that the registry was loaded from: each thread loads them itself. */
  readonly plugins: readonly string[];
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
  /** Absent runs everything in this thread; the bundle is the same for any number. */
  readonly threads?: RunThreads;
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
  /** Threads that ran the clusters. */
  readonly threads: number;
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
  const team = await teamFor(options);
  try {
    return await runWith(team, options, startedMs);
  } finally {
    await team?.close();
  }
}

/** Starts the threads of a run; null if it has none beside this one. */
async function teamFor(options: RunOptions): Promise<ThreadTeam | null> {
  const { check = false, manifest, replication = 0, scenario, seed, threads } = options;
  if (threads === undefined) return null;
  const count = threadCount(scenario, threads.count);
  if (count === 1) return null;
  const { plugins } = threads;
  const task = { scenario, seed, replication, check, manifest, plugins };
  return openTeam(task, planThreads(scenario, count));
}

async function runWith(
  team: ThreadTeam | null,
  options: RunOptions,
  startedMs: number,
): Promise<RunOutcome> {
  const {
    checkpoint,
    interrupts,
    manifest,
    onProgress,
    scenario,
    shouldStop,
    threads: _,
    timeLimitMs,
    ...rest
  } = options;
  const groupsOf = team === null ? {} : { groupsOf: team.groupsOf };
  const simulation = createSimulation(scenario, { ...rest, ...groupsOf, manifest });
  const feeder = new InputFeeder(simulation.inputs);
  const saver =
    checkpoint === undefined ? null : new Saver(checkpoint, { simulation, feeder, team });
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
    await team?.ready();
    await saver?.resume();
    await feeder.feedDry();
    for (;;) {
      onProgress?.(simulation.progress(), simulation.horizonUs, look);
      const sliceMs = performance.now();
      // A window that was cut short by a trace must be done before the run may stop.
      const status = simulation.runFor(stopped === null ? events : 1);
      if (status === 'done') {
        stopped = null;
        break;
      }
      if (status === 'dry') await feeder.feedDry();
      else events = nextSlice(events, performance.now() - sliceMs);
      await breathe();
      stopped ??= stopReason();
      if (status === 'dry' || !simulation.isResting()) continue;
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
  while (!simulation.settle()) await breathe();
  const bundle = simulation.finish(stopped);
  const wallMs = performance.now() - startedMs;
  return { bundle, stopped, events: progress.events, wallMs, threads: team?.threads ?? 1 };
}

/** Signals, timers and threads that die are heard only when the loop lets go. */
async function breathe(): Promise<void> {
  await new Promise((resume) => setImmediate(resume));
}

/** Saves one run. */
class Saver {
  private readonly plan: CheckpointPlan;
  private readonly simulation: Simulation;
  private readonly feeder: InputFeeder;
  private readonly team: ThreadTeam | null;
  private readonly state: RunState;
  private savedMs = performance.now();
  private isTried = false;

  constructor(
    plan: CheckpointPlan,
    run: {
      readonly simulation: Simulation;
      readonly feeder: InputFeeder;
      readonly team: ThreadTeam | null;
    },
  ) {
    this.plan = plan;
    this.simulation = run.simulation;
    this.feeder = run.feeder;
    this.team = run.team;
    this.state = new RunState(run.simulation.stateParts());
  }

  /** Puts the run where its checkpoint left it, if there is one. */
  async resume(): Promise<void> {
    const { from } = this.plan;
    if (from === null) return;
    const { snapshot, threads } = from.state;
    if (!this.state.fits(snapshot)) {
      throw refusal(from.path, 'it was written by another build of this version');
    }
    this.state.restore(snapshot);
    await this.team?.restore(threads);
    await this.feeder.skipTo(from.facts.traces);
  }

  /** Saves if it is time. A run that cannot be saved says so after its first slice. */
  async considerSaving(): Promise<void> {
    if (performance.now() - this.savedMs >= this.plan.everyMs) await this.save();
    else if (!this.isTried) await this.take();
    this.isTried = true;
  }

  private async take(): Promise<SavedState> {
    // Threads first: they take the mail that is on its way to them.
    const threads = (await this.team?.save()) ?? [];
    return { snapshot: this.state.save(), threads };
  }

  async save(): Promise<void> {
    const { key, onWritten, path } = this.plan;
    const startedMs = performance.now();
    const { events, nowUs } = this.simulation.progress();
    const facts = { nowUs, events, traces: this.feeder.positions() };
    const bytes = await writeCheckpoint(path, key, facts, await this.take());
    this.savedMs = performance.now();
    onWritten?.(bytes, this.savedMs - startedMs);
  }
}

/** Steers the number of events towards the wanted time, at most doubling. */
function nextSlice(events: number, tookMs: number): number {
  const wanted = tookMs > 0 ? (events * SLICE_MS) / tookMs : events * 2;
  return Math.round(Math.min(Math.max(wanted, EVENTS_LEAST), events * 2, EVENTS_MOST));
}
