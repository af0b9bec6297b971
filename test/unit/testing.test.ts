/** The contract suites over every built-in and over the example plug-ins of the documentation, and the suites' own teeth. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  type AnyPolicy,
  defineFailures,
  definePlacement,
  defineQueueing,
  defineScheduling,
  type FailurePolicy,
  type FrameworkPolicy,
  type PlacementPolicy,
  type QueueingPolicy,
  type ScalingPolicy,
  type SchedulingPolicy,
} from '../../src/contracts/policy.ts';
import type { NodeScore } from '../../src/contracts/scheduling.ts';
import { loadPlugin } from '../../src/host/plugins.ts';
import { builtinRegistry } from '../../src/policies/builtin.ts';
import {
  buildCluster,
  type ContractCase,
  type ContractOptions,
  checkFailures,
  checkFramework,
  checkPlacement,
  checkQueueing,
  checkScaling,
  checkScheduling,
} from '../../src/testing.ts';

/** Parameters of built-ins that have no complete defaults. */
const PARAMS: Readonly<Record<string, unknown>> = {
  exponential: { mtbf: '30d', repair: '4h' },
  weibull: { mtbf: '30d', shape: 0.7, repair: { law: 'exponential', mean: 3.6e9 } },
  profile: {
    scores: { 'least-allocated': 1, 'dot-product': { weight: 2, resources: { cpu: 1, gpu: 2 } } },
    filters: ['gpu-nodes-for-gpu-pods', { use: 'headroom', ratio: 0.1 }],
  },
};

/** Plug-ins that schedulers of Kubernetes' framework ask for. */
const PLUGINS = builtinRegistry()
  .all()
  .filter((policy) => policy.contract === 'framework') as readonly FrameworkPolicy[];

function suiteOf(policy: AnyPolicy, options: ContractOptions): readonly ContractCase[] {
  switch (policy.contract) {
    case 'scheduling':
      return checkScheduling(policy as SchedulingPolicy, { ...options, plugins: PLUGINS });
    case 'placement':
      return checkPlacement(policy as PlacementPolicy, options);
    case 'queueing':
      return checkQueueing(policy as QueueingPolicy, options);
    case 'failures':
      return checkFailures(policy as FailurePolicy, options);
    case 'scaling':
      return checkScaling(policy as ScalingPolicy, options);
    case 'framework':
      return checkFramework(policy as FrameworkPolicy, options);
  }
}

for (const policy of builtinRegistry().all()) {
  describe(`${policy.contract} ${policy.name}`, () => {
    const options = policy.name in PARAMS ? { params: PARAMS[policy.name] } : {};
    for (const c of suiteOf(policy, options)) (c.skip ? it.skip : it)(c.name, c.run);
  });
}
describe('scheduling easy-backfill by count', () => {
  const easy = builtinRegistry().find('scheduling', 'easy-backfill') as SchedulingPolicy;
  for (const c of checkScheduling(easy, { params: { reserve: 'count' } })) it(c.name, c.run);
});

describe('the example plug-ins of the documentation', () => {
  for (const file of ['quiet-rack.ts', 'quiet-rack.js']) {
    it(`${file} loads and passes the scheduling suite`, async () => {
      const path = fileURLToPath(new URL(`../../docs/examples/${file}`, import.meta.url));
      const { policies } = await loadPlugin(path);
      expect(policies.map((p) => p.name)).toEqual([
        file.endsWith('.ts') ? 'acme/quiet-rack' : 'acme/quiet-rack-js',
      ]);
      for (const c of checkScheduling(policies[0] as SchedulingPolicy)) c.run();
    });
  }
});

/** Names of the cases that a policy fails. */
function failedBy(cases: readonly ContractCase[]): string[] {
  return cases
    .filter((c) => {
      try {
        c.run();
        return false;
      } catch {
        return true;
      }
    })
    .map((c) => c.name);
}

const scoreWith = (more: Partial<NodeScore>) =>
  defineScheduling({
    name: 'acme/bad',
    summary: 'Breaks its contract.',
    create: () => ({
      kind: 'profile',
      ties: 'index',
      scores: [
        { weight: 1, score: { name: 'bad', dependsOn: 'own-node', add: () => {}, ...more } },
      ],
    }),
  });

describe('the suites', () => {
  it('pass a score that does nothing', () => {
    expect(failedBy(checkScheduling(scoreWith({})))).toEqual([]);
  });

  it('catch a score that is not finite, or that overwrites instead of adding', () => {
    const name = 'scores finite numbers, adds them, and writes none past count';
    const infinite = scoreWith({ add: (_p, _n, count, _v, s) => s.fill(Number.NaN, 0, count) });
    const overwriting = scoreWith({ add: (_p, _n, count, _v, s) => s.fill(3, 0, count) });
    const past = scoreWith({ add: (_p, _n, count, _v, s) => s.fill(1, count) });
    for (const policy of [infinite, overwriting, past]) {
      expect(failedBy(checkScheduling(policy))).toContain(name);
    }
  });

  it('catch a score with a memory, and one that looks at other candidates', () => {
    let calls = 0;
    const counting = scoreWith({
      add: (_p, _n, count, _v, s, w) => {
        calls++;
        for (let i = 0; i < count; i++) s[i]! += w * calls;
      },
    });
    const ranking = scoreWith({
      add: (_p, _n, count, _v, s, w) => {
        for (let i = 0; i < count; i++) s[i]! += w * i;
      },
    });
    const name = 'gives the same bits for the same question, in a batch or alone';
    expect(failedBy(checkScheduling(counting))).toContain(name);
    expect(failedBy(checkScheduling(ranking))).toContain(name);
  });

  it('catch a score that reads more than it declares', () => {
    const name = 'reads no more than it declares in dependsOn';
    const whole: Partial<NodeScore> = {
      add: (_p, _n, count, view, s, w) => {
        let pods = 0;
        for (let n = 0; n < view.nodes.count; n++) pods += view.nodes.podCount[n as never]!;
        for (let i = 0; i < count; i++) s[i]! += w * pods;
      },
    };
    const own: Partial<NodeScore> = {
      add: (_p, nodes, count, view, s, w) => {
        for (let i = 0; i < count; i++) s[i]! += w * view.nodes.podCount[nodes[i]!]!;
      },
    };
    expect(failedBy(checkScheduling(scoreWith(whole)))).toContain(name);
    expect(failedBy(checkScheduling(scoreWith({ ...own, dependsOn: 'static' })))).toContain(name);
    expect(failedBy(checkScheduling(scoreWith(own)))).not.toContain(name);
    const rising = scoreWith({ ...own, risesWithFree: true });
    expect(failedBy(checkScheduling(rising))).toContain(
      'never scores lower for more free resources where it says so',
    );
  });

  it('catch filters that reorder, and devices that do not fit', () => {
    const policy = defineScheduling({
      name: 'acme/bad',
      summary: 'Breaks its contract.',
      create: () => ({
        kind: 'profile',
        ties: 'index',
        devices: { choose: () => 1 },
        filters: [
          {
            name: 'reverse',
            reason: 'none',
            dependsOn: 'static',
            wakes: [],
            keep: (_pod, nodes, count) => {
              const kept = Array.from({ length: count }, (_, i) => nodes[count - 1 - i]!);
              kept.forEach((n, i) => {
                nodes[i] = n;
              });
              return count;
            },
          },
        ],
      }),
    });
    const failed = failedBy(checkScheduling(policy));
    expect(failed).toContain('keeps nodes in their order and invents none');
    expect(failed).toContain('chooses devices that fit');
  });

  it('catch a placer that sends pods to a lost cluster, twice or in parts of a gang', () => {
    const spread = definePlacement({
      name: 'acme/bad',
      summary: 'Breaks its contract.',
      create: () => ({
        divide: (request, _fleet, counts) => {
          for (let i = 0; i < request.count; i++) counts[i % counts.length]!++;
          return request.count;
        },
      }),
    });
    const failed = failedBy(checkPlacement(spread));
    expect(failed).toContain(
      'sends nothing to a lost cluster or to one that can never host the pod',
    );
    expect(failed).toContain('sends a gang whole to one cluster that has room for it');
    const liar = definePlacement({
      name: 'acme/bad',
      summary: 'Breaks its contract.',
      create: () => ({ divide: (request) => request.count }),
    });
    expect(failedBy(checkPlacement(liar))).toContain(
      'divides into whole counts that sum to what it returns, at most what is asked',
    );
  });

  it('catch a queue that counts its calls, and failures in fractions', () => {
    let calls = 0;
    const queue = defineQueueing({
      name: 'acme/bad',
      summary: 'Breaks its contract.',
      create: () => ({ blocking: false, rank: () => calls++ }),
    });
    expect(failedBy(checkQueueing(queue))).toEqual([
      'ranks a pod the same whenever and whoever is asked',
    ]);
    const model = defineFailures({
      name: 'acme/bad',
      summary: 'Breaks its contract.',
      create: () => ({ upUs: () => 1.5, downUs: () => 0 }),
    });
    expect(failedBy(checkFailures(model))).toEqual([
      'gives times up of at least one whole microsecond, or none ever',
      'gives times down of at least one whole microsecond',
    ]);
  });

  it('show a reason for each skip and refuse one that names no case', () => {
    const fifo = builtinRegistry().find('queueing', 'fifo') as QueueingPolicy;
    const name = 'ranks every pod with a number';
    const cases = checkQueueing(fifo, { skip: { [name]: 'for the test' } });
    expect(cases.find((c) => c.name === name)?.skip).toBe('for the test');
    expect(() => checkQueueing(fifo, { skip: { 'no such case': 'why' } })).toThrow(/names no case/);
  });
});

describe('buildCluster', () => {
  it('builds the real model: what is placed is no longer free', () => {
    const cluster = buildCluster([{ cpuMillicores: 4000, memoryMib: 8192, gpus: 2 }]);
    const pod = cluster.place({ cpuMillicores: 1500, memoryMib: 1024, gpus: 1, gpuMilli: 250 }, 0);
    // 4000 - 1500 = 2500 millicores; 2 * 1000 - 250 = 1750 GPU thousandths.
    expect(cluster.view.nodes.free[0 as never]![0 as never]).toBe(2500);
    expect(cluster.view.nodes.gpuFreeMilli[0 as never]).toBe(1750);
    cluster.remove(pod);
    expect(cluster.view.nodes.gpuFreeMilli[0 as never]).toBe(2000);
  });
});
