import { tolerates } from '../../../base/constraints.ts';
import type { NodeIndex, PodIndex } from '../../../base/ids.ts';
import type { FrameworkNodes } from '../../../contracts/framework.ts';
import type { PodShape } from '../../../model/shapes.ts';
import { type DaemonNode, daemonFence, updateDaemons } from './daemon.ts';
import type { DaemonSetFacts } from './facts.ts';
import type { ControllerHost, NewPod, Syncable } from './host.ts';
import { isAvailable, type OwnedPod } from './pods.ts';

/** Pods made, and deleted, at most in one sync. */
const BURST = 250;

/** Says whether a pod's required node affinity admits a node: selectors are the scheduler's. */
export type AdmitsNode = (shape: PodShape, n: NodeIndex, nodes: FrameworkNodes) => boolean;

/** Keeps one pod on every node that takes it. *Source*: Kubernetes v1.34, pkg/controller/daemon. */
export class DaemonSetController implements Syncable {
  readonly key: number;
  private template = 0;
  private before = 0;
  private readonly host: ControllerHost;
  private readonly facts: DaemonSetFacts;
  private readonly admits: AdmitsNode;

  constructor(host: ControllerHost, facts: DaemonSetFacts, admits: AdmitsNode) {
    this.host = host;
    this.facts = facts;
    this.admits = admits;
    this.key = host.add(this, 'daemonset', facts.workload);
  }

  setTemplate(template: number): void {
    this.before = this.template;
    this.template = template;
    this.host.request(this.key);
  }

  rollBack(): void {
    this.setTemplate(this.before);
  }

  /** Keys whose pods are its own. */
  keys(): readonly number[] {
    return [this.key];
  }

  /** Nodes that should have a pod. */
  get wanted(): number {
    return this.eligible().length;
  }

  sync(): void {
    const { facts, host } = this;
    if (host.isBusy(this.key)) return;
    const eligible = this.eligible();
    const view = this.viewOf(eligible);
    const wanted = new Set(eligible);
    const surplus: OwnedPod[] = [];
    for (const pod of host.pods.active(this.key)) {
      if (!wanted.has(pod.ordinal) && !this.bears(pod)) surplus.push(pod);
    }
    const missing = view
      .filter(({ fresh, old }) => fresh === null && old === null)
      .map(({ node }) => node);
    host.settle(facts.workload, missing.length);
    const update = this.updateOf(view);
    const gone = new Set<number>(update.remove);
    const removed = host.pods.active(this.key).filter((pod) => gone.has(pod.p));
    host.create(
      this.key,
      [...missing, ...update.create].slice(0, BURST).map((n) => this.podOn(n)),
    );
    host.remove(this.key, [...surplus, ...removed].slice(0, BURST));
  }

  private updateOf(view: readonly DaemonNode[]) {
    const { update } = this.facts;
    if (update === null || view.every(({ old }) => old === null)) return { remove: [], create: [] };
    return updateDaemons(view, daemonFence(view.length, update.maxSurge, update.maxUnavailable));
  }

  /** By node, the pods of an old revision and of the present one. */
  private viewOf(eligible: readonly number[]): DaemonNode[] {
    const { facts, host } = this;
    const byNode = new Map<number, { old: OwnedPod | null; fresh: OwnedPod | null }>();
    for (const pod of host.pods.of(this.key)) {
      const entry = byNode.get(pod.ordinal) ?? { old: null, fresh: null };
      if (pod.template === this.template) entry.fresh = pod;
      else entry.old = pod;
      byNode.set(pod.ordinal, entry);
    }
    const shown = (pod: OwnedPod | null | undefined) =>
      pod
        ? {
            id: pod.p,
            isTerminating: pod.isTerminating,
            isAvailable: isAvailable(pod, facts.minReadyUs, host.nowUs),
          }
        : null;
    return eligible.map((node) => ({
      node,
      old: shown(byNode.get(node)?.old),
      fresh: shown(byNode.get(node)?.fresh),
    }));
  }

  private podOn(node: number): NewPod {
    const shape = this.facts.shapeOn(this.template, node);
    const { isBroken } = this.facts.templates[this.template]!;
    return { shape, template: this.template, ordinal: node, isBroken };
  }

  /** Nodes that exist, match, and have no hard taint that the pod does not bear. */
  private eligible(): number[] {
    const { nodes } = this.host.run.kube!;
    const found: number[] = [];
    nodes.forEachNode((n) => {
      if (this.isEligible(n, ['NoSchedule', 'NoExecute'])) found.push(n);
    });
    return found;
  }

  /** A running pod stays under a new `NoSchedule` taint. */
  private bears(pod: OwnedPod): boolean {
    const n = pod.ordinal as NodeIndex;
    return this.host.run.kube!.nodes.isListed(n) && this.isEligible(n, ['NoExecute']);
  }

  private isEligible(n: NodeIndex, effects: readonly string[]): boolean {
    const { nodes } = this.host.run.kube!;
    const { shape } = this.facts.templates[this.template]!;
    const hard = nodes.classOf(n).taints.filter(({ effect }) => effects.includes(effect));
    const isTolerated = hard.every((taint) => shape.tolerations.some((t) => tolerates(t, taint)));
    return isTolerated && this.admits(shape, n, nodes);
  }

  /** Its pods stay on nodes that die; a pod of a node that is gone is not made again. */
  podLeft(_pod: { readonly p: PodIndex }): void {
    this.host.request(this.key);
  }
}
