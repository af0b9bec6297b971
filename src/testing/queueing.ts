import type { QueueingPolicy } from '../contracts/policy.ts';
import type { QueuedPod } from '../contracts/queueing.ts';
import { type ContractCase, type ContractOptions, expect, withSkips } from './case.ts';
import { buildCluster } from './cluster.ts';
import { commonCases, paramsFor } from './policy-cases.ts';

/**
 * Lists what the queueing contract asks of a policy: run every case in your test framework.
 *
 * @param policy made by `defineQueueing`
 */
export function checkQueueing(
  policy: QueueingPolicy,
  options: ContractOptions = {},
): readonly ContractCase[] {
  const make = () => policy.create(paramsFor(policy, options), { cluster: 'test' });
  const cases: ContractCase[] = [
    ...commonCases(policy, options),
    {
      name: 'says whether its head blocks the others',
      run: () => expect(typeof make().blocking === 'boolean', `blocking is ${make().blocking}`),
    },
    {
      name: 'ranks every pod with a number',
      run: () => {
        const queueing = make();
        for (const pod of examplePods()) {
          const rank = queueing.rank(pod);
          expect(Number.isFinite(rank), `ranks a pod of priority ${pod.shape.priority} ${rank}`);
        }
      },
    },
    {
      name: 'ranks a pod the same whenever and whoever is asked',
      run: () => {
        const [first, second] = [make(), make()];
        const pods = examplePods();
        const ranks = pods.map((pod) => first.rank(pod));
        const again = pods.map((pod) => first.rank(pod));
        const twin = [...pods].reverse().map((pod) => second.rank(pod));
        expect(
          ranks.every((rank, i) => Object.is(rank, again[i])),
          'two calls differ',
        );
        expect(
          ranks.every((rank, i) => Object.is(rank, twin[pods.length - 1 - i])),
          'two instances differ, or the order of calls matters',
        );
      },
    },
  ];
  return withSkips(cases, options.skip);
}

function examplePods(): QueuedPod[] {
  const cluster = buildCluster([{ cpuMillicores: 4000, memoryMib: 8192 }]);
  return [-5, 0, 7, 1_000_000_000].flatMap((priority) =>
    [1, 8].map((size) => ({
      shape: cluster.shape({ cpuMillicores: 500, memoryMib: 256, priority }),
      workload: `workload-${size}`,
      enteredAtUs: size * 1_000_000,
      size,
    })),
  );
}
