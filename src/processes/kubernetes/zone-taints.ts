/**
 * How fast a cluster gives up on nodes that stopped answering: one queue and one token bucket per zone.
 *
 *   zone    Normal   less than 55 % (or fewer than 3) of its nodes not ready    0.1 nodes a second
 *           Partial  more                                                       0.01, or none in a zone of at most 50
 *           Full     no node ready                                              0.1
 *   all zones Full: something is wrong with the watcher, not with the nodes: every taint goes, nothing is tainted
 *
 * *Source*: Kubernetes v1.34, pkg/controller/nodelifecycle.
 */

/** What the controller is configured with. */
export interface ZoneLimits {
  /** Nodes a second in a zone that is Normal or Full. */
  readonly ratePerSecond: number;
  /** Nodes a second in a large zone that is Partial. */
  readonly slowRatePerSecond: number;
  /** Share of not ready nodes from which a zone is Partial. */
  readonly unhealthyRatio: number;
  /** Zones above this size are large. */
  readonly largeZone: number;
}

/** How much of a zone answers; `initial` before the first pass. */
export type ZoneState = 'initial' | 'normal' | 'partial' | 'full';

/** Nodes of a zone at the end of a pass. */
export interface ZoneCount {
  readonly ready: number;
  readonly notReady: number;
}

/** What the evaluation of all zones asks of the caller. */
export type Disruption =
  | 'none'
  /** All zones became Full: NoExecute taints leave every node. */
  | 'all-full-began'
  /** Not all are Full any more: every node gets a fresh grace period. */
  | 'all-full-ended';

/** Taints are tried on this grid, microseconds. */
const TRY_EVERY_US = 100_000;
const SECOND_US = 1_000_000;

interface Zone {
  state: ZoneState;
  /** Nodes in the order in which they are tainted. */
  queue: number[];
  ratePerSecond: number;
  /** The bucket holds at most one token: the instant from which it is full. */
  fullFromUs: number;
}

/** The zones of one cluster. */
export class ZoneTaints {
  private readonly limits: ZoneLimits;
  private readonly zones = new Map<string, Zone>();
  private areAllFull = false;

  constructor(limits: ZoneLimits) {
    this.limits = limits;
  }

  stateOf(zone: string): ZoneState {
    return this.zones.get(zone)?.state ?? 'initial';
  }

  /** Makes sure that a zone exists; a new one starts with a full bucket at the normal rate. */
  private zoneOf(name: string): Zone {
    let zone = this.zones.get(name);
    if (zone === undefined) {
      const { ratePerSecond } = this.limits;
      zone = { state: 'initial', queue: [], ratePerSecond, fullFromUs: 0 };
      this.zones.set(name, zone);
    }
    return zone;
  }

  /** Sets the queue of a zone: nodes that wait for their taint, the order of the last pass. */
  setQueue(name: string, nodes: readonly number[]): void {
    this.zoneOf(name).queue = [...nodes];
  }

  /** Takes a node out of its zone's queue: it is ready again, or gone. */
  drop(name: string, node: number): void {
    const { queue } = this.zoneOf(name);
    const at = queue.indexOf(node);
    if (at >= 0) queue.splice(at, 1);
  }

  /** Judges all zones after a pass, and sets their rates. @param counts by zone, all zones of the cluster */
  judge(counts: ReadonlyMap<string, ZoneCount>, nowUs: number): Disruption {
    const states = new Map<string, ZoneState>();
    for (const [name, count] of counts) states.set(name, this.stateFor(count));
    const isFull = states.size > 0 && [...states.values()].every((state) => state === 'full');
    const wasFull = this.areAllFull;
    this.areAllFull = isFull;
    if (isFull) {
      for (const [name, state] of states) this.zoneOf(name).state = state;
      if (wasFull) return 'none';
      for (const zone of this.zones.values()) {
        zone.queue = [];
        swapRate(zone, 0, nowUs);
      }
      return 'all-full-began';
    }
    for (const [name, state] of states) {
      const zone = this.zoneOf(name);
      if (state === zone.state && !wasFull) continue;
      zone.state = state;
      const { notReady, ready } = counts.get(name)!;
      swapRate(zone, this.rateFor(state, ready + notReady), nowUs);
    }
    return wasFull ? 'all-full-ended' : 'none';
  }

  private stateFor({ notReady, ready }: ZoneCount): ZoneState {
    if (ready === 0 && notReady > 0) return 'full';
    const isPartial = notReady >= 3 && notReady / (notReady + ready) >= this.limits.unhealthyRatio;
    return isPartial ? 'partial' : 'normal';
  }

  private rateFor(state: ZoneState, size: number): number {
    if (state !== 'partial') return this.limits.ratePerSecond;
    return size > this.limits.largeZone ? this.limits.slowRatePerSecond : 0;
  }

  /** The next instant at which some node can be tainted, on the grid of tries; Infinity if there is none. */
  nextAtUs(nowUs: number): number {
    let earliestUs = Number.POSITIVE_INFINITY;
    for (const zone of this.zones.values()) {
      if (zone.queue.length === 0 || zone.ratePerSecond === 0) continue;
      earliestUs = Math.min(earliestUs, Math.max(nowUs, zone.fullFromUs));
    }
    return Math.ceil(earliestUs / TRY_EVERY_US) * TRY_EVERY_US;
  }

  /** Takes the nodes that are tainted now. *Order*: zones as they appeared, then their queues. */
  take(nowUs: number): number[] {
    const taken: number[] = [];
    for (const zone of this.zones.values()) {
      if (zone.queue.length === 0 || zone.ratePerSecond === 0 || zone.fullFromUs > nowUs) continue;
      taken.push(zone.queue.shift()!);
      zone.fullFromUs = nowUs + Math.round(SECOND_US / zone.ratePerSecond);
    }
    return taken;
  }
}

/**
 * Gives a zone another bucket: full if the old one held a token (which is spent), else empty. The same rate keeps the
 * bucket. A bucket of rate 0 holds no token.
 */
function swapRate(zone: Zone, ratePerSecond: number, nowUs: number): void {
  if (ratePerSecond === zone.ratePerSecond) return;
  const held = zone.ratePerSecond > 0 && zone.fullFromUs <= nowUs;
  zone.ratePerSecond = ratePerSecond;
  const fillUs = ratePerSecond > 0 ? Math.round(SECOND_US / ratePerSecond) : 0;
  zone.fullFromUs = held ? nowUs : nowUs + fillUs;
}
