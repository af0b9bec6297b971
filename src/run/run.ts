/**
 * One run: a pure function of (scenario, plug-ins, seed). Clusters run apart in conservative windows of the placement
 * latency: what the placer or a cluster sends in a window arrives after its end, so the order within it does not matter.
 */
import { assert } from '../base/assert.ts';
import type { Registry } from '../contracts/registry.ts';
import { forward } from '../processes/arrivals.ts';
import type { AttemptWatch } from '../processes/attempt-watch.ts';
import type { Message } from '../processes/messages.ts';
import type { Bundle } from '../results/bundle.ts';
import type { Threshold } from '../results/expression.ts';
import { parseThresholds } from '../results/thresholds.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { buildWorld, type World } from './build.ts';
import {
  type ClusterGroup,
  type GroupCounts,
  type GroupFailure,
  LocalGroup,
} from './cluster-group.ts';
import { finishRun } from './finish.ts';
import { type Glance, glanceOf, Notices } from './glance.ts';
import type { StateParts } from './snapshot.ts';
import { RUN_CLASSES } from './snapshot-classes.ts';
import { ThresholdWatch } from './thresholds-at-run.ts';
import type { SimulationInput, WorkloadExtras } from './workloads.ts';

export type { Glance, Notice } from './glance.ts';
export type { SimulationInput } from './workloads.ts';

/** What the manifest says that only the host knows. */
export interface SimulationManifest {
  readonly scenarioSha256: string;
  /** Of the scenario without its policies and thresholds; absent where nobody asked. */
  readonly worldSha256?: string;
  readonly inputs: readonly { readonly name: string; readonly sha256: string }[];
  readonly overrides: readonly string[];
  readonly plugins: readonly { readonly name: string; readonly sha256: string }[];
  readonly orreryVersion: string;
}

/** How to run. */
export interface SimulationOptions extends WorkloadExtras {
  /** An integer in [0, 2^53). */
  readonly seed: number;
  readonly replication?: number;
  readonly registry: Registry;
  /** Checks every law at every event, and every index against the full scan. */
  readonly check?: boolean;
  /** Looks at the attempts of one pod. */
  readonly watch?: AttemptWatch;
  /** Gives the groups that run the clusters in other threads; absent if they run in this one. */
  readonly groupsOf?: (world: World) => readonly ClusterGroup[];
  readonly manifest: SimulationManifest;
}

/** Where a run stands. */
export interface Progress {
  readonly nowUs: number;
  readonly events: number;
  readonly arrived: number;
  readonly running: number;
  readonly pending: number;
}

/** A run that can be driven in slices. */
export interface Simulation {
  readonly horizonUs: number;
  readonly inputs: readonly SimulationInput[];
  /** The built world: for tools that look inside, such as reproductions of published tables. */
  readonly world: World;
  /**
   * Dispatches about `maxEvents` events. Returns `more` early where other threads are still at work.
   *
   * @returns `dry` if some input's reader is empty and not finished: feed it and call again
   * @throws PolicyError, InvariantError
   */
  runFor(maxEvents: number): 'done' | 'dry' | 'more';
  progress(): Progress;
  /** Looks closer than {@link progress}: for a few times a second, see {@link glanceOf}. */
  glance(): Glance;
  /** True once nothing is under way in other threads: only then may the run end or be saved. */
  isResting(): boolean;
  /** Closes the books of all clusters; false if the process should breathe and ask again. Always true within one thread. */
  settle(): boolean;
  /**
   * Ends the run, which {@link settle}s first, and gives its bundle, which is incomplete if a threshold with `abort` was lost.
   *
   * @param stopped why it ended early, or null
   */
  finish(stopped: string | null): Bundle;
  /** What the state of the run hangs on, for a `RunState`, which is to be made before the first event. */
  stateParts(): StateParts;
}

/**
 * Prepares a run.
 *
 * @throws ScenarioError for policies, parameters and thresholds that are wrong
 */
export function createSimulation(scenario: Scenario, options: SimulationOptions): Simulation {
  const thresholds = parseThresholds(scenario.thresholds);
  const world = buildWorld(scenario, {
    ...options,
    replication: options.replication ?? 0,
    check: options.check ?? false,
    thresholds,
    isApart: options.groupsOf !== undefined,
  });
  return new WindowedRun(world, options, thresholds);
}

/** Events that the placer may run ahead of a single cluster: bounds the inbox. */
const AHEAD_EVENTS = 128;

/** What other threads are at. */
type Errand = 'window' | 'report' | 'end';

class WindowedRun implements Simulation {
  readonly horizonUs: number;
  readonly inputs: readonly SimulationInput[];
  readonly world: World;
  private readonly options: SimulationOptions;
  private readonly thresholds: readonly Threshold[];
  private readonly groups: readonly ClusterGroup[];
  private readonly mail: Message[] = [];
  private readonly notices: Notices;
  /** All events before this instant are done. */
  private reachedUs = 0;
  private isWarm: boolean;
  /** True if no message can ever reach the placer. */
  private readonly isOneWay: boolean;
  private readonly watch: ThresholdWatch;
  /** The threshold that ended the run, or null. */
  private lost: Threshold | null = null;
  /** What the groups were asked for and have not all done; null if they rest. */
  private errand: Errand | null = null;
  /** End of the window that is under way. */
  private limitUs = 0;
  private windowEvents = 0;
  private placerError: unknown = null;
  /** True if the books are as the clusters are. */
  private isReported = false;
  private isSettled = false;

  constructor(world: World, options: SimulationOptions, thresholds: readonly Threshold[]) {
    this.world = world;
    this.notices = new Notices(world);
    this.options = options;
    this.thresholds = thresholds;
    this.horizonUs = world.scenario.horizonUs;
    this.inputs = world.workloads.inputs;
    this.isWarm = world.scenario.warmupUs === 0;
    const { clusters, fleetRecorder, scenario } = world;
    const check = options.check ?? false;
    this.groups = options.groupsOf?.(world) ?? [
      new LocalGroup({ clusters, scenario, fleetRecorder, isApart: false, check }),
    ];
    this.isOneWay =
      clusters.length === 1 &&
      scenario.placement.returnAfterUs === null &&
      scenario.providers.every((provider) => provider.quotaNodes === null) &&
      scenario.workloads.every((workload) => workload.kind !== 'service');
    this.watch = new ThresholdWatch(world, thresholds);
  }

  runFor(maxEvents: number): 'done' | 'dry' | 'more' {
    const { placerLane, scenario } = this.world;
    for (let left = maxEvents; left > 0; ) {
      if (!this.isResting()) return 'more';
      left -= this.takeEvents();
      if (placerLane.isStalled) {
        placerLane.refill();
        if (placerLane.isStalled) return 'dry';
      }
      const startUs = this.nextAtUs();
      if (startUs >= this.horizonUs) {
        this.reachedUs = this.horizonUs;
        return 'done';
      }
      if (!this.isWarm && startUs >= scenario.warmupUs) this.warmUp();
      if (startUs >= this.watch.atUs) {
        if (!this.isReported) {
          this.ask('report', (group) => group.startReport());
          continue;
        }
        this.isReported = false;
        if (this.isLost()) return 'done';
      }
      left -= this.isOneWay ? this.runAhead(startUs, left) : this.runWindow(startUs);
    }
    return 'more';
  }

  /** Looks at the thresholds with `abort`; a lost one ends the run at the border of the bucket. */
  private isLost(): boolean {
    const { atUs } = this.watch;
    this.lost ??= this.watch.look();
    if (this.lost !== null) this.reachedUs = atUs;
    return this.lost !== null;
  }

  /** Instant of the earliest event anywhere. */
  private nextAtUs(): number {
    let earliestUs = this.world.placerEngine.nextAtUs();
    for (const group of this.groups) {
      const nextUs = group.nextAtUs();
      if (nextUs < earliestUs) earliestUs = nextUs;
    }
    return earliestUs;
  }

  private ask(errand: Errand, start: (group: ClusterGroup) => void): void {
    this.errand = errand;
    for (const group of this.groups) start(group);
  }

  /**
   * Clusters, and beside them the placer, up to the latency behind the earliest event: what either sends arrives later.
   *
   * @returns events; those of other threads, if they are not done, count in a later call
   */
  private runWindow(startUs: number): number {
    const { placerEngine, scenario } = this.world;
    const borderUs = this.isWarm ? this.horizonUs : scenario.warmupUs;
    const limitUs = Math.min(startUs + scenario.placement.latencyUs, borderUs, this.watch.atUs);
    this.limitUs = limitUs;
    this.ask('window', (group) => group.startWindow(limitUs));
    try {
      this.windowEvents = placerEngine.runBefore(limitUs);
    } catch (error) {
      this.placerError = error;
    }
    return this.isResting() ? this.takeEvents() : 0;
  }

  /** Events of the latest window, once. */
  private takeEvents(): number {
    const count = this.windowEvents;
    this.windowEvents = 0;
    return count;
  }

  isResting(): boolean {
    if (this.errand === null) return true;
    for (const group of this.groups) if (!group.isDone()) return false;
    this.throwFailure();
    const { errand } = this;
    this.errand = null;
    if (errand === 'report') this.isReported = true;
    else if (errand === 'end') this.isSettled = true;
    else {
      for (const group of this.groups) this.windowEvents += group.windowEvents;
      this.deliverMail();
      // A placer that waits for its traces finishes the window later.
      if (!this.world.placerLane.isStalled) this.reachedUs = this.limitUs;
    }
    return true;
  }

  /** *Order*: what went wrong in the first cluster by index, then in the placer: so it is for any number of threads. */
  private throwFailure(): void {
    let first: GroupFailure | null = null;
    for (const { failure } of this.groups) {
      if (failure !== null && (first === null || failure.cluster < first.cluster)) first = failure;
    }
    if (first !== null) throw first.error;
    if (this.placerError !== null) throw this.placerError;
  }

  settle(): boolean {
    if (!this.isResting()) return false;
    if (this.isSettled) return true;
    this.world.placerEngine.nowUs = this.reachedUs;
    this.ask('end', (group) => group.startEnd(this.reachedUs));
    return this.isResting();
  }

  /**
   * A single cluster that sends nothing back lets the placer run ahead: the cluster then catches up to what cannot
   * change any more. The events and their order are those of `runWindow`.
   */
  private runAhead(startUs: number, most: number): number {
    const { clusters, placerEngine, placerLane, scenario } = this.world;
    const borderUs = this.isWarm ? this.horizonUs : Math.max(scenario.warmupUs, startUs + 1);
    const { engine } = clusters[0]!.run;
    let count = 0;
    // The cluster first catches up with what it was told: else its inbox would grow without bound.
    const stopUs = Math.min(this.horizonUs, this.watch.atUs);
    const toldUs = placerEngine.nextAtUs() + scenario.placement.latencyUs;
    if (engine.nextAtUs() >= Math.min(toldUs, stopUs)) {
      count = placerEngine.runBefore(Math.min(borderUs, stopUs), AHEAD_EVENTS);
      if (placerLane.isStalled) return count;
    }
    const knownUs = placerEngine.nextAtUs() + scenario.placement.latencyUs;
    const limitUs = Math.min(knownUs, stopUs);
    count += engine.runBefore(limitUs, most);
    this.reachedUs = Math.min(limitUs, engine.nextAtUs());
    return count;
  }

  /** The first event at or after the end of the warm-up is next: the placer's counters start. */
  private warmUp(): void {
    this.isWarm = true;
    this.world.fleetRecorder.warmedUp(this.world.scenario.warmupUs);
  }

  /** Hands what the clusters sent in this window to the placer. *Order*: time, cluster, sequence. */
  private deliverMail(): void {
    const { mail } = this;
    for (const { outbox } of this.world.books) {
      while (outbox.length > 0) mail.push(outbox.shift());
    }
    if (mail.length === 0) return;
    if (mail.length > 1) mail.sort((a, b) => a.atUs - b.atUs);
    for (const message of mail) {
      this.notices.heard(message);
      forward(message, this.world.placerLane.inbox);
    }
    mail.length = 0;
  }

  progress(): Progress {
    const { fleetRecorder, placerEngine } = this.world;
    const counts = this.groups.map((group) => group.counts());
    const sum = (of: (counts: GroupCounts) => number): number =>
      counts.reduce((total, own) => total + of(own), 0);
    let arrived = sum(({ created }) => created);
    for (const pods of fleetRecorder.arrivedPods) arrived += pods;
    const running = sum((own) => own.running);
    return {
      nowUs: this.reachedUs,
      events: placerEngine.dispatched + sum(({ events }) => events),
      arrived,
      running,
      pending: sum(({ live }) => live) - running,
    };
  }

  stateParts(): StateParts {
    const { clusters, plans, policies, resources, scenario, wiring } = this.world;
    const { options, thresholds } = this;
    return {
      moving: [this, ...wiring, ...clusters.flatMap((built) => built.wiring)],
      still: [scenario, options, thresholds, policies, plans, resources],
      // Groups of other threads keep the state of their clusters there.
      outside: clusters.length === 0 ? this.groups : [],
      classes: RUN_CLASSES,
    };
  }

  glance(): Glance {
    const looks = this.groups.map((group) => group.look(this.reachedUs));
    return glanceOf(this.world, looks, this.notices, this.reachedUs);
  }

  finish(stopped: string | null): Bundle {
    assert(this.settle(), 'a run ends when nothing is under way');
    const lost = this.lost && `threshold ${this.lost.selector.text} ${this.lost.expr}`;
    return finishRun({
      world: this.world,
      measures: this.world.books.map(({ series }) => series),
      thresholds: this.thresholds,
      options: this.options,
      endUs: this.reachedUs,
      stopped: stopped ?? lost,
    });
  }
}
