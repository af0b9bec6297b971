import { asCluster } from '../base/ids.ts';
import type { FleetView, PlacementRequest, Placer } from '../contracts/placement.ts';
import type { PlacementPolicy } from '../contracts/policy.ts';
import { type ContractCase, type ContractOptions, expect, sameBits, withSkips } from './case.ts';
import { testStream } from './cluster.ts';
import { buildFleet, type ClusterBuild, type TestFleet } from './fleet.ts';
import { commonCases, paramsFor } from './policy-cases.ts';

/** A fleet with a full, a lost, a small-noded, an elastic and two ordinary clusters. */
const MIXED: readonly ClusterBuild[] = [
  { nodes: 10, used: 0.2, weight: 3 },
  { nodes: 10, isUp: false, weight: 2 },
  { nodes: 5, used: 1, weight: 1 },
  { nodes: 20, cpuMillicores: 800, memoryMib: 1000, weight: 5 },
  { nodes: 0, elasticNodes: 50, isPublic: true, weight: 1 },
  { nodes: 8, used: 0.5, weight: 2 },
];
const LOST = 1;
const TOO_SMALL = 3;

/** Counts pods per cluster for one request on one fleet. */
type Divide = (fleet: TestFleet, request: PlacementRequest) => Int32Array;

/**
 * Lists what the placement contract asks of a policy: run every case in your test framework.
 *
 * @param policy made by `definePlacement`
 */
export function checkPlacement(
  policy: PlacementPolicy,
  options: ContractOptions = {},
): readonly ContractCase[] {
  const make = (view: FleetView): Placer =>
    policy.create(paramsFor(policy, options), {
      clusters: view.clusters,
      stream: testStream('placement'),
    });
  const divide: Divide = (fleet, request) => {
    const counts = new Int32Array(fleet.view.clusters.length);
    const sum = make(fleet.view).divide(request, fleet.view, counts);
    checkCounts(counts, sum, request.count);
    return counts;
  };
  const cases: ContractCase[] = [
    ...commonCases(policy, options),
    ...divisionCases(divide),
    ...gangCases(divide),
    {
      name: 'chooses for pods that stay together the cluster that it divides to',
      run: () => checkChoice(make, divide),
    },
    {
      name: 'gives back whole pods that it has, summing to what is asked',
      run: () => checkWithdraw(make),
    },
    {
      name: 'changes nothing of the fleet or of the request',
      run: () => {
        const fleet = buildFleet(MIXED);
        const request = fleet.request(50);
        const before = fingerprint(fleet, request);
        divide(fleet, request);
        expect(sameBits(before, fingerprint(fleet, request)), 'a column changed');
      },
    },
  ];
  return withSkips(cases, options.skip);
}

function divisionCases(divide: Divide): ContractCase[] {
  const sizes = [1, 2, 7, 30, 100, 1000];
  return [
    {
      name: 'divides into whole counts that sum to what it returns, at most what is asked',
      run: () => {
        for (const size of sizes) {
          const fleet = buildFleet(MIXED);
          divide(fleet, fleet.request(size));
        }
      },
    },
    {
      name: 'sends nothing to a lost cluster or to one that can never host the pod',
      run: () => {
        for (const size of sizes) {
          const fleet = buildFleet(MIXED);
          const counts = divide(fleet, fleet.request(size));
          expect(counts[LOST] === 0, `sends ${counts[LOST]} of ${size} to a lost cluster`);
          expect(counts[TOO_SMALL] === 0, `sends ${counts[TOO_SMALL]} of ${size} where none fits`);
        }
      },
    },
    {
      name: 'leaves everything at the fleet when every cluster is lost',
      run: () => {
        const fleet = buildFleet(MIXED.map((cluster) => ({ ...cluster, isUp: false })));
        const counts = divide(fleet, fleet.request(10));
        expect(
          counts.every((count) => count === 0),
          `sends ${counts.join(', ')}`,
        );
      },
    },
    {
      name: 'prefers room: a full cluster gets nothing while another has room',
      run: () => {
        const fleet = buildFleet([{ nodes: 10, used: 1 }, { nodes: 10 }]);
        const counts = divide(fleet, fleet.request(4));
        expect(counts[0] === 0, `sends ${counts[0]} pods to a full cluster`);
        expect(counts[1] === 4, `sends ${counts[1]} of 4 pods to the cluster with room`);
      },
    },
    ...ledgerCases(divide, sizes),
  ];
}

function ledgerCases(divide: Divide, sizes: readonly number[]): ContractCase[] {
  return [
    {
      name: 'does not send pods back to the cluster that returned them while there is another',
      run: () => {
        const fleet = buildFleet([{ nodes: 10 }, { nodes: 10 }]);
        const counts = divide(fleet, fleet.request(3, { returnedBy: 0 }));
        expect(counts[0] === 0, `sends ${counts[0]} pods back`);
      },
    },
    {
      name: 'gives the same counts for the same question, by any instance',
      run: () => {
        for (const size of sizes) {
          const fleet = buildFleet(MIXED);
          const request = fleet.request(size, { decision: 5 });
          expect(sameBits(divide(fleet, request), divide(fleet, request)), 'two calls differ');
        }
      },
    },
    {
      name: 'sees its own assignments in the ledger',
      run: () => {
        const fleet = buildFleet([{ nodes: 2 }, { nodes: 2 }]);
        // Each cluster has 2 x 4000m: 8 pods of 1000m. One pod at a time, 16 fit without any cluster over its room.
        for (let decision = 0; decision < 16; decision++) {
          const request = fleet.request(1, { decision });
          const counts = divide(fleet, request);
          const chosen = counts.indexOf(1);
          expect(chosen >= 0, `pod ${decision} is left at the fleet`);
          const room = fleet.view.room(request.shape, asCluster(chosen), true);
          expect(room >= 1, `pod ${decision} goes to a cluster without room`);
          fleet.assign(chosen, request.shape, 1);
        }
      },
    },
  ];
}

function gangCases(divide: Divide): ContractCase[] {
  return [
    {
      name: 'sends a gang whole to one cluster that has room for it',
      run: () => {
        for (const size of [1, 3, 12, 30]) {
          const fleet = buildFleet(MIXED);
          const request = fleet.request(size, { gang: true });
          const counts = divide(fleet, request);
          const chosen = counts.findIndex((count) => count > 0);
          expect(chosen >= 0, `leaves a gang of ${size} at the fleet`);
          expect(counts[chosen] === size, `divides a gang of ${size}: ${counts.join(', ')}`);
          const room = fleet.view.room(request.shape, asCluster(chosen), true);
          expect(room >= size, `sends a gang of ${size} to a cluster with room for ${room}`);
        }
      },
    },
    {
      name: 'never divides a gang, even when no cluster has room for it',
      run: () => {
        const fleet = buildFleet([
          { nodes: 2, used: 0.9 },
          { nodes: 2, used: 0.9 },
        ]);
        const counts = divide(fleet, fleet.request(6, { gang: true }));
        const parts = counts.filter((count) => count > 0);
        expect(parts.length <= 1, `divides it: ${counts.join(', ')}`);
        expect(
          parts.every((count) => count === 6),
          `sends a part of it: ${counts.join(', ')}`,
        );
      },
    },
  ];
}

function checkCounts(counts: Int32Array, sum: number, asked: number): void {
  const total = counts.reduce((a, b) => a + b, 0);
  expect(
    counts.every((count) => count >= 0),
    `negative counts: ${counts.join(', ')}`,
  );
  expect(total === sum, `returns ${sum}, but the counts sum to ${total}`);
  expect(total <= asked, `sends ${total} of ${asked} pods`);
}

function checkChoice(make: (view: FleetView) => Placer, divide: Divide): void {
  for (const size of [1, 3, 12, 30, 300]) {
    for (const returnedBy of [-1, 0, 5]) {
      const fleet = buildFleet(MIXED);
      const placer = make(fleet.view);
      if (placer.choose === undefined) return;
      const request = fleet.request(size, { gang: size > 1, returnedBy });
      const chosen = placer.choose(request, fleet.view);
      const divided = divide(fleet, request).indexOf(size);
      expect(chosen === divided, `chooses ${chosen} for ${size}, and divides to ${divided}`);
    }
  }
}

function checkWithdraw(make: (view: FleetView) => Placer): void {
  const assigned = Int32Array.of(4, 9, 0, 2, 7, 3);
  for (const size of [1, 5, 20, 25]) {
    const fleet = buildFleet(MIXED);
    const placer = make(fleet.view);
    if (placer.withdraw === undefined) return;
    const counts = new Int32Array(assigned.length);
    placer.withdraw(fleet.request(size, { assigned }), fleet.view, counts);
    const total = counts.reduce((a, b) => a + b, 0);
    expect(total === size, `gives back ${total} of ${size}`);
    counts.forEach((count, c) => {
      expect(count >= 0 && count <= assigned[c]!, `cluster ${c} gives ${count} of ${assigned[c]}`);
    });
  }
}

function fingerprint(fleet: TestFleet, request: PlacementRequest): number[] {
  const { view } = fleet;
  const columns = [...view.free, ...view.allocatable, ...view.elastic, view.gpuFreeMilli];
  columns.push(view.gpuAllocatableMilli, view.pending, view.isUp, request.assigned);
  const numbers = columns.flatMap((column) =>
    Array.from({ length: column.length }, (_, c) => column[asCluster(c)]!),
  );
  return [...numbers, request.count, request.returnedBy, request.decision];
}
