import { asNode, type NodeIndex } from '../base/ids.ts';

/**
 * Nodes by zone: the order of Kubernetes' node list.
 *
 * *Order*: zones by first appearance, nodes of a zone by addition; a list takes the first of each zone, then the second of
 * each, and so on. A zone that runs empty is forgotten: when it comes back it is the last. *Cost*: a removal searches its
 * zone.
 *
 * *Source*: Kubernetes v1.34 scheduler, node tree.
 */
export class NodeTree {
  private readonly zones = new Map<string, number[]>();

  /** Adds a node last in its zone. */
  add(n: NodeIndex, zone: string): void {
    const nodes = this.zones.get(zone);
    if (nodes === undefined) this.zones.set(zone, [n]);
    else nodes.push(n);
  }

  /** Takes a node out of its zone. */
  remove(n: NodeIndex, zone: string): void {
    const nodes = this.zones.get(zone)!;
    nodes.splice(nodes.indexOf(n), 1);
    if (nodes.length === 0) this.zones.delete(zone);
  }

  /**
   * Writes the list.
   *
   * @param list takes every node of the tree
   * @returns how many there are
   */
  list(list: Int32Array): number {
    const zones = [...this.zones.values()];
    let count = 0;
    for (let pass = 0; ; pass++) {
      const before = count;
      for (const nodes of zones) {
        if (pass < nodes.length) list[count++] = asNode(nodes[pass]!);
      }
      if (count === before) return count;
    }
  }
}
