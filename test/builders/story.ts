/** The story of a run as lines that a test can compare: who was bound, evicted and completed, where and when. */

import { asNode } from '../../src/base/ids.ts';
import {
  COMPLETED,
  DECIDED_BIND,
  DECIDED_EVICT,
  DECIDED_NODE_DOWN,
  DECIDED_NODE_UP,
  ENTERED,
  LOST,
  RETURNED,
} from '../../src/contracts/observer.ts';
import type { Bundle } from '../../src/results/bundle.ts';
import type { Simulation } from '../../src/run/run.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import { prepare, SECOND, type TestRunOptions } from './scenario.ts';

/** What was told, in order: `12.5 bind w/0 a:p/1`; instants in seconds. */
export interface Story {
  readonly lines: readonly string[];
  readonly bundle: Bundle;
  readonly simulation: Simulation;
}

const DECISIONS: Readonly<Record<number, string>> = {
  [DECIDED_BIND]: 'bind',
  [DECIDED_EVICT]: 'evict',
  [DECIDED_NODE_UP]: 'up',
  [DECIDED_NODE_DOWN]: 'down',
};
const COUNTS: Readonly<Record<number, string>> = {
  [COMPLETED]: 'complete',
  [LOST]: 'lose',
  [RETURNED]: 'return',
  [ENTERED]: 'enter',
};

/**
 * Runs a scenario and writes down its story.
 *
 * @param verbs which of bind, evict, up, down, complete, lose, return, enter; all but enter by default
 */
export function tell(
  from: Scenario,
  verbs: readonly string[] = ['bind', 'evict', 'up', 'down', 'complete', 'lose', 'return'],
  options: TestRunOptions & { readonly before?: (simulation: Simulation) => void } = {},
): Story {
  const simulation = prepare(from, options);
  options.before?.(simulation);
  const told: { readonly atUs: number; readonly text: string }[] = [];
  for (const { recorder, run } of simulation.world.clusters) {
    const { name } = run.cluster;
    const workloads = simulation.world.workloads.facts.map((w) => w.name);
    const tellOne = (verb: string | undefined, rest: string): void => {
      if (verb === undefined || !verbs.includes(verb)) return;
      told.push({ atUs: run.nowUs, text: `${verb} ${rest}` });
    };
    const decided = recorder.decided.bind(recorder);
    recorder.decided = (kind, workload, serial, node) => {
      decided(kind, workload, serial, node);
      const place = node < 0 ? name : `${name}:${run.cluster.nodeName(asNode(node))}`;
      tellOne(DECISIONS[kind], workload < 0 ? place : `${workloads[workload]}/${serial} ${place}`);
    };
    const count = recorder.count.bind(recorder);
    recorder.count = (counter, workload, amount) => {
      count(counter, workload, amount);
      tellOne(COUNTS[counter], `${workloads[workload]} x${amount} ${name}`);
    };
  }
  while (simulation.runFor(Number.MAX_SAFE_INTEGER) !== 'done');
  // Clusters run apart inside a window: the story is put in order of time, clusters by name.
  const lines = told
    .map((line, i) => ({ ...line, i }))
    .sort((a, b) => a.atUs - b.atUs || a.i - b.i)
    .map(({ atUs, text }) => `${atUs / SECOND} ${text}`);
  return { lines, bundle: simulation.finish(null), simulation };
}
