/** Why a pod waits, as a label of metrics. */
import { asResource, type NodeIndex } from '../../base/ids.ts';
import {
  type FrameworkPlugin,
  type FrameworkPod,
  UNRESOLVABLE,
} from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';
import type { PodShape } from '../../model/shapes.ts';
import type { CycleFailure } from '../../selection/kubernetes/scheduling-cycle.ts';

/** Reason of pods while there is no node at all. */
export const NO_NODE = 'no-node';
/** Reason of pods whose plug-ins allow sets of nodes that have none in common. */
const NO_COMMON_NODE = 'no-common-node';

/** What was found of a shape, and when. */
interface Found {
  readonly atUs: number;
  readonly reason: string;
  readonly isHopeless: boolean;
}

/** Age at which the reason of a shape is found out again: it costs a walk over the nodes, and changes slowly. */
const FIND_EVERY_US = 10_000_000;

/** Finds the reasons of refusals: that of the plug-in that refused the most nodes. *Order* of ties: the profile's. */
export class RefusalReasons {
  private readonly nodes: KubeNodes;
  private readonly found = new Map<PodShape, Found>();

  constructor(nodes: KubeNodes) {
    this.nodes = nodes;
  }

  /** The label of a refusal that just happened. */
  of(pod: FrameworkPod, failure: CycleFailure, nowUs: number): string {
    return this.lookUp(pod, failure, nowUs, FIND_EVERY_US).reason;
  }

  /** The label of the next refusal of a shape, or null if it would be found out again. */
  current(shape: PodShape, nowUs: number): string | null {
    const known = this.found.get(shape);
    return known !== undefined && nowUs - known.atUs < FIND_EVERY_US ? known.reason : null;
  }

  /** True if no node could take the pod whoever left, and no node could still come. */
  isHopeless(pod: FrameworkPod, failure: CycleFailure, nowUs: number): boolean {
    return (
      this.lookUp(pod, failure, nowUs, FIND_EVERY_US).isHopeless &&
      this.lookUp(pod, failure, nowUs, 0).isHopeless
    );
  }

  private lookUp(pod: FrameworkPod, failure: CycleFailure, nowUs: number, maxAgeUs: number): Found {
    const known = this.found.get(pod.shape);
    if (known !== undefined && nowUs - known.atUs < maxAgeUs) return known;
    const found = { atUs: nowUs, ...this.find(pod, failure) };
    this.found.set(pod.shape, found);
    return found;
  }

  private find(pod: FrameworkPod, failure: CycleFailure): Omit<Found, 'atUs'> {
    const { nodes } = this;
    const isWhole = nodes.listed === nodes.slots;
    const { preFilter } = failure;
    if (preFilter !== null) {
      const { plugin, status } = preFilter;
      const reason = plugin === null ? NO_COMMON_NODE : labelOf(plugin);
      return { reason, isHopeless: isWhole && status === UNRESOLVABLE };
    }
    const counts = new Map<FrameworkPlugin, number>();
    let isHopeless = isWhole;
    let isFirst: NodeIndex | -1 = -1;
    nodes.forEachNode((n) => {
      const plugin = failure.rejectorOf(n);
      if (failure.statusOf(n) !== UNRESOLVABLE) isHopeless = false;
      if (plugin === null) return;
      counts.set(plugin, (counts.get(plugin) ?? 0) + 1);
      if (isFirst === -1 && plugin.name === FIT) isFirst = n;
    });
    let best: FrameworkPlugin | null = null;
    for (const plugin of failure.rejectors) {
      if ((counts.get(plugin) ?? 0) > (best === null ? 0 : counts.get(best)!)) best = plugin;
    }
    if (best === null) return { reason: NO_NODE, isHopeless };
    const reason = best.name === FIT ? this.lacking(pod, isFirst as NodeIndex | -1) : labelOf(best);
    return { reason, isHopeless };
  }

  /** The first resource of which a node has too little. */
  private lacking({ shape }: FrameworkPod, n: NodeIndex | -1): string {
    if (n === -1) return 'insufficient-resources';
    for (let r = 0; r < shape.requests.length; r++) {
      if (shape.requests[r]! > this.nodes.free(n, asResource(r))) {
        return `insufficient-${this.nodes.resources.all[r]!.name}`;
      }
    }
    // The node has enough as it is: what it lacks is promised to a nominated pod.
    return shape.gpuCount > 0 ? 'insufficient-gpu' : 'insufficient-resources';
  }
}

const FIT = 'NodeResourcesFit';

/** A plug-in's name as a label: `TaintToleration` is `taint-toleration`. */
function labelOf({ name }: FrameworkPlugin): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
