/**
 * One run: a pure function of (scenario, plug-ins, seed). Clusters run apart in conservative windows of the placement
 * latency: what the placer or a cluster sends in a window arrives after its end, so the order within it does not matter.
 */
import { CREATED } from '../contracts/observer.ts';
import type { Registry } from '../contracts/registry.ts';
import { checkCluster } from '../model/invariants.ts';
import { forward } from '../processes/arrivals.ts';
import type { AttemptWatch } from '../processes/attempt-watch.ts';
import type { Message } from '../processes/messages.ts';
import type { Bundle } from '../results/bundle.ts';
import type { Threshold } from '../results/expression.ts';
import { parseThresholds } from '../results/thresholds.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { buildWorld, type World } from './build.ts';
import { finishRun } from './finish.ts';
import { gpuModelsOf } from './fleet-plan.ts';
import { type Glance, glanceOf, Notices } from './glance.ts';
import { ClusterMeasure, resourceColumns } from './measure.ts';
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
   * Dispatches about `maxEvents` events.
   *
   * @returns `dry` if some input's reader is empty and not finished: feed it and call again
   * @throws PolicyError, InvariantError
   */
  runFor(maxEvents: number): 'done' | 'dry' | 'more';
  progress(): Progress;
  /** Looks closer than {@link progress}: for a few times a second, see {@link glanceOf}. */
  glance(): Glance;
  /**
   * Ends the run and gives its bundle, which is incomplete if a threshold with `abort` was lost.
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
  });
  return new WindowedRun(world, options, thresholds);
}

/** Events that the placer may run ahead of a single cluster: bounds the inbox. */
const AHEAD_EVENTS = 128;

class WindowedRun implements Simulation {
  readonly horizonUs: number;
  readonly inputs: readonly SimulationInput[];
  readonly world: World;
  private readonly options: SimulationOptions;
  private readonly thresholds: readonly Threshold[];
  private readonly measures: readonly ClusterMeasure[];
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

  constructor(world: World, options: SimulationOptions, thresholds: readonly Threshold[]) {
    this.world = world;
    this.notices = new Notices(world);
    this.options = options;
    this.thresholds = thresholds;
    this.horizonUs = world.scenario.horizonUs;
    this.inputs = world.workloads.inputs;
    this.isWarm = world.scenario.warmupUs === 0;
    const { scenario } = world;
    this.isOneWay =
      scenario.clusters.length === 1 &&
      scenario.placement.returnAfterUs === null &&
      scenario.providers.every((provider) => provider.quotaNodes === null) &&
      scenario.workloads.every((workload) => workload.kind !== 'service');
    const columns = resourceColumns(world.clusters[0]!, gpuModelsOf(scenario).length > 0);
    this.measures = world.clusters.map(
      (built) => new ClusterMeasure(built, scenario, world.shapes, columns),
    );
    this.watch = new ThresholdWatch(world, this.measures, thresholds);
    if (options.check) {
      for (const { run } of world.clusters) {
        run.engine.afterEach = () => checkCluster(run.cluster);
      }
    }
  }

  runFor(maxEvents: number): 'done' | 'dry' | 'more' {
    const { placerLane, scenario } = this.world;
    for (let left = maxEvents; left > 0; ) {
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
      if (startUs >= this.watch.atUs && this.isLost()) return 'done';
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
    const { clusters, placerEngine } = this.world;
    let earliestUs = placerEngine.nextAtUs();
    for (const { run } of clusters) {
      const nextUs = run.engine.nextAtUs();
      if (nextUs < earliestUs) earliestUs = nextUs;
    }
    return earliestUs;
  }

  /** Placer, then clusters, up to the latency behind the earliest event; then the mail. */
  private runWindow(startUs: number): number {
    const { clusters, placerEngine, placerLane, scenario } = this.world;
    const borderUs = this.isWarm ? this.horizonUs : scenario.warmupUs;
    const limitUs = Math.min(startUs + scenario.placement.latencyUs, borderUs, this.watch.atUs);
    let count = placerEngine.runBefore(limitUs);
    if (placerLane.isStalled) return count;
    for (const { run } of clusters) {
      if (run.engine.nextAtUs() < limitUs) count += run.engine.runBefore(limitUs);
    }
    this.deliverMail();
    this.reachedUs = limitUs;
    return count;
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
    for (const { run } of this.world.clusters) {
      while (run.outbox.length > 0) mail.push(run.outbox.shift());
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
    const { clusters, fleetRecorder, placerEngine } = this.world;
    let events = placerEngine.dispatched;
    let running = 0;
    let live = 0;
    let arrived = 0;
    for (const { recorder, run } of clusters) {
      arrived += recorder.countedFromStart(CREATED);
      events += run.engine.dispatched;
      running += recorder.gauges.value(recorder.running);
      live += run.cluster.pods.count;
    }
    for (const pods of fleetRecorder.arrivedPods) arrived += pods;
    return { nowUs: this.reachedUs, events, arrived, running, pending: live - running };
  }

  stateParts(): StateParts {
    const { clusters, plans, policies, resources, scenario, wiring } = this.world;
    const { options, thresholds } = this;
    return {
      moving: [this, ...wiring, ...clusters.flatMap((built) => built.wiring)],
      still: [scenario, options, thresholds, policies, plans, resources],
      classes: RUN_CLASSES,
    };
  }

  glance(): Glance {
    return glanceOf(this.world, this.notices, this.reachedUs);
  }

  finish(stopped: string | null): Bundle {
    const lost = this.lost && `threshold ${this.lost.selector.text} ${this.lost.expr}`;
    const endUs = this.reachedUs;
    this.world.placerEngine.nowUs = endUs;
    for (const { run } of this.world.clusters) run.engine.nowUs = endUs;
    return finishRun({
      world: this.world,
      measures: this.measures,
      thresholds: this.thresholds,
      options: this.options,
      endUs,
      stopped: stopped ?? lost,
    });
  }
}
