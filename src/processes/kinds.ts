/**
 * The kinds of events and their phases, in one table: what happens first when several things fall on one instant.
 *
 * Phases: 0 release, 1 node and domain change, 2 arrival, 3 decision, 4 measurement.
 */

/** Kinds of a cluster's engine. */
export const POD_STARTED = 0;
export const POD_ENDED = 1;
export const POD_RETRY = 2;
export const POD_BIND = 3;
export const NODE_BOOTED = 4;
export const NODE_FAILED = 5;
export const NODE_REPAIRED = 6;
export const NODE_EVICT = 7;
export const NODE_IDLE = 8;
export const OUTAGE_BEGIN = 9;
export const OUTAGE_END = 10;
export const FAILOVER = 11;
export const DECIDE = 12;
export const SCALE_POOLS = 13;
export const PUBLISH = 14;
export const MEASURE = 15;
export const NODE_MONITOR = 16;
export const NODE_TAINT = 17;
export const TAINT_EVICT = 18;
export const POD_TERMINATED = 19;
export const POD_DELETE = 20;
export const QUEUE_TIMER = 21;
export const CONTROLLER_SYNC = 22;
export const CONTROLLER_CALL = 23;
export const KUBE_EVENT = 24;
export const DRAIN_STEP = 25;
export const AUTOSCALE = 26;
/** Kinds of a cluster's engine: how many. */
export const CLUSTER_KINDS = 27;

/** Phase of arrivals: messages in the inbox, retries. */
export const ARRIVAL_PHASE = 2;

/** Phase by kind of a cluster's engine. */
export const CLUSTER_PHASES: readonly number[] = [
  0, // POD_STARTED
  0, // POD_ENDED
  2, // POD_RETRY
  3, // POD_BIND
  1, // NODE_BOOTED
  1, // NODE_FAILED
  1, // NODE_REPAIRED
  1, // NODE_EVICT
  1, // NODE_IDLE
  1, // OUTAGE_BEGIN
  1, // OUTAGE_END
  1, // FAILOVER
  3, // DECIDE
  3, // SCALE_POOLS
  3, // PUBLISH
  4, // MEASURE
  1, // NODE_MONITOR
  1, // NODE_TAINT
  1, // TAINT_EVICT
  0, // POD_TERMINATED
  2, // POD_DELETE
  3, // QUEUE_TIMER
  2, // CONTROLLER_SYNC
  2, // CONTROLLER_CALL
  1, // KUBE_EVENT
  1, // DRAIN_STEP
  3, // AUTOSCALE
];

/** Kinds of the placer's engine. */
export const SERVICE_SCALE = 0;
export const FLEET_MEASURE = 1;

/** Phase by kind of the placer's engine. */
export const PLACER_PHASES: readonly number[] = [
  2, // SERVICE_SCALE
  4, // FLEET_MEASURE
];
