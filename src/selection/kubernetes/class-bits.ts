import type { KubeNodes } from '../../model/kube-nodes.ts';

/** Listed classes up to which bits are kept. */
const CLASSES_MAX = 16;

/**
 * Which list positions hold which class of node, as bits, so that a search passes over the nodes of a class that is refused.
 *
 * *Price*: a bit a node and class, for fleets of few classes; made anew when the fleet changes.
 */
export class ClassBits {
  /** Classes of listed nodes in the order of the list. */
  readonly classes: number[] = [];
  /** By entry of `classes`: list position of its first node. */
  readonly first: number[] = [];
  /** By entry of `classes`, then by block of 32 positions. */
  readonly bits: Int32Array[] = [];
  private fleetVersion = -1;
  private epoch = -1;
  private areFew = true;
  private readonly nodes: KubeNodes;

  constructor(nodes: KubeNodes) {
    this.nodes = nodes;
  }

  /** @returns false if there are too many classes. *Cost*: O(1), or O(nodes) after the fleet changed. */
  refresh(): boolean {
    const { epoch, fleetVersion } = this.nodes;
    if (this.fleetVersion === fleetVersion && this.epoch === epoch) return this.areFew;
    this.fleetVersion = fleetVersion;
    this.epoch = epoch;
    this.areFew = this.make();
    return this.areFew;
  }

  private make(): boolean {
    const { bits, classes, first, nodes } = this;
    classes.length = 0;
    first.length = 0;
    bits.length = 0;
    for (let i = 0; i < nodes.listed; i++) {
      const c = nodes.classAt[i]!;
      let k = classes.indexOf(c);
      if (k < 0) {
        if (classes.length === CLASSES_MAX) return false;
        k = classes.length;
        classes.push(c);
        first.push(i);
        bits.push(new Int32Array((nodes.slots >> 5) + 1));
      }
      bits[k]![i >> 5]! |= 1 << i;
    }
    return true;
  }
}
