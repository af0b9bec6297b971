import { poolRefusal } from '../base/constraints.ts';
import { asNodeList } from '../base/ids.ts';
import type { PodAttempt, SchedulingProfile } from '../contracts/scheduling.ts';
import type { ClusterView } from '../model/view.ts';
import type { NodeClass } from './skyline-groups.ts';

/** Classes that may take a shape; shapes that the same classes may take share it. */
export interface AdmittedClasses {
  /** Groups of the cluster, ascending. */
  readonly groups: Int32Array;
  /** Classes of entry `i` of `groups`: `classes[starts[i] .. starts[i + 1])`. *Order*: first sight. */
  readonly starts: Int32Array;
  readonly classes: Int32Array;
}

/** Settles once per shape what does not depend on free cpu and memory: static filters and the fit of devices. */
export class ShapePlans {
  private readonly cluster: ClusterView;
  private readonly profile: SchedulingProfile;
  /** By shape; made for so many classes: new ones void it. */
  private plans: (AdmittedClasses | undefined)[] = [];
  private bySet = new Map<string, AdmittedClasses>();
  private known = 0;

  constructor(cluster: ClusterView, profile: SchedulingProfile) {
    this.cluster = cluster;
    this.profile = profile;
  }

  /** The classes that may take a pod, among those that exist. @param classes all, the earlier ones as in the last call */
  of(pod: PodAttempt, classes: readonly NodeClass[]): AdmittedClasses {
    const { index } = pod.shape;
    if (classes.length !== this.known) this.clear(classes.length);
    return this.plans[index] ?? this.plan(pod, classes);
  }

  /** Forgets everything; for `known` classes. */
  clear(known: number): void {
    this.plans = [];
    this.bySet = new Map();
    this.known = known;
  }

  private plan(pod: PodAttempt, classes: readonly NodeClass[]): AdmittedClasses {
    const admitted = classes
      .map((_, i) => i)
      .filter((i) => this.admits(pod, classes[i]!))
      .sort((a, b) => classes[a]!.group - classes[b]!.group || a - b);
    const key = admitted.join();
    let plan = this.bySet.get(key);
    if (plan === undefined) {
      const groups = admitted.map((i) => classes[i]!.group);
      const starts = admitted.map((_, k) => k).filter((k) => groups[k] !== groups[k - 1]);
      plan = {
        groups: Int32Array.from(starts, (k) => groups[k]!),
        starts: Int32Array.from([...starts, admitted.length]),
        classes: Int32Array.from(admitted),
      };
      this.bySet.set(key, plan);
    }
    const { index } = pod.shape;
    while (this.plans.length <= index) this.plans.push(undefined);
    this.plans[index] = plan;
    return plan;
  }

  private admits(pod: PodAttempt, of: NodeClass): boolean {
    const { shape } = pod;
    const { cluster, profile } = this;
    const { nodes } = cluster;
    if (poolRefusal(shape, cluster.pools[nodes.pool[of.node]!]!) !== '') return false;
    if (shape.gpuCount > 0) {
      const model = cluster.gpuModels[nodes.gpuModel[of.node]!];
      if (model === undefined) return false;
      if (shape.gpuModels.length > 0 && !shape.gpuModels.includes(model)) return false;
      const isFit =
        shape.gpuMilliPerDevice === 1000
          ? of.devicesWhole >= shape.gpuCount
          : of.deviceMost >= shape.gpuMilliPerDevice;
      if (!isFit) return false;
    }
    return (profile.filters ?? []).every(
      (filter) => filter.keep(pod, asNodeList(Int32Array.of(of.node)), 1, cluster) === 1,
    );
  }
}
