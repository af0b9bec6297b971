import { describe, expect, it } from 'vitest';
import { parseQuantity } from '../../../../src/scenario/kubernetes/quantity.ts';
import {
  type Amounts,
  type RequestingPod,
  requestsOf,
} from '../../../../src/scenario/kubernetes/requests.ts';
import { parseScenario } from '../../../../src/scenario/load.ts';

const MIB = 1_048_576;

function amounts(written: Record<string, string | number>): Amounts {
  return new Map(
    Object.entries(written).map(([name, text]) => {
      const parsed = parseQuantity(text);
      if (!('nano' in parsed)) throw new Error(`${text} is no quantity`);
      return [name, parsed.nano];
    }),
  );
}

const app = (written: Record<string, string | number>) => ({
  requests: amounts(written),
  isSidecar: false,
});
const sidecar = (written: Record<string, string | number>) => ({
  requests: amounts(written),
  isSidecar: true,
});

/** Example 11 of the specification of the scheduler. */
const EXAMPLE: RequestingPod = {
  containers: [app({ cpu: '200m', memory: '100Mi' }), app({ memory: '50Mi' })],
  initContainers: [
    sidecar({ cpu: '100m', memory: '64Mi' }),
    app({ cpu: '900m' }),
    sidecar({ cpu: '50m' }),
    app({ cpu: '100m', memory: '700Mi' }),
  ],
  podLevel: null,
  overhead: amounts({ cpu: '10m', memory: '20Mi' }),
};

describe('what a pod requests', () => {
  it('is the larger of its containers with sidecars and of each init container with the sidecars before it', () => {
    // cpu: 200 + 100 + 50 = 350; init 2: 900 + 100 = 1000; max 1000, + 10 = 1010
    // memory: 100 + 50 + 64 = 214; init 4: 700 + 64 = 764; max 764, + 20 = 784
    const requests = requestsOf(EXAMPLE);
    expect(requests.cpuMillicores).toBe(1010);
    expect(requests.memoryBytes).toBe(784 * MIB);
    // Filled: the second container counts 100m, the init containers without memory 200Mi.
    // cpu: 200 + 100 + 150 = 450 < 1000. memory: init 4 has sidecars 64 + 200 before it: 700 + 264 = 964, + 20 = 984
    expect(requests.nonZeroPlaced).toEqual({ cpuMillicores: 1010, memoryBytes: 984 * MIB });
    expect(requests.nonZeroScored).toEqual({ cpuMillicores: 1010, memoryBytes: 984 * MIB });
  });

  it('is what the pod itself asks for, of resources that it names, and differs for scoring then', () => {
    // cpu 500 replaces 1000, + 10. Placed: 510m and 784Mi are both there; scored: 984Mi filled, cpu 510m.
    const requests = requestsOf({ ...EXAMPLE, podLevel: amounts({ cpu: '500m' }) });
    expect(requests.cpuMillicores).toBe(510);
    expect(requests.memoryBytes).toBe(784 * MIB);
    expect(requests.nonZeroPlaced).toEqual({ cpuMillicores: 510, memoryBytes: 784 * MIB });
    expect(requests.nonZeroScored).toEqual({ cpuMillicores: 510, memoryBytes: 984 * MIB });
  });

  it('is summed exactly and rounded up once', () => {
    // Three times 0.1 millicores are 0.3, which is 1 rounded up; rounding each would give 3.
    const tenth = app({ cpu: '100u', memory: '0.4' });
    const requests = requestsOf({
      containers: [tenth, tenth, tenth],
      initContainers: [],
      podLevel: null,
      overhead: new Map(),
    });
    expect(requests.cpuMillicores).toBe(1);
    // 3 x 0.4 bytes = 1.2, so 2
    expect(requests.memoryBytes).toBe(2);
  });

  it('keeps a written zero for scoring, and fills what is not written', () => {
    const of = (written: Record<string, string | number>) =>
      requestsOf({
        containers: [app(written)],
        initContainers: [],
        podLevel: null,
        overhead: new Map(),
      }).nonZeroScored;
    expect(of({})).toEqual({ cpuMillicores: 100, memoryBytes: 200 * MIB });
    expect(of({ cpu: 0 })).toEqual({ cpuMillicores: 0, memoryBytes: 200 * MIB });
  });
});

describe('quantities of Kubernetes', () => {
  it.each([
    ['500m', 500_000_000n],
    ['2', 2_000_000_000n],
    [2, 2_000_000_000n],
    ['.5', 500_000_000n],
    ['1.5Ki', 1_536_000_000_000n],
    ['1e3', 1_000_000_000_000n],
    ['1E3', 1_000_000_000_000n],
    ['12E', 9_223_372_036_854_775_807n * 1_000_000_000n + 1n],
    ['3n', 3n],
    // Finer than a billionth is rounded up.
    ['0.5n', 1n],
    ['+1k', 1_000_000_000_000n],
  ])('reads %s', (written, nano) => {
    const parsed = parseQuantity(written);
    if (nano > 9_223_372_036_854_775_807n * 1_000_000_000n)
      expect(parsed).toHaveProperty('expected');
    else expect(parsed).toEqual({ nano });
  });

  it.each(['', 'x', '1GiB', '1 Gi', '-1', '1ki', '0x10', null, true, '1e', '--1'])(
    'refuses %s',
    (raw) => {
      expect(parseQuantity(raw)).toHaveProperty('expected');
    },
  );
});

describe('a pod of a scenario', () => {
  const podOf = (pod: object) =>
    parseScenario({
      name: 's',
      horizon: '1h',
      fleet: {
        machineTypes: [{ name: 'm', cpu: 8, memory: '32Gi', gpus: { model: 'A', count: 4 } }],
        clusters: [{ name: 'a', pools: [{ machineType: 'm', count: 1 }] }],
      },
      workloads: [{ name: 'w', kind: 'service', replicas: 1, pod }],
    }).workloads[0]!.pod;

  it('has nothing of Kubernetes unless it asks for it', () => {
    expect(podOf({ cpu: 1, memory: '1Gi' })).not.toHaveProperty('kube');
  });

  it('is one container in its short form', () => {
    const { cpuMillicores, kube } = podOf({ cpu: '250m', labels: { app: 'w' } });
    expect(cpuMillicores).toBe(250);
    expect(kube).toMatchObject({
      namespace: 'default',
      labels: { app: 'w' },
      containers: 1,
      nonZeroScored: { cpuMillicores: 250, memoryBytes: 200 * MIB },
      terminationGraceUs: 30e6,
    });
  });

  it('takes whole GPUs of its containers as devices', () => {
    const pod = podOf({ containers: [{ requests: { cpu: 1, 'nvidia.com/gpu': 2 } }] });
    expect(pod.gpus).toEqual({ count: 2, milliPerDevice: 1000, models: [] });
    expect(pod.extended).toEqual({});
  });

  it('merges the keys of labels into its selectors, and leaves a missing selector nil', () => {
    const term = { topologyKey: 'kubernetes.io/hostname', matchLabelKeys: ['rev', 'none'] };
    const { kube } = podOf({
      labels: { app: 'w', rev: '7' },
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [
            { ...term, labelSelector: { matchLabels: { app: 'w' } } },
            term,
          ],
        },
      },
    });
    expect(kube!.podAntiAffinity!.required.map(({ selector }) => selector)).toEqual([
      [
        { key: 'app', operator: 'In', values: ['w'] },
        { key: 'rev', operator: 'In', values: ['7'] },
      ],
      null,
    ]);
  });

  it('refuses short requests beside containers, with a hint', () => {
    expect(() => podOf({ cpu: 1, containers: [{ requests: { cpu: 1 } }] })).toThrow(
      /pod\.cpu: .*no such field beside containers \(write it into their requests\)/,
    );
  });
});
