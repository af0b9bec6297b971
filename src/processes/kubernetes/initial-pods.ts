/**
 * Pods that are there when a run begins: those of a snapshot, or written with a node.
 *
 *   begin --> with a node: on it, running (or starting, if they were not ready), past the scheduler
 *        +--> without: in the queue
 *
 * They count as created; being bound is no decision, and they have not waited.
 */
import { NONE, type NodeIndex, type PodIndex } from '../../base/ids.ts';
import { CREATED } from '../../contracts/observer.ts';
import { BY_ARRIVAL, PENDING } from '../../model/pods.ts';
import type { PodShape } from '../../model/shapes.ts';
import { tightestDevices } from '../../selection/devices.ts';
import type { ClusterRun } from '../cluster-run.ts';

/** A pod that is there at the start. */
export interface InitialPodFacts {
  readonly workload: number;
  /** Unique among the workload's pods, from 0. */
  readonly serial: number;
  readonly shape: PodShape;
  /** -1: it waits in the queue. */
  readonly node: NodeIndex | -1;
  /** Instant of its start, 0 or before, microseconds. */
  readonly startedAtUs: number;
  readonly isReady: boolean;
  /** Time until it is gone, microseconds; null if nobody deleted it. */
  readonly leavesAfterUs: number | null;
}

/** Puts the pods of one cluster where they are, in order. */
export class InitialPods {
  private readonly run: ClusterRun;
  private readonly pods: readonly InitialPodFacts[];
  private readonly adopt: (p: PodIndex, i: number) => void;

  /** @param adopt called with each pod, and its place among them, once it is where it is */
  constructor(
    run: ClusterRun,
    pods: readonly InitialPodFacts[],
    adopt: (p: PodIndex, i: number) => void,
  ) {
    this.run = run;
    this.pods = pods;
    this.adopt = adopt;
  }

  /** Before the first event. */
  begin(): void {
    this.pods.forEach((pod, i) => {
      const p = this.make(pod);
      if (pod.node === NONE) {
        this.adopt(p, i);
        this.run.podLife.queueAgain(p);
      } else this.bind(p, pod, i);
    });
  }

  private make(pod: InitialPodFacts): PodIndex {
    const { run } = this;
    const { pods } = run.cluster;
    run.observer.count(CREATED, run.workloads[pod.workload]!.index, 1);
    const p = run.podLife.spawn(pod.workload, pod.serial);
    pods.setShape(p, pod.shape.index);
    pods.setSinceUs(p, run.nowUs);
    pods.setCause(p, BY_ARRIVAL);
    pods.setState(p, PENDING);
    if (pod.leavesAfterUs !== null) pods.setDurationUs(p, Math.max(1, pod.leavesAfterUs));
    return p;
  }

  private bind(p: PodIndex, pod: InitialPodFacts, i: number): void {
    const { run } = this;
    const node = pod.node as NodeIndex;
    const { shape } = pod;
    const attempt = { shape, key: run.keyOf(p), attempt: 0 };
    const devices = shape.gpuCount === 0 ? 0 : tightestDevices.choose(attempt, node, run.cluster);
    run.cluster.place(p, node, devices);
    run.elastic?.occupied(node);
    run.kube?.facts.started(p, pod.startedAtUs);
    if (pod.leavesAfterUs === null) this.adopt(p, i);
    else run.kube?.nodes.terminate(p);
    run.podLife.takeOver(p, pod.isReady);
  }
}
