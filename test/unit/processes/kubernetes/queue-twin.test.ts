/** The grouped queue against the naive one: the same pods in the same places after whatever happens. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { asNode, asPod } from '../../../../src/base/ids.ts';
import {
  ADD,
  type ClusterEvent,
  DELETE,
  UPDATE_NODE_LABEL,
  UPDATE_NODE_TAINT,
  UPDATE_POD_GATES_ELIMINATED,
} from '../../../../src/contracts/framework.ts';
import { NaiveQueue } from './naive-queue.ts';
import { plugins, QueueWorld, SECOND, shapeOf } from './queue-world.ts';

type Step =
  | { readonly do: 'enter'; readonly shape: number }
  | { readonly do: 'pop'; readonly end: readonly string[] | 'assume' | 'stay' }
  | { readonly do: 'event'; readonly event: ClusterEvent; readonly most: number }
  | { readonly do: 'wait'; readonly us: number }
  | { readonly do: 'remove'; readonly which: number }
  | { readonly do: 'many'; readonly shape: number }
  | { readonly do: 'sweep'; readonly shapes: readonly number[] }
  | { readonly do: 'gate' }
  | { readonly do: 'preempt'; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('enter' as const), shape: fc.nat(5) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pop' as const),
      end: fc.oneof(
        fc.subarray(['Fits', 'Labels', 'Never']),
        fc.constantFrom('assume' as const, 'stay' as const),
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('event' as const),
      event: event(),
      most: fc.constantFrom(1, Number.POSITIVE_INFINITY),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      us: fc.oneof(fc.nat(3 * SECOND), fc.nat(400 * SECOND), fc.constant(SECOND)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('many' as const), shape: fc.nat(5) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('sweep' as const),
      shapes: fc.subarray([0, 1, 2, 3, 4, 5]),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('gate' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('preempt' as const), which: fc.nat(9) }) },
);

function event(): fc.Arbitrary<ClusterEvent> {
  const pod = fc.record({
    shape: fc.nat(5).map(shapeOf),
    kube: fc.constant({} as never),
    id: fc.nat(9),
    isTerminating: fc.constant(false),
  });
  return fc.oneof(
    fc.record({
      resource: fc.constant('Node' as const),
      action: fc.constantFrom(ADD, UPDATE_NODE_LABEL, UPDATE_NODE_TAINT),
      node: fc.constant(asNode(0)),
    }),
    fc.record({
      resource: fc.constant('Pod' as const),
      action: fc.constantFrom(ADD, DELETE, UPDATE_POD_GATES_ELIMINATED),
      pod,
      node: fc.constantFrom(asNode(0), -1 as const),
    }),
  );
}

it('keeps every pod where the naive queue does, over thousands of steps', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new QueueWorld();
      const naive = new NaiveQueue(world.scheduler, Object.values(plugins(() => world.isOpen)));
      const some = (which: number) => naive.pods[which % Math.max(1, naive.pods.length)];
      for (const one of steps) {
        take(one, world, naive, some);
        naive.until(world.nowUs);
        const places = naive.pods.map(({ id, place }) => [id, place]);
        expect(places.map(([id]) => [id, world.placeOf(asPod(id as number))])).toEqual(places);
      }
    }),
    { numRuns: 2000 },
  );
});

function take(
  one: Step,
  world: QueueWorld,
  naive: NaiveQueue,
  some: (which: number) => NaiveQueue['pods'][number] | undefined,
): void {
  const { queue } = world;
  switch (one.do) {
    case 'enter':
      naive.enter(world.enter(one.shape), shapeOf(one.shape));
      return;
    case 'pop': {
      if (queue.inFlight !== null) return;
      const pod = queue.pop();
      const twin = naive.pop();
      expect(pod?.p).toBe(twin?.id);
      if (pod === null || twin === null || one.end === 'stay') return;
      if (one.end === 'assume') {
        queue.assumed(pod, asNode(0));
        naive.assumed(twin);
      } else {
        queue.failed(pod, one.end, 'refused');
        naive.failed(twin, one.end);
      }
      return;
    }
    case 'event':
      queue.happened(one.event, one.most);
      naive.happened(one.event, one.most);
      return;
    case 'wait':
      world.until((world.nowUs + one.us) / SECOND);
      return;
    case 'remove': {
      const pod = some(one.which);
      if (pod === undefined || pod.place === 'assumed') return;
      queue.remove(asPod(pod.id));
      naive.remove(pod.id);
      return;
    }
    case 'many':
      for (let i = 0; i < 6; i++) naive.enter(world.enter(one.shape), shapeOf(one.shape));
      return;
    case 'sweep': {
      if (queue.inFlight !== null) return;
      const rejectors = ['Fits'];
      const known = {
        rejectors,
        reason: 'refused',
        isHopeless: false,
        nominate: null,
        examined: 1,
      };
      queue.refuseKnown((pod) => (one.shapes.includes(pod.shape.index) ? known : null));
      for (let next = naive.next(); next !== undefined; next = naive.next()) {
        if (!one.shapes.includes(next.shape.index)) break;
        naive.failed(naive.pop()!, rejectors);
      }
      return;
    }
    case 'gate':
      world.isOpen = !world.isOpen;
      return;
    case 'preempt': {
      const pod = some(one.which);
      if (pod === undefined) return;
      for (const set of [queue.preempting as Set<number>, naive.preempting]) {
        if (set.has(pod.id)) set.delete(pod.id);
        else set.add(pod.id);
      }
    }
  }
}
