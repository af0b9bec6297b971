/** Preemption as a story: who is chosen, how long it takes, what happens meanwhile. */
import { describe, expect, it } from 'vitest';
import type { Simulation } from '../../../../src/run/run.ts';
import type { Budget } from '../../../../src/selection/kubernetes/scheduling-cycle.ts';
import { kubeScenario, kubeStory, podAt, poolsOf } from '../../../builders/kube-story.ts';
import { prepare } from '../../../builders/scenario.ts';

/** The pods of the worked example: node, name, cpu, priority, second of their start. */
const EXAMPLE: readonly (readonly [string, string, number, number, number])[] = [
  ['n1', 'a', 2000, 100, 10],
  ['n1', 'b', 1000, 0, 20],
  ['n1', 'c', 1000, 0, 30],
  ['n2', 'd', 1500, 100, 5],
  ['n2', 'e', 1500, 100, 40],
  ['n2', 'f', 1000, 0, 50],
  ['n3', 'g', 1000, 50, 60],
  ['n3', 'h', 1000, 50, 15],
  ['n3', 'i', 2000, 2000, 1],
  ['n4', 'j', 3000, 2000, 1],
  ['n4', 'k', 1000, 0, 2],
  ['n5', 'l', 1500, 50, 70],
  ['n5', 'm', 1500, 50, 80],
  ['n5', 'n', 1000, 10, 3],
];
const WEB: Budget = {
  namespace: 'default',
  selector: [{ key: 'app', operator: 'In', values: ['web'] }],
  disruptionsAllowed: 1,
  isDisrupted: () => false,
};

/** The example with some of its nodes, and P at second 100. */
function example(...nodes: readonly string[]) {
  const isWeb = (name: string) => 'def'.includes(name);
  const workloads = EXAMPLE.filter(([node]) => nodes.includes(node))
    .map(([node, name, cpu, priority, at]) => {
      const labels = isWeb(name) ? ', labels: {app: web}' : '';
      const pod = `cpu: ${cpu}m, priorityClass: p${priority}, nodeSelector: {at: ${node}}${labels}`;
      return podAt(name, at, pod);
    })
    .join('');
  return kubeScenario({
    pools: poolsOf(...nodes),
    workloads: workloads + podAt('p', 100, 'cpu: 2, priorityClass: p1000'),
  });
}

const withBudget = (simulation: Simulation): void => {
  for (const { run } of simulation.world.clusters) run.kube!.facts.budgets = [WEB];
};

describe('the choice of victims', () => {
  // n1: b, c (no violation, top priority 0); n2: d, f (one violation); n3: g, h (top 50, sum 100); n4: none fits;
  // n5: m, n (top 50, sum 60). Grace is 30 s: gone at 130 s, when P is bound.
  it('is the node whose most important victim has the lowest priority', () => {
    const { lines } = kubeStory(example('n1', 'n2', 'n3', 'n4', 'n5'), ['bind', 'evict'], {
      before: withBudget,
    });
    const after = lines.filter((line) => Number(line.split(' ')[0]) >= 100);
    expect(after.slice(0, 3)).toEqual([
      '130 evict b/0 a:n1/0',
      '130 evict c/0 a:n1/0',
      '130 bind p/0 a:n1/0',
    ]);
  });

  it('is, between equal priorities, the smaller sum', () => {
    // Without n1: 50 + 10 = 60 on n5 is less than 50 + 50 = 100 on n3.
    const { lines } = kubeStory(example('n2', 'n3', 'n4', 'n5'), ['bind', 'evict'], {
      before: withBudget,
    });
    const after = lines.filter((line) => Number(line.split(' ')[0]) >= 100);
    expect(after.slice(0, 3)).toEqual([
      '130 evict m/0 a:n5/0',
      '130 evict n/0 a:n5/0',
      '130 bind p/0 a:n5/0',
    ]);
  });
});

describe('a preemptor', () => {
  const full = podAt('victim', 10, 'cpu: 3, priorityClass: p0, terminationGracePeriod: 20s');
  const small = podAt('small', 11, 'cpu: 1, priorityClass: p2000');

  it('waits for the grace period of its victim, and no longer', () => {
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads: full + small + podAt('p', 50, 'cpu: 3, priorityClass: p100'),
      }),
    );
    expect(lines.slice(2)).toEqual(['70 evict victim/0 a:n/0', '70 bind p/0 a:n/0']);
  });

  it('that never preempts waits until somebody ends', () => {
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads:
          podAt('victim', 10, 'cpu: 3, priorityClass: p0', 'duration: 200s') +
          podAt('p', 50, 'cpu: 3, priorityClass: p100, preemptionPolicy: Never'),
      }),
      ['bind', 'evict', 'complete'],
    );
    expect(lines).toEqual([
      '10 bind victim/0 a:n/0',
      '210 complete victim x1 a',
      '210 bind p/0 a:n/0',
    ]);
  });

  it('keeps its node from pods of lower priority while its victims go', () => {
    // At 55 a pod of priority 50 wants the core that is free but for the nomination: 4 - 3 (victim) = 1, and P claims 4.
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads:
          full +
          podAt('p', 50, 'cpu: 4, priorityClass: p100') +
          podAt('q', 55, 'cpu: 1, priorityClass: p50'),
      }),
      ['bind', 'evict'],
    );
    expect(lines.slice(1, 3)).toEqual(['70 evict victim/0 a:n/0', '70 bind p/0 a:n/0']);
    expect(lines.some((line) => line.includes('q/0'))).toBe(false);
  });

  it('is overtaken by a pod of higher priority, which ignores its nomination', () => {
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads:
          full +
          podAt('p', 50, 'cpu: 4, priorityClass: p100') +
          podAt('h', 55, 'cpu: 1, priorityClass: p500'),
      }),
      ['bind', 'evict'],
    );
    expect(lines.slice(1)[0]).toBe('55 bind h/0 a:n/0');
  });

  it('takes the node that becomes free first, and its victim goes in vain', () => {
    // On n the victim ends by itself at 60; on m it would be gone at 70 only.
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('m', 'n'),
        workloads:
          podAt(
            'x',
            10,
            'cpu: 4, priorityClass: p0, terminationGracePeriod: 20s, nodeSelector: {at: m}',
          ) +
          podAt('y', 10, 'cpu: 4, priorityClass: p10, nodeSelector: {at: n}', 'duration: 50s') +
          podAt('p', 50, 'cpu: 4, priorityClass: p100'),
      }),
      ['bind', 'evict', 'complete'],
    );
    expect(lines.slice(2)).toEqual([
      '60 complete y x1 a',
      '60 bind p/0 a:n/0',
      '70 evict x/0 a:m/0',
      // Evicted once, its workload waits 10 s before it tries again.
      '80 bind x/0 a:m/0',
    ]);
  });
});

describe('a victim', () => {
  it('loses what it did since its start, and what it would have done while it stops', () => {
    // Restart: 100 s of work, told to stop at 50 after 40 s; gone at 70; tried again at 80; P of 30 s runs 70 to 100: bound
    // at 100, done at 200.
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads:
          podAt(
            'v',
            10,
            'cpu: 4, priorityClass: p0, terminationGracePeriod: 20s',
            'duration: 100s',
          ) + podAt('p', 50, 'cpu: 4, priorityClass: p100', 'duration: 30s'),
      }),
    );
    expect(lines).toEqual([
      '10 bind v/0 a:n/0',
      '70 evict v/0 a:n/0',
      '70 bind p/0 a:n/0',
      '100 complete p x1 a',
      '100 bind v/0 a:n/0',
      '200 complete v x1 a',
    ]);
  });

  it('is counted by cause, and its new wait as one of preemption', () => {
    const { bundle } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads:
          podAt('v', 10, 'cpu: 4, priorityClass: p0', 'duration: 100s') +
          podAt('p', 50, 'cpu: 4, priorityClass: p100', 'duration: 30s'),
      }),
    );
    const of = (name: string, cause: string) =>
      bundle.result.metrics.find(
        (m) => m.name === name && m.labels.cause === cause && Object.keys(m.labels).length === 1,
      );
    expect(of('pods_evicted_total', 'preemption')?.sum).toBe(1);
    // Evicted at 80, bound again when P ends at 110.
    expect(of('pod_wait_seconds', 'preemption')?.max).toBeCloseTo(30, 3);
  });

  it('whose deletion needs a token of a slow client goes when it has it', () => {
    // One call a second: P is refused at 50 + 0.1 and asks to delete x and y: at 50.1 and 51.1; grace 20 s.
    const { lines } = kubeStory(
      kubeScenario({
        pools: poolsOf('n'),
        workloads:
          podAt('x', 10, 'cpu: 2, priorityClass: p10, terminationGracePeriod: 20s') +
          podAt('y', 20, 'cpu: 2, priorityClass: p0, terminationGracePeriod: 20s') +
          podAt('p', 50, 'cpu: 4, priorityClass: p100'),
        more: 'controlPlane: {attempt: 100ms, bindsPerSecond: 1, bindBurst: 1}',
      }),
      ['evict'],
    );
    expect(lines).toEqual(['70.1 evict x/0 a:n/0', '71.1 evict y/0 a:n/0']);
  });
});

it('holds every law at every event while pods are preempted', () => {
  const simulation = prepare(example('n1', 'n2', 'n3', 'n4', 'n5'), { check: true });
  while (simulation.runFor(1000) !== 'done');
  expect(simulation.finish(null).result.conservation.ok).toBe(true);
});
