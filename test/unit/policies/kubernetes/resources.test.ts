/** NodeResourcesFit, NodeResourcesBalancedAllocation and ImageLocality against twins written from the specification. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentOf } from '../../../../src/base/numeric.ts';
import type { KubeNodeBuild, KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld, makePlugin, type PlainNode } from '../../../builders/kube-world.ts';

const RUNS = { numRuns: 2000 };
const NAMES = ['cpu', 'memory', 'ephemeral-storage', 'example.com/foo', 'hugepages-2Mi'];
type Amounts = Readonly<Record<string, number>>;

/** Amounts of some resources; large ones pass 2^53 when multiplied by 100. */
const amounts = (max: number) =>
  fc
    .record(
      {
        cpu: fc.integer({ min: 0, max }),
        memory: fc.oneof(fc.integer({ min: 0, max }), fc.integer({ min: 0, max: max * 2 ** 30 })),
        'ephemeral-storage': fc.integer({ min: 0, max }),
        'example.com/foo': fc.integer({ min: 0, max: 8 }),
        'hugepages-2Mi': fc.integer({ min: 0, max: 4 }),
      },
      { requiredKeys: [] },
    )
    .map((record) => record as Record<string, number>);

const nodeBuild: fc.Arbitrary<KubeNodeBuild> = fc
  .record({ some: amounts(200_000), pods: fc.integer({ min: 0, max: 4 }) })
  .map(({ pods, some }) => ({ allocatable: { ...some, pods } }));

const podBuild: fc.Arbitrary<KubePodBuild> = amounts(60_000).map((requests) => {
  const nonZero = {
    cpuMillicores: requests.cpu ?? 100,
    memoryBytes: requests.memory ?? 200 * 2 ** 20,
  };
  return { requests, nonZeroPlaced: nonZero, nonZeroScored: nonZero };
});

const scenario = {
  nodes: fc.array(nodeBuild, { minLength: 1, maxLength: 3 }),
  placed: fc.array(fc.record({ pod: podBuild, node: fc.nat(9) }), { maxLength: 8 }),
  pod: podBuild,
};

/** Places what fits. */
function build(
  nodes: readonly KubeNodeBuild[],
  placed: readonly { pod: KubePodBuild; node: number }[],
) {
  const world = new KubeWorld(nodes, { resources: NAMES });
  for (const { node, pod } of placed) {
    const at = world.plainNodes[node % nodes.length]!;
    const fits = ['pods', ...NAMES].every(
      (name) => used(world, at, name) + wants(pod, name) <= (at.allocatable[name] ?? 0),
    );
    if (fits) world.place(pod, at.index);
  }
  return world;
}

const wants = (pod: KubePodBuild, name: string) =>
  name === 'pods' ? 1 : (pod.requests?.[name] ?? 0);
const used = (world: KubeWorld, node: PlainNode, name: string) =>
  world.podsOn(node).reduce((sum, p) => sum + wants(p.build, name), 0);

/** Section 3.4, Filter. */
function fitOf(world: KubeWorld, node: PlainNode, pod: KubePodBuild, ignored: readonly string[]) {
  const lacks = NAMES.filter((name) => {
    const request = wants(pod, name);
    if (request === 0 || ignored.includes(name)) return false;
    return request > (node.allocatable[name] ?? 0) - used(world, node, name);
  });
  const isFull = world.podsOn(node).length + 1 > node.allocatable.pods!;
  const isHopeless = lacks.some((name) => wants(pod, name) > (node.allocatable[name] ?? 0));
  const reasons = lacks.map((name) => `Insufficient ${name}`);
  return {
    status: isHopeless ? 2 : lacks.length > 0 || isFull ? 1 : 0,
    reasons: isFull ? ['Too many pods', ...reasons] : reasons,
  };
}

/** Section 3.4, Score, in whole numbers of any size. */
function fitScore(
  world: KubeWorld,
  node: PlainNode,
  pod: KubePodBuild,
  by: {
    readonly type: string;
    readonly resources: readonly { name: string; weight: number }[];
    readonly shape: readonly (readonly [number, number])[];
  },
): number {
  let sum = 0;
  let weights = 0;
  for (const { name, weight } of by.resources) {
    const cap = BigInt(node.allocatable[name] ?? 0);
    if (cap === 0n) continue;
    const isCore = name === 'cpu' || name === 'memory';
    if (!isCore && name !== 'ephemeral-storage' && wants(pod, name) === 0) continue;
    const nonZero = (amount: Amounts) => amount[name] ?? (name === 'cpu' ? 100 : 200 * 2 ** 20);
    const each = [...world.podsOn(node).map((p) => p.build), pod].map((b) =>
      isCore ? nonZero(b.requests ?? {}) : wants(b, name),
    );
    const req = BigInt(each.reduce((a, b) => a + b, 0));
    const share = (part: bigint) => Number((part * 100n) / cap);
    let score = req > cap ? 0 : share(cap - req);
    if (by.type === 'MostAllocated') score = share(req > cap ? cap : req);
    if (by.type === 'RequestedToCapacityRatio') {
      score = line(by.shape, req > cap ? 100 : share(req));
      if (score <= 0) continue;
    }
    sum += weight * score;
    weights += weight;
  }
  if (weights === 0) return 0;
  return by.type === 'RequestedToCapacityRatio'
    ? Math.round(sum / weights)
    : Math.floor(sum / weights);
}

function line(shape: readonly (readonly [number, number])[], u: number): number {
  const next = shape.findIndex(([x]) => u <= x);
  if (next === -1) return shape.at(-1)![1];
  if (next === 0) return shape[0]![1];
  const [[x0, y0], [x1, y1]] = [shape[next - 1]!, shape[next]!];
  return y0 + Math.trunc(((y1 - y0) * (u - x0)) / (x1 - x0));
}

describe('NodeResourcesFit', () => {
  it('filters as the specification says, all reasons collected', () => {
    fc.assert(
      fc.property(fc.record(scenario), fc.boolean(), ({ nodes, placed, pod }, ignores) => {
        const world = build(nodes, placed);
        const args = ignores ? { ignoredResourceGroups: ['example.com'] } : {};
        const plugin = makePlugin('node-resources-fit', world.nodes, args);
        const ignored = ignores ? ['example.com/foo'] : [];
        const expected = world.listed.map((node) => fitOf(world, node, pod, ignored));
        const { statuses, reasons } = world.filter(plugin, pod);
        expect(statuses).toEqual(expected.map((e) => e.status));
        expect(reasons).toEqual(expected.map((e) => e.reasons));
      }),
      RUNS,
    );
  });

  it('scores by each strategy as the specification says', () => {
    const type = fc.constantFrom('LeastAllocated', 'MostAllocated', 'RequestedToCapacityRatio');
    const resources = fc.uniqueArray(
      fc.record({ name: fc.constantFrom(...NAMES), weight: fc.integer({ min: 1, max: 100 }) }),
      { minLength: 1, selector: ({ name }) => name },
    );
    const shape = fc
      .uniqueArray(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 4 })
      .chain((xs) =>
        fc.tuple(
          fc.constant([...xs].sort((a, b) => a - b)),
          fc.array(fc.nat(10), { minLength: xs.length, maxLength: xs.length }),
        ),
      );
    fc.assert(
      fc.property(
        fc.record(scenario),
        type,
        resources,
        shape,
        ({ nodes, placed, pod }, kind, list, [xs, ys]) => {
          const world = build(nodes, placed);
          const points = xs.map((utilization, i) => ({ utilization, score: ys[i]! }));
          const isRatio = kind === 'RequestedToCapacityRatio';
          const scoringStrategy = {
            type: kind,
            resources: list,
            ...(isRatio ? { requestedToCapacityRatio: { shape: points } } : {}),
          };
          const plugin = makePlugin('node-resources-fit', world.nodes, { scoringStrategy });
          const by = {
            type: kind,
            resources: list,
            shape: xs.map((x, i) => [x, ys[i]! * 10] as const),
          };
          const expected = world.listed.map((node) => fitScore(world, node, pod, by));
          expect(world.score(plugin, pod)).toEqual({ raw: expected, normalised: expected });
        },
      ),
      RUNS,
    );
  });

  it('counts whole devices as nvidia.com/gpu', () => {
    const world = new KubeWorld([{ gpus: 4 }, { gpus: 1 }, {}]);
    const plugin = makePlugin('node-resources-fit', world.nodes);
    world.place({ gpus: 3 }, 0);
    // 2 > 4 - 3, but 2 <= 4: not now; 2 > 1 and 2 > 0: never.
    const { statuses, reasons } = world.filter(plugin, { gpus: 2 });
    expect(statuses).toEqual([1, 2, 2]);
    expect(reasons[0]).toEqual(['Insufficient nvidia.com/gpu']);
  });

  it('refuses arguments that upstream refuses', () => {
    const world = new KubeWorld([{}]);
    const refuse = (args: unknown) =>
      expect(() => makePlugin('node-resources-fit', world.nodes, args)).toThrow();
    refuse({ scoringStrategy: { type: 'RequestedToCapacityRatio' } });
    refuse({ scoringStrategy: { type: 'Best' } });
    refuse({ scoringStrategy: { resources: [{ name: 'cpu', weight: 101 }] } });
    const shape = [
      { utilization: 50, score: 1 },
      { utilization: 50, score: 2 },
    ];
    refuse({
      scoringStrategy: { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape } },
    });
    refuse({ kind: 'NodeAffinityArgs' });
  });
});

describe('percentOf', () => {
  it('divides exactly where the product passes 2^53', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 2n ** 49n }),
        fc.bigInt({ min: 0n, max: 2n ** 49n }),
        (whole, some) => {
          const part = some % (whole + 1n);
          expect(percentOf(Number(part), Number(whole))).toBe(Number((part * 100n) / whole));
        },
      ),
      { numRuns: 5000 },
    );
  });
});

describe('NodeResourcesBalancedAllocation', () => {
  it('scores as the specification says', () => {
    const resources = fc.subarray(NAMES, { minLength: 1 });
    fc.assert(
      fc.property(fc.record(scenario), resources, ({ nodes, placed, pod }, names) => {
        const world = build(nodes, placed);
        const args = { resources: names.map((name) => ({ name, weight: 1 })) };
        const plugin = makePlugin('node-resources-balanced-allocation', world.nodes, args);
        const raw = world.listed.map((node) => {
          const shares = names
            .filter((name) => (node.allocatable[name] ?? 0) > 0)
            .filter((name) => NAMES.indexOf(name) < 3 || wants(pod, name) > 0)
            .map((name) => (used(world, node, name) + wants(pod, name)) / node.allocatable[name]!)
            .map((share) => Math.min(1, share));
          let sd = 0;
          if (shares.length === 2) sd = Math.abs((shares[0]! - shares[1]!) / 2);
          if (shares.length > 2) {
            const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
            const squares = shares.reduce((a, b) => a + (b - mean) * (b - mean), 0);
            sd = Math.sqrt(squares / shares.length);
          }
          return Math.trunc((1 - sd) * 100);
        });
        const isSkipped = names.every((name) => wants(pod, name) === 0);
        expect(world.score(plugin, pod)).toEqual(isSkipped ? null : { raw, normalised: raw });
      }),
      RUNS,
    );
  });
});

describe('ImageLocality', () => {
  it('scores as the specification says', () => {
    const images = fc
      .record(
        {
          'a:1': fc.constant(900 * 2 ** 20),
          'b:latest': fc.constant(100 * 2 ** 20),
          'c:2': fc.constant(5 * 2 ** 20),
        },
        { requiredKeys: [] },
      )
      .map((record) => record as Record<string, number>);
    const wanted = fc.array(fc.constantFrom('a:1', 'b:latest', 'c:2', 'd:3'), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(images, { minLength: 1, maxLength: 5 }), wanted, (lists, pod) => {
        const world = new KubeWorld(lists.map((list) => ({ images: list })));
        const plugin = makePlugin('image-locality', world.nodes);
        const raw = world.listed.map((node) => {
          let sum = 0;
          for (const image of pod) {
            const having = world.listed.filter((other) => image in other.images).length;
            const size = node.images[image] ?? 0;
            sum += Math.trunc(size * (having / world.listed.length));
          }
          const mib = 2 ** 20;
          const top = 1000 * mib * Math.max(1, pod.length);
          const within = Math.min(Math.max(sum, 23 * mib), top);
          return Math.floor((100 * (within - 23 * mib)) / (top - 23 * mib));
        });
        const asked = { images: pod, containers: Math.max(1, pod.length) };
        expect(world.score(plugin, asked)).toEqual({ raw, normalised: raw });
      }),
      RUNS,
    );
  });
});
