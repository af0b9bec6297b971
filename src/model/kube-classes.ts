import type { Taint } from '../base/constraints.ts';
import type { NodeClass } from './kube-view.ts';
import type { PoolView } from './view.ts';

/** Label that holds the node's name unless the node says otherwise. */
export const HOSTNAME = 'kubernetes.io/hostname';
/** Label of the node's zone. */
export const ZONE = 'topology.kubernetes.io/zone';
/** Label of the node's region. */
export const REGION = 'topology.kubernetes.io/region';
const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';

/** What a node says of itself besides name and resources. */
export interface KubeNode {
  /** With `kubernetes.io/hostname` only if it differs from the name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  /** Bytes by image name. */
  readonly images: Readonly<Record<string, number>>;
  /** Unique volumes at most, by driver. */
  readonly volumeLimits: Readonly<Record<string, number>>;
  /** True for a node that has no `kubernetes.io/hostname` at all. */
  readonly lacksHostname?: boolean;
}

/** Gives the nodes of a pool what its zone, region, machine type and labels say; a label of the pool wins. */
export function nodeOfPool(pool: PoolView, region: string): KubeNode {
  const labels: Record<string, string> = {};
  if (region !== '') labels[REGION] = region;
  if (pool.zone !== '') labels[ZONE] = pool.zone;
  Object.assign(labels, pool.labels);
  return { labels, taints: pool.taints, unschedulable: false, images: {}, volumeLimits: {} };
}

/**
 * The zone of a node in the order of the node list; the empty string if it has neither zone nor region.
 *
 * *Source*: Kubernetes v1.34 component-helpers, GetZoneKey.
 */
export function zoneKeyOf(labels: Readonly<Record<string, string>>): string {
  const zone = labels[BETA_ZONE] ?? labels[ZONE] ?? '';
  const region = labels[BETA_REGION] ?? labels[REGION] ?? '';
  return zone === '' && region === '' ? '' : `${region}:\u0000:${zone}`;
}

/**
 * Interns classes of nodes: equal ones, whatever the order of their labels, are one object. *Order*: of first sight.
 */
export class NodeClassTable {
  private readonly classes: NodeClass[] = [];
  private readonly byKey = new Map<string, NodeClass>();
  /** Nodes of a pool share one description: no key is made for the second. */
  private readonly bySource = new WeakMap<KubeNode, NodeClass>();

  get count(): number {
    return this.classes.length;
  }

  at(index: number): NodeClass {
    return this.classes[index]!;
  }

  /** The class of a node's description, its hostname label left out. */
  intern(node: KubeNode): NodeClass {
    const known = this.bySource.get(node);
    if (known !== undefined) return known;
    const { [HOSTNAME]: _, ...labels } = node.labels;
    const key = JSON.stringify([
      entriesOf(labels),
      node.taints.map((t) => [t.key, t.value, t.effect]),
      node.unschedulable,
      entriesOf(node.images),
      entriesOf(node.volumeLimits),
    ]);
    let found = this.byKey.get(key);
    if (found === undefined) {
      const { taints, unschedulable } = node;
      found = {
        index: this.classes.length,
        labels: bare(labels),
        taints,
        unschedulable,
        images: bare(node.images),
        volumeLimits: bare(node.volumeLimits),
      };
      this.classes.push(found);
      this.byKey.set(key, found);
    }
    this.bySource.set(node, found);
    return found;
  }
}

function entriesOf(record: Readonly<Record<string, unknown>>): unknown[] {
  return Object.keys(record)
    .sort()
    .map((key) => [key, record[key]]);
}

/** A copy without what objects inherit: a key such as `constructor` is absent unless it was given. */
function bare<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.assign(Object.create(null), record);
}
