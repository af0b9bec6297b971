import { asNode, asNodeList, type NodeList } from '../../base/ids.ts';
import type { FeasibleNodes } from '../../contracts/framework.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';

/** The feasible nodes by list position, and as the plug-ins see them: node indices, written only when one asks. */
export class FoundNodes implements FeasibleNodes {
  count = 0;
  readonly positions: Int32Array;
  private readonly buffer: NodeList;
  private readonly nodes: KubeNodes;
  private isWritten = false;
  /** False while the positions of a plain search are not written. */
  isPlaced = true;
  /** Writes them. */
  place: () => void = () => {};

  constructor(nodes: KubeNodes) {
    this.nodes = nodes;
    this.positions = new Int32Array(nodes.slots);
    this.buffer = asNodeList(new Int32Array(nodes.slots));
  }

  begin(): void {
    this.count = 0;
    this.isWritten = false;
    this.isPlaced = true;
  }

  get list(): NodeList {
    if (!this.isWritten) {
      this.place();
      const { list } = this.nodes;
      for (let i = 0; i < this.count; i++) this.buffer[i] = asNode(list[this.positions[i]!]!);
      this.isWritten = true;
    }
    return this.buffer;
  }
}
