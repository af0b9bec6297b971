import { asNode, NONE, type NodeIndex } from '../base/ids.ts';
import type { Cluster } from './cluster.ts';
import { HOSTNAME, type KubeNode, NodeClassTable, zoneKeyOf } from './kube-classes.ts';
import { PositionLog } from './kube-position-log.ts';
import { NodeTree } from './kube-tree.ts';
import type { NodeClass } from './kube-view.ts';

/** What says which nodes there are. */
export interface KubeFleetParts {
  readonly cluster: Cluster;
  /** What a node says of itself when it first appears; nodes that are alike should share one object. */
  readonly describe: (n: NodeIndex) => KubeNode;
}

/**
 * A cluster's nodes as Kubernetes lists them: classes, names, the node list and a log of nodes that changed.
 *
 * *Guarantees*: the list changes only in `refresh`, as the scheduler's snapshot does; the log has a listed node whenever
 * anything of it changed. *Price*: about 25 bytes a node.
 */
export class KubeFleet {
  readonly slots: number;
  readonly classes = new NodeClassTable();
  /** Listed nodes in list order; `listed` of them count. */
  readonly list: Int32Array;
  /** By list position: index of the node's class. */
  readonly classAt: Int32Array;
  /** Position of each node in the list, or -1. */
  readonly positionOf: Int32Array;
  /** Grows when the list is made anew: positions are then others. */
  epoch = 0;
  fleetVersion = 0;
  /** Positions in the present list whose node changed in anything, in order. */
  readonly changedAt: PositionLog;
  private readonly described: KubeFleetParts;
  private readonly classOfNode: Int32Array;
  /** 1 for nodes that exist; the list may lag behind. */
  private readonly exists: Uint8Array;
  private readonly tree = new NodeTree();
  /** Nodes that appeared or disappeared since the list was made. */
  private readonly touched: NodeIndex[] = [];
  private count = 0;
  /** Nodes whose hostname is not their name: null has none. */
  private readonly hostnames = new Map<NodeIndex, string | null>();
  /** Existing nodes by class. */
  private readonly classNodes: number[] = [];
  private readonly byName = new Map<string, NodeIndex>();
  private readonly imageCounts = new Map<string, number>();
  private imagesAt = -1;

  constructor(parts: KubeFleetParts) {
    this.described = parts;
    const slots = parts.cluster.nodes.count;
    this.slots = slots;
    this.list = new Int32Array(slots);
    this.classAt = new Int32Array(slots);
    this.positionOf = new Int32Array(slots).fill(NONE);
    this.classOfNode = new Int32Array(slots).fill(NONE);
    this.exists = new Uint8Array(slots);
    this.changedAt = new PositionLog(slots);
  }

  get listed(): number {
    return this.count;
  }

  isListed(n: NodeIndex): boolean {
    return this.positionOf[n] !== NONE;
  }

  /**
   * Takes over which nodes exist: the list is made anew only if a node came or went since the last call.
   *
   * *Cost*: O(1), or O(nodes).
   *
   * *Source*: Kubernetes v1.34 scheduler, cache snapshot.
   */
  refresh(): void {
    if (this.touched.length === 0) return;
    let isDifferent = false;
    for (const n of this.touched) {
      if ((this.exists[n] === 1) !== this.isListed(n)) isDifferent = true;
    }
    this.touched.length = 0;
    if (!isDifferent) return;
    this.positionOf.fill(NONE);
    this.count = this.tree.list(this.list);
    for (let i = 0; i < this.count; i++) {
      const n = this.list[i]!;
      this.positionOf[n] = i;
      this.classAt[i] = this.classOfNode[n]!;
    }
    this.epoch++;
  }

  /** Takes note that a node came or went; nothing if it did neither. */
  protected setExists(n: NodeIndex, exists: boolean): void {
    if (exists === (this.exists[n] === 1)) return;
    if (exists) this.appear(n);
    else this.disappear(n);
  }

  private appear(n: NodeIndex): void {
    if (this.classOfNode[n] === NONE) this.describe(n, this.described.describe(n));
    const { index, labels } = this.classOf(n);
    this.exists[n] = 1;
    this.tree.add(n, zoneKeyOf(labels));
    this.classNodes[index] = (this.classNodes[index] ?? 0) + 1;
    this.touched.push(n);
    this.fleetVersion++;
  }

  private disappear(n: NodeIndex): void {
    const { index, labels } = this.classOf(n);
    this.exists[n] = 0;
    this.tree.remove(n, zoneKeyOf(labels));
    this.classNodes[index]!--;
    this.touched.push(n);
    this.fleetVersion++;
  }

  private describe(n: NodeIndex, node: KubeNode): void {
    this.classOfNode[n] = this.classes.intern(node).index;
    const hostname = node.labels[HOSTNAME];
    if (node.lacksHostname) this.hostnames.set(n, null);
    else if (hostname !== undefined && hostname !== this.name(n)) this.hostnames.set(n, hostname);
    else this.hostnames.delete(n);
  }

  /**
   * Changes what a node says of itself: the only way to do so at run time. A new zone moves the node in the order of the
   * next list, not in this one.
   *
   * @param change what is new; labels and taints replace the old ones whole
   * @returns the class before
   */
  setClass(n: NodeIndex, change: Partial<KubeNode>): NodeClass {
    const before = this.classOf(n);
    const hostname = this.hostnames.get(n);
    const labels = hostname == null ? before.labels : { ...before.labels, [HOSTNAME]: hostname };
    this.describe(n, { ...before, labels, lacksHostname: hostname === null, ...change });
    const after = this.classOf(n);
    if (this.exists[n] === 1) {
      const zoneBefore = zoneKeyOf(before.labels);
      const zoneAfter = zoneKeyOf(after.labels);
      if (zoneBefore !== zoneAfter) {
        this.tree.remove(n, zoneBefore);
        this.tree.add(n, zoneAfter);
      }
      this.classNodes[before.index]!--;
      this.classNodes[after.index] = (this.classNodes[after.index] ?? 0) + 1;
    }
    const position = this.positionOf[n]!;
    if (position !== NONE) this.classAt[position] = after.index;
    this.bump(n);
    this.fleetVersion++;
    return before;
  }

  /** Takes note that something of a node changed. */
  protected bump(n: NodeIndex): void {
    const i = this.positionOf[n]!;
    if (i !== NONE) this.changedAt.add(i);
  }

  name(n: NodeIndex): string {
    return this.described.cluster.nodeName(n);
  }

  find(name: string): NodeIndex | -1 {
    if (this.byName.size === 0) {
      for (let n = asNode(0); n < this.slots; n++) this.byName.set(this.name(n), n);
    }
    const n = this.byName.get(name);
    return n !== undefined && this.isListed(n) ? n : -1;
  }

  classOf(n: NodeIndex): NodeClass {
    return this.classes.at(this.classOfNode[n]!);
  }

  label(n: NodeIndex, key: string): string | undefined {
    if (key !== HOSTNAME) return this.classOf(n).labels[key];
    const given = this.hostnames.size === 0 ? undefined : this.hostnames.get(n);
    return given === undefined ? this.name(n) : (given ?? undefined);
  }

  forEachNode(visit: (n: NodeIndex) => void): void {
    for (let i = 0; i < this.count; i++) visit(asNode(this.list[i]!));
  }

  imageNodes(image: string): number {
    if (this.imagesAt !== this.fleetVersion) {
      this.imageCounts.clear();
      this.classNodes.forEach((nodes, index) => {
        for (const name of Object.keys(this.classes.at(index).images)) {
          this.imageCounts.set(name, (this.imageCounts.get(name) ?? 0) + nodes);
        }
      });
      this.imagesAt = this.fleetVersion;
    }
    return this.imageCounts.get(image) ?? 0;
  }

  /** Bytes of all columns. */
  protected get fleetBytes(): number {
    return (
      this.list.byteLength +
      this.classAt.byteLength +
      this.positionOf.byteLength +
      this.classOfNode.byteLength +
      this.exists.byteLength
    );
  }
}
