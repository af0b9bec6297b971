/** Which domain of a topology key each node is in, as columns that follow the nodes' labels. */
import type { NodeIndex } from '../../base/ids.ts';
import type { FrameworkNodes } from '../../contracts/framework.ts';

/** A node that lacks the key. */
export const NO_DOMAIN = -1;
/** The domain of the empty value, in every column. */
export const EMPTY_DOMAIN = 0;

/** The domains of one topology key. */
export class TopologyColumn {
  readonly key: string;
  /** Domain by node, `NO_DOMAIN` where the node lacks the key or is not listed. */
  domainOf: Int32Array;
  /** Listed nodes that have the key. */
  present = 0;
  /** Domains that have a node. */
  occupied = 0;
  private readonly ids = new Map<string, number>([['', EMPTY_DOMAIN]]);
  private readonly nodesIn: number[] = [0];
  private stamps = new Uint32Array(8);
  private stamp = 0;

  constructor(key: string, slots: number) {
    this.key = key;
    this.domainOf = new Int32Array(slots).fill(NO_DOMAIN);
  }

  /** Domains ever seen. */
  get count(): number {
    return this.ids.size;
  }

  /** Puts a node into the domain of a value; undefined takes it out. */
  set(n: NodeIndex, value: string | undefined): void {
    const before = this.domainOf[n]!;
    if (before !== NO_DOMAIN) {
      this.present--;
      if (--this.nodesIn[before]! === 0) this.occupied--;
    }
    this.domainOf[n] = NO_DOMAIN;
    if (value === undefined) return;
    let id = this.ids.get(value);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(value, id);
      this.nodesIn.push(0);
    }
    this.domainOf[n] = id;
    this.present++;
    if (++this.nodesIn[id]! === 1) this.occupied++;
  }

  /** Makes room for more nodes. */
  grow(slots: number): void {
    if (slots <= this.domainOf.length) return;
    const wider = new Int32Array(slots).fill(NO_DOMAIN);
    wider.set(this.domainOf);
    this.domainOf = wider;
  }

  /** Starts to count distinct domains anew: `isFirst` is true once per domain from here on. */
  startCount(): void {
    if (this.stamps.length < this.count) this.stamps = new Uint32Array(2 * this.count);
    this.stamp++;
  }

  /** True for the first call of a domain since `startCount`. */
  isFirst(domain: number): boolean {
    if (this.stamps[domain] === this.stamp) return false;
    this.stamps[domain] = this.stamp;
    return true;
  }
}

/** The columns of all keys that somebody asked for. */
export class Topology {
  private readonly nodes: FrameworkNodes;
  private readonly columns = new Map<string, TopologyColumn>();

  constructor(nodes: FrameworkNodes) {
    this.nodes = nodes;
  }

  /**
   * The column of a key.
   *
   * *Cost*: O(nodes) for a key that is new.
   */
  column(key: string): TopologyColumn {
    let column = this.columns.get(key);
    if (column === undefined) {
      const made = new TopologyColumn(key, this.nodes.slots);
      this.columns.set(key, made);
      this.nodes.forEachNode((n) => made.set(n, this.nodes.label(n, key)));
      column = made;
    }
    return column;
  }

  /** Makes room for more nodes. */
  grow(slots: number): void {
    for (const column of this.columns.values()) column.grow(slots);
  }

  /** Reads the labels of a node again. */
  refresh(n: NodeIndex): void {
    const isListed = this.nodes.isListed(n);
    for (const [key, column] of this.columns) {
      column.set(n, isListed ? this.nodes.label(n, key) : undefined);
    }
  }
}
