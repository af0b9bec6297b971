/** Stories of a cluster that Kubernetes schedules, from a few lines of a scenario. */
import type { Simulation } from '../../src/run/run.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import type { Scenario } from '../../src/scenario/scenario.ts';
import type { TestRunOptions } from './scenario.ts';
import { type Story, tell } from './story.ts';

/** A story whose instants are rounded to hundredths of a second: the microsecond of placement does not show. */
export function kubeStory(
  from: Scenario,
  verbs: readonly string[] = ['bind', 'evict', 'complete'],
  options: TestRunOptions & { readonly before?: (simulation: Simulation) => void } = {},
): Story {
  const story = tell(from, verbs, options);
  const lines = story.lines.map((line) => {
    const [at, ...rest] = line.split(' ');
    return [Math.round(Number(at) * 100) / 100, ...rest].join(' ');
  });
  return { ...story, lines };
}

/** One node of 4 cores a pool. */
export const poolsOf = (...names: readonly string[]): string =>
  names
    .map((name) => `{name: ${name}, machineType: m, count: 1, labels: {at: ${name}}}`)
    .join(', ');

/** A pod that arrives once, at a whole second, and runs for a day unless it says otherwise. */
export const podAt = (
  name: string,
  seconds: number,
  pod: string,
  more = 'duration: 1d',
): string => `
  - {name: ${name}, kind: job, arrivals: {regular: {every: ${seconds}s}}, until: ${seconds + 1}s, ${more}, pod: {memory: 1Mi, ${pod}}}`;

/** An hour of one cluster; priority classes `p0`, `p10`, ... have the priority in their name. */
export function kubeScenario(parts: {
  readonly pools: string;
  readonly workloads: string;
  readonly more?: string;
}): Scenario {
  const priorities = [0, 3, 10, 20, 50, 100, 500, 1000, 2000];
  const text = `orrery: 1
name: story
question: Who goes where?
horizon: 1h
priorityClasses: {${priorities.map((p) => `p${p}: ${p}`).join(', ')}}
fleet:
  machineTypes: [{name: m, cpu: 4, memory: 16Gi}]
  providers: [{name: own, kind: private}]
  clusters: [{name: a, provider: own, pools: [${parts.pools}]}]
workloads:${parts.workloads}
policies: {scheduling: kubernetes/default}
placement: {latency: 1us}
${parts.more ?? ''}
`;
  return loadScenario({ path: 'story.yaml', readText: () => text, overrides: [], env: {} })
    .scenario;
}
