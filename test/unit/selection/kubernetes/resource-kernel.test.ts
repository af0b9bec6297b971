/** The resource kernel against the plug-ins that declare its terms, and the records against the columns. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../../src/base/ids.ts';
import { codeOf } from '../../../../src/selection/kubernetes/filter-run.ts';
import { ResourceKernel } from '../../../../src/selection/kubernetes/resource-kernel.ts';
import type { KubePodBuild } from '../../../../src/testing/kube.ts';
import { KubeWorld, makePlugin } from '../../../builders/kube-world.ts';

const FILTER = 5;

/** Some pass 2^30, so that the records are no integers; some 2^53 when multiplied by 100. */
const memory = fc.oneof(
  fc.integer({ min: 0, max: 200_000 }),
  fc.integer({ min: 0, max: 200_000 * 2 ** 30 }),
);
const amounts = fc.record(
  { cpu: fc.integer({ min: 0, max: 60_000 }), memory },
  { requiredKeys: [] },
) as fc.Arbitrary<Record<string, number>>;
const pod: fc.Arbitrary<KubePodBuild> = fc
  .record({ requests: amounts, filled: amounts })
  .map(({ filled, requests }) => {
    const nonZero = {
      cpuMillicores: requests.cpu ?? filled.cpu ?? 100,
      memoryBytes: requests.memory ?? filled.memory ?? 200,
    };
    return { requests, nonZeroPlaced: nonZero, nonZeroScored: nonZero };
  });
const node = fc
  .record({ some: amounts, pods: fc.integer({ min: 0, max: 3 }) })
  .map(({ pods, some }) => ({ allocatable: { ...some, pods } }));
const weight = fc.integer({ min: 1, max: 4 });
const fitArgs = fc
  .record({
    type: fc.constantFrom('LeastAllocated', 'MostAllocated'),
    cpu: weight,
    memory: weight,
  })
  .map(({ cpu, memory, type }) => ({
    scoringStrategy: {
      type,
      resources: [
        { name: 'cpu', weight: cpu },
        { name: 'memory', weight: memory },
      ],
    },
  }));

describe('the resource kernel', () => {
  it('says of every node what the plug-ins say that declare its terms', () => {
    fc.assert(
      fc.property(
        fc.record({
          nodes: fc.array(node, { minLength: 1, maxLength: 4 }),
          placed: fc.array(fc.record({ pod, node: fc.nat(9), stays: fc.boolean() }), {
            maxLength: 8,
          }),
          pod,
          fitArgs,
          weights: fc.tuple(weight, weight),
        }),
        (given) => {
          const world = new KubeWorld(given.nodes, { resources: ['cpu', 'memory'] });
          const { nodes } = world.cluster;
          const fit = makePlugin('node-resources-fit', nodes, given.fitArgs);
          const balanced = makePlugin('node-resources-balanced-allocation', nodes);
          for (const one of given.placed) {
            const at = one.node % given.nodes.length;
            const tried = world.attempt(one.pod);
            if (fit.filter!.test(tried, asNode(at), nodes, undefined) !== 0) continue;
            const id = world.place(one.pod, at);
            if (!one.stays) world.remove(id);
          }
          const asked = world.attempt(given.pod);
          const isBalanced = balanced.score!.preScore!(asked, NO_NODES, nodes) !== null;
          const plugins = isBalanced ? [fit, balanced] : [fit];
          const scores = plugins.map((plugin, i) => ({
            plugin: plugin.name,
            point: plugin.score!,
            score: plugin.score!.score,
            weight: given.weights[i]!,
            state: undefined,
          }));
          const filters = [{ f: FILTER, point: fit.filter!, test: fit.filter!.test }];
          const kernel = ResourceKernel.find(asked, nodes.records, filters, scores)!;
          for (let i = 0; i < nodes.listed; i++) {
            const n = asNode(nodes.list[i]!);
            const status = fit.filter!.test(asked, n, nodes, undefined);
            const sum = scores.reduce(
              (total, s) => total + s.weight * s.point.score(asked, n, nodes, undefined),
              0,
            );
            expect(kernel.statusAt(i)).toBe(status);
            expect(kernel.valueAt(i)).toBe(status === 0 ? sum : -codeOf(FILTER, status));
            expect(kernel.classAt(i)).toBe(nodes.classAt[i]);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('is not there for a pod that asks for more than cpu and memory', () => {
    const world = new KubeWorld([{}], { resources: ['cpu', 'memory', 'example.com/foo'] });
    const fit = makePlugin('node-resources-fit', world.nodes);
    const filters = [{ f: FILTER, point: fit.filter!, test: fit.filter!.test }];
    const find = (requests: Record<string, number>) =>
      ResourceKernel.find(world.attempt({ requests }), world.cluster.nodes.records, filters, []);
    expect(find({ 'example.com/foo': 1 })).toBeNull();
    expect(find({ cpu: 1 })).not.toBeNull();
  });
});

const NO_NODES = { list: [] as never, count: 0 };
