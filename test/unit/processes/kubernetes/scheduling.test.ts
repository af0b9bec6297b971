/** Kubernetes' scheduler in a cluster: shortcuts that change nothing, gangs, gates, profiles, time that attempts take. */
import { describe, expect, it } from 'vitest';
import { kubeScenario, kubeStory, podAt, poolsOf } from '../../../builders/kube-story.ts';
import { metric, prepare } from '../../../builders/scenario.ts';

const run = (scenario: ReturnType<typeof kubeScenario>, check: boolean) => {
  const simulation = prepare(scenario, { check, seed: 5 });
  while (simulation.runFor(100_000) !== 'done');
  return simulation.finish(null);
};

describe('pods that are woken together', () => {
  it('are refused together with the outcome of trying each: check mode tries each', () => {
    const jobs = (name: string, rate: number, cpu: string, priority: number) =>
      `\n  - {name: ${name}, kind: job, arrivals: {poisson: ${rate}/s}, until: 20m, duration: {exponential: {mean: 2m}}, pod: {cpu: ${cpu}, memory: 1Mi, priorityClass: p${priority}, terminationGracePeriod: 5s}}`;
    // 16 cores, wanted: 0.1 * 120 * 1 + 0.04 * 120 * 2 + 0.01 * 120 * 3 = 25 cores.
    const crowded = kubeScenario({
      pools: poolsOf('a', 'b', 'c', 'd'),
      workloads:
        jobs('low', 0.1, '1', 0) + jobs('mid', 0.04, '2', 10) + jobs('top', 0.01, '3', 100),
    });
    const [plain, checked] = [run(crowded, false), run(crowded, true)];
    expect(plain.result.trajectory).toBe(checked.result.trajectory);
    const decisions = (bundle: typeof plain) => metric(bundle, 'decisions_total').sum;
    expect(decisions(plain)).toBe(decisions(checked));
    expect(metric(plain, 'pods_evicted_total', { cause: 'preemption' }).sum).toBeGreaterThan(10);
  });
});

describe('a gang', () => {
  it('is bound as one, or waits as one', () => {
    // Two nodes of 4: three members of 2 need three halves; `long` holds 3 of n until 110.
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('m', 'n'),
        workloads: `${podAt('long', 10, 'cpu: 3, nodeSelector: {at: n}', 'duration: 100s')}
  - {name: g, kind: gang, arrivals: {regular: {every: 20s}}, until: 21s, podsPerJob: 3, duration: 1d, pod: {cpu: 2, memory: 1Mi}}`,
      }),
      ['bind'],
    );
    expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      '10 bind long/0',
      '110 bind g/0',
      '110 bind g/1',
      '110 bind g/2',
    ]);
  });
});

describe('a pod with a scheduling gate', () => {
  it('is never tried', () => {
    const { bundle, lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads: podAt('w', 10, 'cpu: 1, schedulingGates: [example.com/quota]'),
      }),
      ['bind'],
    );
    expect(lines).toEqual([]);
    expect(metric(bundle, 'decisions_total').sum).toBe(0);
    expect(metric(bundle, 'pods_pending', { workload: 'w' }).last).toBe(1);
  });
});

describe('an attempt that takes time', () => {
  it('is held against what happened while it lasted', () => {
    // w is tried at 50 for 2 s and finds no room; `long` ends at 51: at 52 it is tried again at once, bound at 54.
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads:
          podAt('long', 10, 'cpu: 4', 'duration: 39s') + podAt('w', 50, 'cpu: 4', 'duration: 1d'),
        more: 'controlPlane: {attempt: 2s}',
      }),
      ['bind', 'complete'],
    );
    // long: tried at 10, bound at 12, done at 51.
    expect(lines).toEqual(['12 bind long/0 a:n/0', '51 complete long x1 a', '54 bind w/0 a:n/0']);
  });

  it('backs off by whole seconds when the scheduler is busy with others', () => {
    // big fails at 21 (tried at 20): expiry floor(22) = 22. `small` enters at 20.5 and is tried from 21 to 22; the event of
    // its bind wakes nobody. long ends at 31: big is tried from 31 to 32.
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads:
          podAt('long', 10, 'cpu: 3', 'duration: 20s') +
          podAt('big', 20, 'cpu: 3', 'duration: 1d') +
          podAt('small', 21, 'cpu: 1', 'duration: 1d'),
        more: 'controlPlane: {attempt: 1s}',
      }),
      ['bind', 'complete'],
    );
    expect(lines).toEqual([
      '11 bind long/0 a:n/0',
      '22 bind small/0 a:n/0',
      '31 complete long x1 a',
      '32 bind big/0 a:n/0',
    ]);
  });
});

describe('a schedulerName', () => {
  it('that no profile has is refused before the run', () => {
    const scenario = kubeScenario({
      pools: poolsOf('n'),
      workloads: podAt('w', 10, 'cpu: 1, schedulerName: mine'),
    });
    expect(() => prepare(scenario)).toThrow(
      /workloads\.w\.pod\.schedulerName: got mine, expected .*default-scheduler/,
    );
  });
});
