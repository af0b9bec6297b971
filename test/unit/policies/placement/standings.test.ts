/** Policies that keep standings against full passes, over histories of a fleet: same cluster, same division, every time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asCluster, asShape, asWorkload, type ClusterIndex } from '../../../../src/base/ids.ts';
import type {
  ClusterFacts,
  FleetView,
  PlacementRequest,
  Placer,
} from '../../../../src/contracts/placement.ts';
import { ChangeLog } from '../../../../src/model/change-log.ts';
import { FleetTable, type NodeTemplate } from '../../../../src/model/fleet.ts';
import { ResourceTable } from '../../../../src/model/resources.ts';
import type { PodShape } from '../../../../src/model/shapes.ts';
import { mostFree } from '../../../../src/policies/placement/most-free.ts';
import { roundRobin } from '../../../../src/policies/placement/round-robin.ts';
import { spillOver } from '../../../../src/policies/placement/spill-over.ts';
import {
  type PlacementRule,
  ROOM,
  Standings,
} from '../../../../src/policies/placement/standings.ts';
import { staticWeight } from '../../../../src/policies/placement/static-weight.ts';
import { testStream } from '../../../../src/testing.ts';
import * as fullPass from './full-pass.ts';

const RESOURCES = new ResourceTable(
  new Map([
    ['cpu', 1],
    ['memory', 1],
    ['pods', 1],
  ]),
  new Map(),
);
const WORKLOADS = 3;

/** Pods of which some fit everywhere, some only in large nodes or those with GPUs, one nowhere. */
const SHAPES: readonly PodShape[] = [
  [1000, 100],
  [500, 300],
  [3000, 100],
  [1000, 100, 1],
  [90_000, 1],
].map(([cpu, memory, gpus = 0], i) => ({
  index: asShape(i),
  requests: [cpu!, memory!, 1],
  gpuCount: gpus,
  gpuMilliPerDevice: gpus > 0 ? 500 : 0,
  gpuModels: [],
  nodeSelector: [],
  tolerations: [],
  priority: 0,
  priorityClass: 'default',
}));

interface ClusterCase {
  readonly nodes: number;
  readonly isLarge: boolean;
  readonly isPublic: boolean;
  readonly weight: number;
  readonly elastic: number;
  readonly used: number;
}

const clusterCase: fc.Arbitrary<ClusterCase> = fc.record({
  nodes: fc.nat(4),
  isLarge: fc.boolean(),
  isPublic: fc.boolean(),
  weight: fc.nat(3),
  elastic: fc.nat(2),
  used: fc.constantFrom(0, 0, 0.5, 0.9, 1),
});

interface Event {
  readonly shape: number;
  readonly workload: number;
  readonly count: number;
  readonly gang: boolean;
  readonly returner: number;
  readonly isApplied: boolean;
  readonly next: string;
  readonly cluster: number;
  readonly used: number;
  readonly nodes: number;
}

/** What happens to a fleet: a request, then maybe a summary, a loss, pods that go away. */
const event: fc.Arbitrary<Event> = fc.record({
  shape: fc.nat(SHAPES.length - 1),
  workload: fc.nat(WORKLOADS - 1),
  count: fc.constantFrom(1, 1, 1, 2, 5, 17, 40, 120),
  gang: fc.constantFrom(false, false, true),
  returner: fc.constantFrom(-1, -1, -1, 0, 1, 2),
  // Some requests are only asked, as contract suites do.
  isApplied: fc.constantFrom(true, true, true, false),
  next: fc.constantFrom('nothing', 'nothing', 'summary', 'liveness', 'gone'),
  cluster: fc.nat(40),
  used: fc.constantFrom(0, 0.4, 0.8, 1),
  nodes: fc.nat(4),
});

/** A fleet with its ledger, as the placer keeps them. */
class World {
  readonly table: FleetTable;
  readonly view: FleetView;
  readonly assigned = Array.from({ length: WORKLOADS }, () => new Int32Array(0));
  private readonly cases: readonly ClusterCase[];
  private nowUs = 0;
  private decision = 0;

  constructor(cases: readonly ClusterCase[]) {
    this.cases = cases;
    const templates = cases.map(({ isLarge }): NodeTemplate[] => [
      {
        allocatable: isLarge ? [8000, 1600, 20] : [2000, 800, 10],
        gpuCount: isLarge ? 2 : 0,
        gpuModel: '',
        admits: () => true,
      },
    ]);
    this.table = new FleetTable(RESOURCES, templates, 10);
    this.assigned = this.assigned.map(() => new Int32Array(cases.length));
    for (const [c, { nodes, used }] of cases.entries()) this.publish(c, nodes, used);
    const { table } = this;
    this.view = {
      clusters: cases.map((cluster, c): ClusterFacts => factsOf(cluster, c)),
      free: table.free,
      allocatable: table.allocatable,
      elastic: table.elastic,
      gpuFreeMilli: table.gpuFreeMilli,
      gpuAllocatableMilli: table.gpuAllocatableMilli,
      pending: table.pending,
      isUp: table.isUp,
      changes: table.changes,
      room: (shape, cluster, withElastic) => table.room(shape, cluster, withElastic),
      canHost: (shape, cluster) => table.canHost(shape, cluster),
    };
  }

  publish(c: number, nodes: number, used: number): void {
    const { elastic, isLarge } = this.cases[c]!;
    const perNode = isLarge ? [8000, 1600, 20, 2000] : [2000, 800, 10, 0];
    const quantities = new Float64Array(1 + 3 * perNode.length);
    perNode.forEach((quantity, r) => {
      const allocatable = quantity * nodes;
      quantities.set(
        [allocatable - Math.floor(allocatable * used), allocatable, quantity * elastic],
        1 + 3 * r,
      );
    });
    this.table.publishAll(asCluster(c), quantities, 1);
    this.table.settle(asCluster(c), this.nowUs - 15, 0);
  }

  request(what: Event): PlacementRequest {
    this.nowUs += 7;
    return {
      workload: asWorkload(what.workload),
      workloadName: `w${what.workload}`,
      shape: SHAPES[what.shape]!,
      count: what.count,
      gang: what.gang,
      assigned: this.assigned[what.workload]!,
      returnedBy: what.returner < this.cases.length ? what.returner : -1,
      decision: this.decision++,
    };
  }

  apply({ shape, workload }: PlacementRequest, counts: Int32Array): void {
    counts.forEach((count, c) => {
      if (count === 0) return;
      this.assigned[workload]![c]! += count;
      this.table.assign(asCluster(c), shape, count, this.nowUs);
    });
  }

  gone(c: number, workload: number): void {
    this.assigned[workload]![c] = Math.floor(this.assigned[workload]![c]! / 2);
    this.table.changes.add(asCluster(c));
  }
}

function factsOf({ isPublic, weight }: ClusterCase, c: number): ClusterFacts {
  const base = { index: asCluster(c), name: `c${c}`, region: 'r', zone: 'z', provider: 'p' };
  return { ...base, isPublic, weight, labels: {} };
}

/** Plays one history with a policy, its twin answering every question too. */
function play(cases: readonly ClusterCase[], events: readonly Event[], pair: Pair): void {
  const world = new World(cases);
  const { view } = world;
  const placer = pair.keeping(view.clusters);
  const twin = pair.naive(view.clusters);
  for (const what of events) {
    const request = world.request(what);
    const counts = new Int32Array(cases.length);
    const expected = new Int32Array(cases.length);
    const placed = placer.divide(request, view, counts);
    expect(placed).toBe(twin.divide(request, view, expected));
    expect([...counts]).toEqual([...expected]);
    if (request.gang || request.count === 1) {
      expect(placer.choose!(request, view)).toBe(expected.indexOf(request.count));
    }
    if (what.isApplied) world.apply(request, counts);
    const c = what.cluster % cases.length;
    if (what.next === 'summary') world.publish(c, what.nodes, what.used);
    if (what.next === 'gone') world.gone(c, what.workload);
    if (what.next === 'liveness') {
      world.table.answers(asCluster(c), world.table.isUp[c] === 0);
    }
  }
}

interface Pair {
  readonly keeping: (clusters: readonly ClusterFacts[]) => Placer;
  readonly naive: (clusters: readonly ClusterFacts[]) => Placer;
}

const stream = testStream('test');
const PAIRS: Readonly<Record<string, Pair>> = {
  'most-free': {
    keeping: (clusters) => mostFree.create(undefined, { clusters, stream }),
    naive: () => new fullPass.MostFree(),
  },
  'round-robin': {
    keeping: (clusters) => roundRobin.create(undefined, { clusters, stream }),
    naive: () => new fullPass.RoundRobin(),
  },
  'static-weight': {
    keeping: (clusters) => staticWeight.create(undefined, { clusters, stream }),
    naive: () => new fullPass.StaticWeight(),
  },
  'spill-over': {
    keeping: (clusters) =>
      spillOver.create({ order: 'private-first', fillTo: 0.7 }, { clusters, stream }),
    naive: (clusters) =>
      new fullPass.SpillOver(
        0.7,
        Int32Array.from(clusters, ({ isPublic }) =>
          isPublic && clusters.some((other) => !other.isPublic) ? 1 : 0,
        ),
      ),
  },
};

describe.each(Object.entries(PAIRS))('%s', (_, pair) => {
  it('answers like a full pass, whatever happened to a small fleet before', () => {
    const property = fc.property(
      fc.array(clusterCase, { minLength: 1, maxLength: 6 }),
      fc.array(event, { minLength: 1, maxLength: 40 }),
      (cases, events) => play(cases, events, pair),
    );
    fc.assert(property, { numRuns: 300 });
  });

  it('answers like a full pass in a fleet in which most clusters did not change', () => {
    const property = fc.property(
      fc.array(clusterCase, { minLength: 30, maxLength: 41 }),
      fc.array(event, { minLength: 30, maxLength: 120 }),
      (cases, events) => play(cases, events, pair),
    );
    fc.assert(property, { numRuns: 60 });
  });

  it('forgets what it knows of one fleet when it is asked about another', () => {
    const cluster = { isLarge: true, isPublic: false, weight: 1, elastic: 0, used: 0 };
    const one = new World([
      { ...cluster, nodes: 1 },
      { ...cluster, nodes: 4 },
    ]);
    const other = new World([
      { ...cluster, nodes: 0 },
      { ...cluster, nodes: 4 },
    ]);
    const placer = pair.keeping(one.view.clusters);
    const full = { shape: 0, workload: 0, count: 32, gang: true, returner: -1 };
    const rest = { isApplied: true, next: 'nothing', cluster: 0, used: 0, nodes: 0 };
    expect(placer.choose!(one.request({ ...full, ...rest }), one.view)).toBe(1);
    one.table.answers(asCluster(1), false);
    expect(placer.choose!(one.request({ ...full, ...rest }), one.view)).toBe(-1);
    expect(placer.choose!(other.request({ ...full, ...rest }), other.view)).toBe(1);
  });
});

describe('Standings', () => {
  it('keeps a board for each workload with a shape of its own', () => {
    // 262,144 standings are 31 boards of 8,300 clusters: a number that 1 + 30 must not divide.
    const clusters = 8300;
    let judged = 0;
    const rule: PlacementRule = {
      isByWorkload: true,
      judge: (_c, _pods, _question, standing) => {
        judged++;
        standing.level = ROOM;
      },
    };
    const standings = new Standings(rule, clusters);
    const { view } = new World([]);
    const fleet = { ...view, changes: new ChangeLog<ClusterIndex>(clusters) };
    const requests = Array.from({ length: 10 }, (_, w) => ({
      workload: asWorkload(w),
      workloadName: '',
      shape: { ...SHAPES[0]!, index: asShape(w) },
      count: 1,
      gang: false,
      assigned: new Int32Array(clusters),
      returnedBy: -1,
      decision: 0,
    }));
    for (const request of requests) standings.choose(request, fleet);
    expect(judged).toBe(10 * clusters);
    for (const request of requests) standings.choose(request, fleet);
    expect(judged).toBe(10 * clusters);
  });
});
