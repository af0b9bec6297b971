import type { KubeNodes } from '../../model/kube-nodes.ts';
import type { Nominator } from '../../selection/kubernetes/nominator.ts';
import type { ControllerHost } from './controllers/host.ts';
import type { ImagePulls } from './image-pulls.ts';
import type { PodFacts } from './pod-facts.ts';
import type { Termination } from './termination.ts';

/** What the processes of a cluster that Kubernetes schedules share beside its columns. */
export interface KubeState {
  readonly nodes: KubeNodes;
  readonly nominator: Nominator;
  readonly facts: PodFacts;
  readonly termination: Termination;
  /** Controllers of workloads; absent if the scenario has none. */
  controllers?: ControllerHost;
  /** Absent: every node has every image. */
  readonly pulls?: ImagePulls;
}
