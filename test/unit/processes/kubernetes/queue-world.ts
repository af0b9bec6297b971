/** A queue with a clock, plug-ins that say what a test wants, and nothing else. */
import { asNode, asShape, asWorkload, type PodIndex } from '../../../../src/base/ids.ts';
import {
  ADD,
  type ClusterEvent,
  DELETE,
  type FrameworkNodes,
  type FrameworkPlugin,
  type FrameworkProfile,
  type FrameworkScheduler,
  UPDATE_NODE_LABEL,
  UPDATE_POD_GATES_ELIMINATED,
} from '../../../../src/contracts/framework.ts';
import { PodTable } from '../../../../src/model/pods.ts';
import type { PodShape } from '../../../../src/model/shapes.ts';
import type { ClusterRun } from '../../../../src/processes/cluster-run.ts';
import { KubeQueue } from '../../../../src/processes/kubernetes/queue.ts';
import type { QueuedPod } from '../../../../src/processes/kubernetes/queued-pod.ts';

/** Shapes by number: priority is the number modulo 3; odd ones are held back while the world's gate is closed. */
export const shapeOf = (i: number): PodShape =>
  ({
    index: asShape(i),
    requests: [1, 1, 1],
    gpuCount: 0,
    gpuMilliPerDevice: 0,
    priority: i % 3,
  }) as unknown as PodShape;

const pass = { dependsOn: 'class', test: () => 0, reasons: () => [] } as const;

/** Hints that ask the event: pods of the event's shape number are let go, or all if it names none. */
const byShape = (
  pod: { readonly shape: PodShape; readonly id: number },
  event: ClusterEvent,
): boolean => event.pod === undefined || event.pod.shape.index === pod.shape.index;

/** Fits: hears of added nodes and deleted pods, always. Labels: hears of labels, by shape. Own: only of the pod itself. */
export const plugins = (isOpen: () => boolean): Record<string, FrameworkPlugin> => ({
  Fits: {
    name: 'Fits',
    filter: pass as never,
    hints: [
      { resource: 'Node', actions: ADD },
      { resource: 'Pod', actions: DELETE, queue: () => true },
    ],
  },
  Labels: {
    name: 'Labels',
    filter: pass as never,
    hints: [
      { resource: 'Node', actions: ADD | UPDATE_NODE_LABEL, queue: byShape },
      { resource: 'Pod', actions: ADD, queue: byShape },
    ],
  },
  Never: { name: 'Never', filter: pass as never, hints: [] },
  Gate: {
    name: 'Gate',
    preEnqueue: ({ shape }) => (shape.index % 2 === 1 && !isOpen() ? 'held back' : null),
    hints: [
      {
        resource: 'Pod',
        actions: UPDATE_POD_GATES_ELIMINATED,
        queue: (pod, event) => event.pod?.id === pod.id,
      },
    ],
  },
});

export const SECOND = 1_000_000;

/** A queue under test and what moves it. */
export class QueueWorld {
  nowUs = 0;
  isOpen = true;
  readonly pending: [string, number][] = [];
  readonly scheduler: FrameworkScheduler;
  readonly queue: KubeQueue;
  readonly pods = new PodTable(16, { timed: false });

  constructor(more: Partial<FrameworkScheduler> = {}) {
    const all = plugins(() => this.isOpen);
    const profile: FrameworkProfile = {
      schedulerName: 'default-scheduler',
      percentageOfNodesToScore: 0,
      preEnqueue: [all.Gate!],
      preFilters: [],
      filters: [all.Fits!, all.Labels!, all.Never!],
      scores: [],
      preemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
    };
    this.scheduler = {
      kind: 'framework',
      profiles: [profile],
      podInitialBackoffUs: SECOND,
      podMaxBackoffUs: 10 * SECOND,
      poolTimeoutUs: 300 * SECOND,
      ...more,
    };
    const { pods } = this;
    const world = this;
    const run = {
      get nowUs() {
        return world.nowUs;
      },
      cluster: { pods, resources: { count: 3 } },
      observer: {
        count: () => {},
        pendingChanged: (reason: string, _workload: number, delta: number) =>
          this.pending.push([reason, delta]),
      },
      workloadOf: () => ({ index: asWorkload(0) }),
      shapeOf: (p: PodIndex) => shapeOf(pods.shape(p)),
      keyOf: (p: PodIndex) => p,
    } as unknown as ClusterRun;
    this.queue = new KubeQueue(run, {
      scheduler: this.scheduler,
      nodes: { kubeOf: () => ({}) } as unknown as FrameworkNodes,
      profileOf: () => 0,
      isNominated: () => false,
      timersChanged: () => {},
    });
  }

  /** A pod of a shape enters. */
  enter(shape: number): PodIndex {
    const p = this.pods.allocate();
    this.pods.setShape(p, shape);
    this.pods.setRetries(p, 0);
    this.queue.enter(p, 1);
    return p;
  }

  /** Time passes; the timers of every instant on the way fire. */
  until(seconds: number): void {
    const atUs = Math.round(seconds * SECOND);
    for (let us = this.queue.nextTimerUs; us <= atUs; us = this.queue.nextTimerUs) {
      this.nowUs = us;
      this.queue.flush();
    }
    this.nowUs = atUs;
  }

  /** Pops the pod that must be next and refuses it. */
  fail(rejectors: readonly string[] = ['Fits']): QueuedPod {
    const pod = this.queue.pop()!;
    this.queue.failed(pod, rejectors, 'refused');
    return pod;
  }

  nodeAdded(): void {
    this.queue.happened({ resource: 'Node', action: ADD, node: asNode(0) });
  }

  placeOf(p: PodIndex): string | undefined {
    return this.queue.find(p)?.place;
  }
}
