import { asNode, asNodeList, type NodeList } from '../../base/ids.ts';
import type { FeasibleNodes } from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';

/**
 * The classes of a cycle's feasible nodes, each by its first node: for scores that are equal within a class. *Order*: of the
 * feasible nodes.
 */
export class PresentClasses implements FeasibleNodes {
  count = 0;
  list: NodeList = asNodeList(new Int32Array(16));
  /** Index of each class, in order. */
  readonly classes: number[] = [];
  /** By class index: what is added to its nodes; right for the classes present. */
  readonly sums: number[] = [];
  private readonly seenAt: number[] = [];
  private cycle = 0;
  private readonly nodes: KubeNodes;

  constructor(nodes: KubeNodes) {
    this.nodes = nodes;
  }

  /** Finds the classes of nodes, and begins their sums at 0. @param positions list positions, `many` of them */
  find(positions: Int32Array, many: number): void {
    const { classes, nodes, seenAt, sums } = this;
    const { classAt } = nodes;
    while (seenAt.length < nodes.classes.count) {
      seenAt.push(0);
      sums.push(0);
    }
    const cycle = ++this.cycle;
    let count = 0;
    for (let k = 0; k < many; k++) {
      const position = positions[k]!;
      const c = classAt[position]!;
      if (seenAt[c] === cycle) continue;
      seenAt[c] = cycle;
      sums[c] = 0;
      if (count === this.list.length) this.grow();
      classes[count] = c;
      this.list[count] = asNode(nodes.list[position]!);
      count++;
    }
    this.count = count;
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.list.length);
    for (let i = 0; i < this.list.length; i++) larger[i] = this.list[i]!;
    this.list = asNodeList(larger);
  }
}
