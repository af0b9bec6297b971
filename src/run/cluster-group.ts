/**
 * Clusters that run in one thread. A run drives its groups window by window, and meets them only in messages and in books, so
 * that a group may as well run in another thread.
 */
import { CREATED } from '../contracts/observer.ts';
import type { FleetRecorder } from '../metrics/fleet-recorder.ts';
import { checkCluster } from '../model/invariants.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { accountLivePods } from './account-pods.ts';
import type { BuiltCluster } from './build-cluster.ts';
import { type GroupLook, lookAt, recentWaits } from './glance.ts';

/** Sums over the clusters of a group. */
export interface GroupCounts {
  readonly events: number;
  readonly running: number;
  readonly live: number;
  /** Pods that controllers of clusters made. */
  readonly created: number;
}

/** Something that went wrong in a cluster. */
export interface GroupFailure {
  /** Index of the cluster; -1 where the whole group is gone. */
  readonly cluster: number;
  readonly error: unknown;
}

/**
 * Clusters that run together. What it is asked for is under way until {@link isDone}; nothing else may be asked before.
 *
 * Mail goes by the books: a window takes what the inboxes hold when it starts, and what clusters sent is in the outboxes when
 * it is done.
 */
export interface ClusterGroup {
  /** Instant of the earliest event of its clusters that is known, Infinity if nothing will happen. */
  nextAtUs(): number;
  /** Asks for every event before `limitUs`. */
  startWindow(limitUs: number): void;
  /** Asks for the books as they are now. */
  startReport(): void;
  /** Asks for the end: what lives is accounted, the books are final. */
  startEnd(endUs: number): void;
  /** True once that is done; false if the process should breathe and ask again. */
  isDone(): boolean;
  /** What went wrong so far; null if nothing did. */
  readonly failure: GroupFailure | null;
  /** Events of the latest window. */
  readonly windowEvents: number;
  /** The latest counts that are to be had without waiting long. */
  counts(): GroupCounts;
  /** The latest look that is to be had without waiting long. @param nowUs instant that the run has reached */
  look(nowUs: number): GroupLook;
}

/** What a group in this thread is made of. */
export interface LocalGroupParts {
  readonly clusters: readonly BuiltCluster[];
  readonly scenario: Scenario;
  /** That of the run, or one that only these clusters record to. */
  readonly fleetRecorder: FleetRecorder;
  readonly isApart: boolean;
  /** Checks every law at every event. */
  readonly check: boolean;
}

/** Clusters in this very thread: whatever is asked for is done at once. */
export class LocalGroup implements ClusterGroup {
  failure: GroupFailure | null = null;
  windowEvents = 0;
  private readonly parts: LocalGroupParts;

  constructor(parts: LocalGroupParts) {
    this.parts = parts;
    if (!parts.check) return;
    for (const { run } of parts.clusters) {
      run.engine.afterEach = () => checkCluster(run.cluster);
    }
  }

  nextAtUs(): number {
    let earliestUs = Number.POSITIVE_INFINITY;
    for (const { run } of this.parts.clusters) {
      const nextUs = run.engine.nextAtUs();
      if (nextUs < earliestUs) earliestUs = nextUs;
    }
    return earliestUs;
  }

  startWindow(limitUs: number): void {
    this.windowEvents = 0;
    this.each((built) => {
      const { engine } = built.run;
      if (engine.nextAtUs() < limitUs) this.windowEvents += engine.runBefore(limitUs);
    });
  }

  startReport(): void {
    this.each((built) => built.report(false));
  }

  startEnd(endUs: number): void {
    const { clusters } = this.parts;
    for (const { run } of clusters) run.engine.nowUs = endUs;
    this.each((built) => accountLivePods(built, endUs));
    this.each((built) => {
      built.measure.closeBucket();
      built.recorder.paid.closeBucket(0, endUs, () => {});
      checkCluster(built.run.cluster);
      built.report(true);
    });
  }

  /** *Order*: of clusters, up to the first in which something goes wrong. */
  private each(visit: (built: BuiltCluster) => void): void {
    if (this.failure !== null) return;
    for (const built of this.parts.clusters) {
      try {
        visit(built);
      } catch (error) {
        this.failure = { cluster: built.run.index, error };
        return;
      }
    }
  }

  isDone(): boolean {
    return true;
  }

  counts(): GroupCounts {
    let events = 0;
    let running = 0;
    let live = 0;
    let created = 0;
    for (const { recorder, run } of this.parts.clusters) {
      created += recorder.countedFromStart(CREATED);
      events += run.engine.dispatched;
      running += recorder.gauges.value(recorder.running);
      live += run.cluster.pods.count;
    }
    return { events, running, live, created };
  }

  look(nowUs: number): GroupLook {
    const { clusters, fleetRecorder, isApart, scenario } = this.parts;
    const recent = isApart ? recentWaits(fleetRecorder.waits, scenario, nowUs) : null;
    return lookAt(clusters, scenario, recent);
  }
}
