import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asNode, CPU, MEMORY } from '../../../src/base/ids.ts';
import {
  POD_PLACED,
  POD_REMOVED,
  POD_TERMINATED,
  POD_TERMINATING,
} from '../../../src/model/kube-view.ts';
import { DOWN, OFF, UP } from '../../../src/model/view.ts';
import { buildKubeCluster } from '../../../src/testing/kube.ts';

const MIB = 1024 * 1024;
const A4 = { cpu: 4000, memory: 16384 * MIB };
const SIZES = [
  {},
  { requests: { cpu: 500, memory: 512 * MIB } },
  { requests: { cpu: 1000, memory: 2048 * MIB } },
];
/** Non-zero requests: what is not asked for counts 100m and 200Mi. */
const NON_ZERO = [
  [100, 200 * MIB],
  [500, 512 * MIB],
  [1000, 2048 * MIB],
] as const;

describe('pods on a node as Kubernetes keeps them', () => {
  it('are in the order of a list whose last entry fills the gap of a removed one', () => {
    const steps = fc.array(
      fc.record({ do: fc.constantFrom('place', 'place', 'remove', 'terminate'), i: fc.nat(99) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (story) => {
        const { nodes, place, remove, terminate } = buildKubeCluster([{ allocatable: A4 }, {}]);
        const n = asNode(0);
        const twin: { id: number; size: number; isTerminating: boolean }[] = [];
        const log: number[] = [];
        const from = nodes.podLog.position;
        for (const step of story) {
          if (step.do === 'place') {
            const size = step.i % SIZES.length;
            if (nodes.free(n, CPU) < (SIZES[size]!.requests?.cpu ?? 0)) continue;
            twin.push({ id: place(SIZES[size]!, 0), size, isTerminating: false });
            log.push(POD_PLACED);
          } else if (twin.length > 0) {
            const at = step.i % twin.length;
            const pod = twin[at]!;
            if (step.do === 'remove') {
              remove(pod.id);
              log.push(pod.isTerminating ? POD_TERMINATED : POD_REMOVED);
              const last = twin.pop()!;
              if (last !== pod) twin[at] = last;
            } else if (!pod.isTerminating) {
              terminate(pod.id);
              pod.isTerminating = true;
              log.push(POD_TERMINATING);
            }
          }
        }
        const seen: { id: number; isTerminating: boolean }[] = [];
        nodes.forEachPod(n, ({ id, isTerminating }) => seen.push({ id, isTerminating }));
        expect(seen).toEqual(twin.map(({ id, isTerminating }) => ({ id, isTerminating })));
        const sum = (k: 0 | 1) => twin.reduce((total, { size }) => total + NON_ZERO[size]![k], 0);
        expect([nodes.nonZeroCpu(n), nodes.nonZeroMemory(n)]).toEqual([sum(0), sum(1)]);
        if (!nodes.podLog.isBehind(from)) {
          expect(log.map((_, i) => nodes.podLog.kind(from + i))).toEqual(log);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('may be visited while others are: each visit has its own object', () => {
    const { nodes, place } = buildKubeCluster([{ allocatable: A4 }, { allocatable: A4 }]);
    const first = place({}, 0);
    const second = place({}, 1);
    const seen: number[][] = [];
    nodes.forEachPod(asNode(0), (outer) => {
      nodes.forEachPod(asNode(1), (inner) => seen.push([outer.id, inner.id]));
      seen.push([outer.id]);
    });
    expect(seen).toEqual([[first, second], [first]]);
  });
});

describe('a node as Kubernetes lists it', () => {
  it('stays while it is down, goes when it is off', () => {
    const { list, nodes } = buildKubeCluster([{}, {}]);
    list(0, false);
    expect([nodes.listed, nodes.find('node-0'), nodes.find('node-1')]).toEqual([1, -1, 1]);
    list(0, true);
    expect(nodes.listed).toBe(2);
    nodes.stateChanged(asNode(0), DOWN);
    nodes.refresh();
    expect(nodes.isListed(asNode(0))).toBe(true);
    nodes.stateChanged(asNode(0), OFF);
    expect(nodes.isListed(asNode(0))).toBe(true);
    nodes.refresh();
    expect(nodes.isListed(asNode(0))).toBe(false);
    nodes.stateChanged(asNode(0), UP);
  });

  it('shares its class with nodes that say the same in another order, whatever their names', () => {
    const { nodes } = buildKubeCluster([
      { labels: { a: '1', b: '2' } },
      { labels: { b: '2', a: '1', 'kubernetes.io/hostname': 'elsewhere' } },
      { labels: { a: '1' } },
      { labels: { a: '1' }, hasHostname: false },
    ]);
    const [first, second, third, fourth] = [0, 1, 2, 3].map((n) => nodes.classOf(asNode(n)));
    expect(second).toBe(first);
    expect(fourth).toBe(third);
    expect(third).not.toBe(first);
    const hostnames = [0, 1, 2, 3].map((n) => nodes.label(asNode(n), 'kubernetes.io/hostname'));
    expect(hostnames).toEqual(['node-0', 'elsewhere', 'node-2', undefined]);
    expect(nodes.label(asNode(0), 'constructor')).toBeUndefined();
  });

  it('keeps hostname and all that is not changed when its class changes', () => {
    const { nodes } = buildKubeCluster([
      { labels: { a: '1', 'kubernetes.io/hostname': 'elsewhere' }, images: { i: 5 } },
    ]);
    const n = asNode(0);
    const version = nodes.fleetVersion;
    const before = nodes.setClass(n, { unschedulable: true });
    expect(before.unschedulable).toBe(false);
    expect(nodes.classOf(n)).toMatchObject({ unschedulable: true, images: { i: 5 } });
    expect(nodes.label(n, 'kubernetes.io/hostname')).toBe('elsewhere');
    expect(nodes.label(n, 'a')).toBe('1');
    expect(nodes.fleetVersion).toBeGreaterThan(version);
    expect(nodes.setClass(n, { unschedulable: false }).unschedulable).toBe(true);
    expect(nodes.classOf(n)).toBe(before);
  });

  it('is counted for each of its images while it exists', () => {
    const { list, nodes } = buildKubeCluster([
      { images: { i: 5, k: 6 } },
      { images: { i: 5 } },
      {},
    ]);
    expect([nodes.imageNodes('i'), nodes.imageNodes('k'), nodes.imageNodes('none')]).toEqual([
      2, 1, 0,
    ]);
    list(1, false);
    expect(nodes.imageNodes('i')).toBe(1);
  });
});

describe('a dry run', () => {
  it('is seen by every question about its node until it ends, and by no other', () => {
    const { nodes, place } = buildKubeCluster([{ allocatable: A4 }, { allocatable: A4 }]);
    const ids = [0, 1, 2].map((size) => place(SIZES[size]!, 0));
    const n = asNode(0);
    const state = () => {
      const pods: number[] = [];
      nodes.forEachPod(n, ({ id }) => pods.push(id));
      return {
        pods,
        count: nodes.podCount(n),
        cpu: nodes.free(n, CPU),
        memory: nodes.free(n, MEMORY),
        nonZero: [nodes.nonZeroCpu(n), nodes.nonZeroMemory(n)],
        other: nodes.free(asNode(1), CPU),
      };
    };
    const before = state();
    const node = nodes.tryOn(n);
    expect(state()).toEqual(before);
    const gone = node.remove(ids[0]!);
    node.remove(ids[1]!);
    // 4000 - 1000 is left with the largest; the last pod stands where the first one was.
    expect(state()).toEqual({
      pods: [ids[2]],
      count: 1,
      cpu: 3000,
      memory: (16384 - 2048) * MIB,
      nonZero: [1000, 2048 * MIB],
      other: 4000,
    });
    node.add(gone);
    expect(state().pods).toEqual([ids[2], ids[0]]);
    nodes.endTry();
    expect(state()).toEqual(before);
  });
});
