/**
 * How often a container that dies again and again has been restarted.
 *
 * *Source*: Kubernetes v1.34 kubelet: the first restart is at once, the k-th later one waits 10 s doubling to 300 s from the
 * last end; the count starts over after ten minutes of running.
 */
const FIRST_US = 10_000_000;
const MOST_US = 300_000_000;
const RESET_US = 600_000_000;

/** Wait before the restart that follows the n-th end, n from 1; microseconds. */
export function crashBackoffUs(ends: number): number {
  if (ends <= 1) return 0;
  let backoffUs = FIRST_US;
  for (let i = 2; i < ends && backoffUs < MOST_US; i++) backoffUs *= 2;
  return Math.min(backoffUs, MOST_US);
}

/**
 * Counts the restarts of a container within a time from its first start.
 *
 * @param ageUs time since the first start
 * @param runsUs how long it runs each time, above zero
 */
export function restartsWithin(ageUs: number, runsUs: number): number {
  if (runsUs > RESET_US) return Math.floor(ageUs / runsUs);
  let restarts = 0;
  let atUs = 0;
  for (;;) {
    const backoffUs = crashBackoffUs(restarts + 1);
    atUs += runsUs + backoffUs;
    if (atUs > ageUs) return restarts;
    restarts++;
    if (backoffUs < MOST_US) continue;
    // From here on every turn takes the same time.
    return restarts + Math.floor((ageUs - atUs) / (runsUs + MOST_US));
  }
}
