/** What a sweep would do: how many runs, which of them are there, how long it may take. */
import { formatCount, formatDuration, formatMemory } from '../base/units.ts';
import { runsOfShard } from '../host/study-plan.ts';
import type { StudyStore } from '../host/study-store.ts';
import { estimate } from '../run/estimate.ts';
import type { PreparedStudy } from './sweep-plan.ts';

/**
 * Events per second of one core, for the estimate of time: small fleets on a 2026 server reach three times as many, policies
 * that scan every node a tenth.
 */
const EVENTS_PER_SECOND = 3e5;

/** Starting a process and workers, and building a small world, in seconds a run. */
const SECONDS_AT_LEAST = 0.05;

/** Lists the runs of a study with an estimate, one line each, for stdout. */
export function dryRunText(
  { plan, scenarios }: PreparedStudy,
  store: StudyStore | null,
  jobs: number,
): string {
  const sizes = new Map(plan.points.map(({ name }, p) => [name, estimate(scenarios[p]!)]));
  const runs = runsOfShard(plan);
  const isThere = (key: string): boolean => store?.stateOf(key) === 'whole';
  let events = 0;
  let seconds = 0;
  let memoryBytes = 0;
  let reused = 0;
  let hasTrace = false;
  const lines = runs.map(({ key, point, replication }) => {
    const size = sizes.get(point)!;
    const there = isThere(key);
    hasTrace ||= size.workloads.some(({ trace }) => trace !== null);
    if (there) reused++;
    else {
      events += size.events;
      seconds += SECONDS_AT_LEAST + size.events / EVENTS_PER_SECOND;
      memoryBytes = Math.max(memoryBytes, size.memoryBytes);
    }
    return `  ${key.slice(0, 12)}  ${point}  replication ${replication}${there ? '  (there)' : ''}`;
  });
  const shard = plan.shard === null ? '' : `, shard ${plan.shard.index}/${plan.shard.count}`;
  const threads = Math.max(1, Math.min(jobs, runs.length - reused));
  const time = formatDuration(Math.ceil(seconds / threads) * 1e6);
  const head = [
    `PLAN     ${plan.name}    ${plural(plan.points.length, 'point')} x ${plural(plan.replications, 'replication')}, seed ${plan.seed}${shard}`,
    `runs     ${formatCount(runs.length)}, of which ${formatCount(reused)} are there`,
    `estimate at least ${formatCount(events)} events${hasTrace ? ', traces not counted' : ''}, ` +
      `about ${time} on ${plural(threads, 'core')}, ${formatMemory(Math.round(memoryBytes) * threads)} of memory`,
    ...(plan.comparison === null
      ? []
      : [`compare  along ${plan.comparison.axis} with ${plan.comparison.baseline}`]),
  ];
  return `${[...head, ...lines].join('\n')}\n`;
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
