/**
 * How a controller makes many pods: in batches of 1, 2, 4, 8, ..., each of which ends before the next begins.
 *
 * *Source*: Kubernetes v1.34, pkg/controller: slowStartBatch.
 */
import type { ApiBucket } from '../api-bucket.ts';

/**
 * Gives the instants at which `count` calls are done, in order.
 *
 * @param callUs how long one call takes once it has its token
 */
export function slowStart(
  bucket: ApiBucket,
  nowUs: number,
  count: number,
  callUs: number,
): readonly number[] {
  const doneUs: number[] = [];
  let startUs = nowUs;
  for (let size = 1; doneUs.length < count; size *= 2) {
    let endUs = startUs;
    for (let i = Math.min(size, count - doneUs.length); i > 0; i--) {
      const atUs = bucket.takeAtUs(startUs, 1) + callUs;
      doneUs.push(atUs);
      endUs = Math.max(endUs, atUs);
    }
    startUs = endUs;
  }
  return doneUs;
}
