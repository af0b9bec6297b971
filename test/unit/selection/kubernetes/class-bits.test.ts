import { describe, expect, it } from 'vitest';
import type { SpreadConstraint } from '../../../../src/base/kube.ts';
import { ClassBits } from '../../../../src/selection/kubernetes/class-bits.ts';
import { KubeWorld } from './kube-world.ts';

const ZONE = 'topology.kubernetes.io/zone';
const SPREAD: SpreadConstraint = {
  maxSkew: 1,
  topologyKey: ZONE,
  isHard: true,
  selector: [{ key: 'app', operator: 'In', values: ['web'] }],
  minDomains: null,
  nodeAffinityPolicy: 'Honor',
  nodeTaintsPolicy: 'Ignore',
};

/** Nodes in three zones, of as many classes as `kinds` times three at most. */
function build(nodes: number, kinds: number): KubeWorld {
  return new KubeWorld(
    Array.from({ length: nodes }, (_, i) => ({
      labels: { [ZONE]: `z${i % 3}`, kind: `k${i % kinds}` },
    })),
  );
}

describe('the positions of classes as bits', () => {
  it('say which class each position holds', () => {
    const { nodes } = build(70, 2);
    const bits = new ClassBits(nodes);
    expect(bits.refresh()).toBe(true);
    for (let i = 0; i < 70; i++) {
      bits.classes.forEach((c, k) => {
        const isSet = ((bits.bits[k]![i >> 5]! >>> (i & 31)) & 1) === 1;
        expect(isSet).toBe(nodes.classAt[i] === c);
      });
    }
    expect(bits.first.map((i) => nodes.classAt[i])).toEqual(bits.classes);
  });

  it.each([
    ['few', 1],
    ['many', 41],
  ])('find the nodes of the plain cycle where a filter refuses some of %s classes', (_, kinds) => {
    const world = build(130, kinds);
    // In check mode a difference throws.
    const cycle = world.cycle();
    const pod = { cpu: 300, kube: { labels: { app: 'web' }, spread: [SPREAD] } };
    const placed: number[] = [];
    for (let step = 0; step < 200; step++) {
      const waits = world.pending(pod);
      const result = cycle.schedule(waits);
      if (result.kind !== 'node') world.drop(waits);
      else placed.push(world.bind(waits, result.node));
      if (step % 3 === 0) world.remove(placed.splice((step * 7) % placed.length, 1)[0] as never);
    }
    expect(placed.length).toBeGreaterThan(100);
    expect(new ClassBits(world.nodes).refresh()).toBe(kinds === 1);
  });
});
