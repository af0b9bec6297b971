/** How long a run will take: a range, since it depends on the machine and on where its state lies in the caches. */

/** From a process to its first event, and from its last one to a written bundle, seconds. */
const SECONDS_AT_REST = { least: 0.5, most: 5 };
/** Building a node and its part of the indexes. */
const US_PER_NODE = { least: 2, most: 20 };
/**
 * One event, all metrics on, on one core that has nothing else to do: small fleets stay in its caches, large ones wait for
 * memory, and pods that wait are tried again.
 */
const US_PER_EVENT = { least: 0.5, most: 6 };

/** Seconds of one core. */
export interface TimeRange {
  readonly least: number;
  readonly most: number;
}

/**
 * Estimates the time of a run on one core.
 *
 * @param scans nodes looked at by policies that scan, at most
 * @param scansPerSecond such looks a second
 */
export function estimateTime(
  size: { readonly nodesMax: number; readonly events: number },
  scans: number,
  scansPerSecond: number,
): TimeRange {
  const { nodesMax, events } = size;
  const seconds = (which: 'least' | 'most') =>
    SECONDS_AT_REST[which] + (nodesMax * US_PER_NODE[which] + events * US_PER_EVENT[which]) / 1e6;
  return { least: seconds('least'), most: seconds('most') + scans / scansPerSecond };
}
