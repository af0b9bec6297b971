import type { PodIndex } from '../../base/ids.ts';
import type {
  ClusterEvent,
  FrameworkNodes,
  FrameworkPod,
  FrameworkScheduler,
} from '../../contracts/framework.ts';
import type { ClusterRun } from '../cluster-run.ts';
import { HintTable } from './hints.ts';
import type { PoolGroup } from './pool.ts';
import type { QueuedPod } from './queued-pod.ts';

/** Draws of a pod's attempts are told apart by its stays in the queue, and within them by the attempt. */
const ATTEMPTS_A_STAY = 65536;

/** Asks the plug-ins that refused a pod whether an event may help it. */
export class Waking {
  private readonly run: ClusterRun;
  private readonly nodes: FrameworkNodes;
  private readonly hints: HintTable;
  private readonly asked = {} as { -readonly [K in keyof FrameworkPod]: FrameworkPod[K] };

  constructor(run: ClusterRun, scheduler: FrameworkScheduler, nodes: FrameworkNodes) {
    this.run = run;
    this.nodes = nodes;
    this.hints = new HintTable(scheduler.profiles);
  }

  /** True if any plug-in registered the event: all others are ignored. */
  isRegistered(event: ClusterEvent): boolean {
    return this.hints.isRegistered(event);
  }

  /** False for pods that are held back by a plug-in that did not register the event. */
  mayHear(group: PoolGroup, event: ClusterEvent): boolean {
    return group.gate === null || this.hints.of(group.profile, event).has(group.gate);
  }

  /** Asks the plug-ins that refused the pod; one that gave no function always wakes it. */
  isWoken(pod: QueuedPod, event: ClusterEvent): boolean {
    if (pod.rejectors.length === 0) return true;
    const hints = this.hints.of(pod.profile, event);
    for (const name of pod.rejectors) {
      for (const hint of hints.get(name) ?? []) {
        if (hint.queue === undefined) return true;
        if (hint.queue(this.aim(pod.p, pod), event, this.nodes)) return true;
      }
    }
    return false;
  }

  /** A pod, or a member of the gang that it stands for, as plug-ins see it; refilled by each call. */
  aim(p: PodIndex, pod: QueuedPod): FrameworkPod {
    const { asked } = this;
    asked.shape = pod.shape;
    asked.kube = this.nodes.kubeOf(pod.shape);
    asked.id = p;
    asked.key = this.run.keyOf(p);
    asked.attempt = this.run.cluster.pods.retries(p) * ATTEMPTS_A_STAY + pod.attempts - 1;
    return asked;
  }
}
