/**
 * Images that nodes pull before a pod can start: one at a time per node, each once; from then on the node has it.
 *
 * *Source*: Kubernetes v1.34 kubelet with serial pulls and `IfNotPresent`. Registry limits and failures are not modelled.
 */
import type { NodeIndex } from '../../base/ids.ts';
import type { KubeNodes } from '../../model/kube-nodes.ts';

/** What is known of images and of the way to the registry. */
export interface PullFacts {
  /** Bytes by image name; an image that is not named is taken to be there. */
  readonly bytes: ReadonlyMap<string, number>;
  readonly bytesPerSecond: number;
}

/** The pulls of one cluster. */
export class ImagePulls {
  private readonly nodes: KubeNodes;
  private readonly facts: PullFacts;
  /** When each node's last pull ends; nodes that never pulled are absent. */
  private readonly busyUntilUs = new Map<NodeIndex, number>();
  /** Pulls that go on, by node: when each image is there. */
  private readonly going = new Map<NodeIndex, Map<string, number>>();

  constructor(nodes: KubeNodes, facts: PullFacts) {
    this.nodes = nodes;
    this.facts = facts;
  }

  /**
   * Asks for the images of a pod on its node. @returns the time until all of them are there, microseconds
   */
  pull(images: readonly string[], n: NodeIndex, nowUs: number): number {
    const present = this.nodes.classOf(n).images;
    let readyUs = nowUs;
    for (const image of images) {
      const bytes = this.facts.bytes.get(image);
      if (bytes === undefined || image in present) continue;
      readyUs = Math.max(readyUs, this.pullOne(image, bytes, n, nowUs));
    }
    return readyUs - nowUs;
  }

  private pullOne(image: string, bytes: number, n: NodeIndex, nowUs: number): number {
    let going = this.going.get(n);
    if (going === undefined) {
      going = new Map();
      this.going.set(n, going);
    }
    const known = going.get(image);
    if (known !== undefined) return known;
    const startUs = Math.max(nowUs, this.busyUntilUs.get(n) ?? 0);
    const doneUs = startUs + Math.round((bytes / this.facts.bytesPerSecond) * 1e6);
    this.busyUntilUs.set(n, doneUs);
    going.set(image, doneUs);
    return doneUs;
  }

  /** A pod's containers start: what its node has pulled by now belongs to the node. */
  arrived(n: NodeIndex, nowUs: number): void {
    const going = this.going.get(n);
    if (going === undefined) return;
    const images: Record<string, number> = { ...this.nodes.classOf(n).images };
    let isNew = false;
    for (const [image, doneUs] of going) {
      if (doneUs > nowUs) continue;
      images[image] = this.facts.bytes.get(image)!;
      going.delete(image);
      isNew = true;
    }
    if (isNew) this.nodes.setClass(n, { images });
    if (going.size === 0) this.going.delete(n);
  }
}
