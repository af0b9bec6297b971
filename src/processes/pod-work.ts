/** The work of a pod: how long it takes with its checkpoints, what an interruption leaves of it, what it then waits for. */
import type { EvictionRule } from '../model/workloads.ts';

/** Reason label of pods that wait out a backoff. */
export const IN_BACKOFF = 'backoff';
/** Reason label of evicted pods that their controller has not made again yet. */
export const IN_REPLACEMENT = 'replacement';

/** Time from start to end: the work, and the checkpoints written on the way (none at the very end). */
export function spanOf(workUs: number, rule: EvictionRule): number {
  if (rule.kind !== 'checkpoint') return workUs;
  return workUs + (Math.ceil(workUs / rule.everyUs) - 1) * rule.costUs;
}

/** Work left when a pod that served `servedUs` is interrupted. */
export function remainingAfter(workUs: number, servedUs: number, rule: EvictionRule): number {
  if (!Number.isFinite(workUs)) return workUs;
  switch (rule.kind) {
    case 'restart':
      return workUs;
    case 'resume':
      return Math.max(1, workUs - servedUs);
    case 'checkpoint': {
      const written = Math.floor(servedUs / (rule.everyUs + rule.costUs));
      return Math.max(1, workUs - written * rule.everyUs);
    }
  }
}
