/** The queue of Kubernetes' scheduler: each rule of its code, with the seconds worked out. */
import { describe, expect, it } from 'vitest';
import { asNode } from '../../../../src/base/ids.ts';
import {
  ADD,
  DELETE,
  UPDATE_NODE_LABEL,
  UPDATE_NODE_TAINT,
  UPDATE_POD_GATES_ELIMINATED,
} from '../../../../src/contracts/framework.ts';
import { QueueWorld, SECOND, shapeOf } from './queue-world.ts';

describe('the active queue', () => {
  it('pops higher priority first, then the earlier timestamp, then the earlier creation', () => {
    const world = new QueueWorld();
    const low = world.enter(0);
    const first = world.enter(2);
    const second = world.enter(2);
    world.until(1);
    const later = world.enter(2);
    const order = [0, 1, 2, 3].map(() => world.queue.pop()!.p);
    expect(order).toEqual([first, second, later, low]);
  });

  it('keeps the timestamp of a pod that an event moves, and renews it at a failure', () => {
    const world = new QueueWorld();
    const a = world.enter(0);
    world.until(5);
    world.fail();
    expect(world.queue.find(a)!.timestampUs).toBe(5 * SECOND);
    world.until(9);
    world.nodeAdded();
    expect(world.queue.find(a)!.timestampUs).toBe(5 * SECOND);
  });
});

describe('backoff', () => {
  it('lets a pod go by timer one second after its floored expiry, and doubles up to ten seconds', () => {
    // Failures at 0.3, 2.05, 6.9, 15.2 and 26.0 s: 0.3 + 1 = 1.3, 2.05 + 2 = 4.05, 6.9 + 4 = 10.9, 15.2 + 8 = 23.2,
    // 26 + 10 = 36; floored 1, 4, 10, 23, 36; released at 2, 5, 11, 24, 37.
    const world = new QueueWorld();
    const p = world.enter(0);
    const failures = [0.3, 2.05, 6.9, 15.2, 26.0];
    const expiries = [1, 4, 10, 23, 36];
    failures.forEach((seconds, i) => {
      world.until(seconds);
      world.fail();
      world.nodeAdded();
      const pod = world.queue.find(p)!;
      expect(pod.place).toBe('backoff');
      expect(pod.expirySecond).toBe(expiries[i]);
      expect(world.queue.nextTimerUs).toBe((expiries[i]! + 1) * SECOND);
      world.until(expiries[i]! + 0.999999);
      expect(pod.place).toBe('backoff');
      if (i === failures.length - 1) {
        world.until(expiries[i]! + 1);
        expect(pod.place).toBe('active');
      }
    });
  });

  it('is over for nobody when the queue is idle: the head of the backoff queue is taken at once', () => {
    const world = new QueueWorld();
    const p = world.enter(0);
    world.until(0.3);
    world.fail();
    world.nodeAdded();
    expect(world.placeOf(p)).toBe('backoff');
    expect(world.queue.pop()!.p).toBe(p);
  });

  it('orders backing off pods by expiry before priority', () => {
    const world = new QueueWorld();
    const low = world.enter(0);
    world.fail();
    world.until(1.5);
    const high = world.enter(2);
    world.fail();
    world.nodeAdded();
    // low fails at 0: expiry 1, still backing off at 1.5; high fails at 1.5: expiry floor(2.5) = 2
    expect([world.placeOf(low), world.placeOf(high)]).toEqual(['backoff', 'backoff']);
    expect(world.queue.pop()!.p).toBe(low);
  });

  it('of errors counts apart, and is never cut short', () => {
    const world = new QueueWorld();
    const p = world.enter(0);
    world.fail([]);
    const pod = world.queue.find(p)!;
    expect([pod.place, pod.consecutiveErrors, pod.unschedulableCount]).toEqual(['error', 1, 0]);
    expect(world.queue.pop()).toBeNull();
    // 0 + 1 s: expiry 1, released at 2
    world.until(2);
    expect(pod.place).toBe('active');
    // A second error in a row: 2 + 2 = 4; a refusal forgets them.
    world.fail([]);
    expect(pod.expirySecond).toBe(4);
    world.until(5);
    world.fail();
    expect([pod.consecutiveErrors, pod.unschedulableCount, pod.expirySecond]).toEqual([0, 1, 6]);
  });

  it('of zero is none', () => {
    const world = new QueueWorld({ podMaxBackoffUs: 0 });
    const p = world.enter(0);
    world.fail();
    world.nodeAdded();
    expect(world.placeOf(p)).toBe('active');
  });
});

describe('the unschedulable pool', () => {
  it('keeps a pod until an event that one of its rejectors wants', () => {
    const world = new QueueWorld();
    const fits = world.enter(0);
    world.fail(['Fits']);
    const never = world.enter(0);
    world.fail(['Never']);
    world.until(20);
    world.queue.happened({ resource: 'Node', action: UPDATE_NODE_LABEL, node: asNode(0) });
    expect([world.placeOf(fits), world.placeOf(never)]).toEqual(['pool', 'pool']);
    world.nodeAdded();
    expect([world.placeOf(fits), world.placeOf(never)]).toEqual(['active', 'pool']);
  });

  it('asks each rejector, and one yes is enough', () => {
    const world = new QueueWorld();
    const p = world.enter(4);
    world.fail(['Labels', 'Never']);
    world.until(20);
    const pod = (shape: number) =>
      ({ id: 99, shape: shapeOf(shape), kube: {}, isTerminating: false }) as never;
    world.queue.happened({ resource: 'Pod', action: ADD, pod: pod(2), node: asNode(0) });
    expect(world.placeOf(p)).toBe('pool');
    world.queue.happened({ resource: 'Pod', action: ADD, pod: pod(4), node: asNode(0) });
    expect(world.placeOf(p)).toBe('active');
  });

  it('wakes pods at changes of taints for plug-ins that register added nodes but not these', () => {
    const world = new QueueWorld();
    const p = world.enter(0);
    world.fail(['Fits']);
    world.until(20);
    world.queue.happened({ resource: 'Node', action: UPDATE_NODE_TAINT, node: asNode(0) });
    expect(world.placeOf(p)).toBe('active');
  });

  it('ignores an event that no plug-in registered, in flight as well', () => {
    const world = new QueueWorld();
    const p = world.enter(0);
    const pod = world.queue.pop()!;
    world.queue.happened({ resource: 'StorageClass', action: ADD, node: -1 });
    world.queue.failed(pod, ['Fits'], 'refused');
    expect(world.placeOf(p)).toBe('pool');
  });

  it('lets go on the 30 s grid who is there for more than five minutes', () => {
    const world = new QueueWorld();
    world.until(10);
    const p = world.enter(0);
    world.fail(['Never']);
    const onGrid = world.enter(0);
    world.until(30);
    world.fail(['Never']);
    // 10 + 300 = 310: at 330 the first look after it; 30 + 300 = 330 is not more than five minutes at 330, but at 360.
    world.until(329.999);
    expect(world.placeOf(p)).toBe('pool');
    world.until(330);
    expect([world.placeOf(p), world.placeOf(onGrid)]).toEqual(['active', 'pool']);
    world.until(360);
    expect(world.placeOf(onGrid)).toBe('active');
  });

  it('tells pods of at most a priority where an event is for them only', () => {
    const world = new QueueWorld();
    const low = world.enter(0);
    world.fail();
    const high = world.enter(2);
    world.fail();
    world.until(20);
    const pod = { id: 99, shape: shapeOf(1), kube: {}, isTerminating: false } as never;
    world.queue.happened({ resource: 'Pod', action: DELETE, pod, node: asNode(0) }, 1);
    expect([world.placeOf(low), world.placeOf(high)]).toEqual(['active', 'pool']);
  });
});

describe('an attempt', () => {
  it('remembers events that come while it lasts, and holds them against a refusal', () => {
    const world = new QueueWorld();
    const p = world.enter(0);
    const pod = world.queue.pop()!;
    world.nodeAdded();
    world.queue.failed(pod, ['Fits'], 'refused');
    expect(world.placeOf(p)).toBe('backoff');
  });

  it('forgets events of an earlier attempt', () => {
    const world = new QueueWorld();
    const a = world.enter(2);
    const b = world.enter(0);
    const first = world.queue.pop()!;
    world.nodeAdded();
    world.queue.assumed(first, asNode(0));
    world.fail(['Fits']);
    expect([world.placeOf(a), world.placeOf(b)]).toEqual(['assumed', 'pool']);
  });

  it('whose bind fails comes back as an error', () => {
    const world = new QueueWorld();
    const p = world.enter(0);
    world.queue.assumed(world.queue.pop()!, asNode(0));
    expect(world.queue.pods).toBe(0);
    world.queue.enter(p, 1);
    const pod = world.queue.find(p)!;
    expect([pod.place, pod.consecutiveErrors, world.queue.pods]).toEqual(['error', 1, 1]);
  });
});

describe('a gate', () => {
  it('holds a pod back without attempts and backoff, until its own plug-in says so', () => {
    const world = new QueueWorld();
    world.isOpen = false;
    const p = world.enter(1);
    expect([world.placeOf(p), world.queue.find(p)!.gate]).toEqual(['pool', 'Gate']);
    world.until(1000);
    world.nodeAdded();
    expect(world.placeOf(p)).toBe('pool');
    world.isOpen = true;
    const own = (id: number) =>
      ({ id, shape: shapeOf(1), kube: {}, isTerminating: false }) as never;
    const action = UPDATE_POD_GATES_ELIMINATED;
    world.queue.happened({ resource: 'Pod', action, pod: own(p + 1), node: -1 });
    expect(world.placeOf(p)).toBe('pool');
    world.queue.happened({ resource: 'Pod', action, pod: own(p), node: -1 });
    expect(world.placeOf(p)).toBe('active');
  });

  it('of preemption holds a pod back while its victims are being deleted', () => {
    const world = new QueueWorld();
    const p = world.enter(0);
    world.fail(['Fits']);
    world.queue.preempting.add(p);
    const pod = { id: 99, shape: shapeOf(1), kube: {}, isTerminating: false } as never;
    const gone = { resource: 'Pod', action: DELETE, pod, node: asNode(0) } as const;
    world.until(20);
    world.queue.happened(gone);
    expect([world.placeOf(p), world.queue.find(p)!.gate]).toEqual(['pool', 'DefaultPreemption']);
    world.queue.preempting.delete(p);
    world.queue.happened(gone);
    expect(world.placeOf(p)).toBe('active');
  });
});

describe('what others see', () => {
  it('is every waiting pod once, and the refused ones as demand', () => {
    const world = new QueueWorld();
    const a = world.enter(0);
    world.fail();
    const b = world.enter(0);
    const c = world.enter(3);
    const seen: number[] = [];
    world.queue.forEachUnit((p) => seen.push(p));
    expect(seen).toEqual([a, b, c]);
    const demand: number[] = [];
    world.queue.forEachDemand((shape, pods) => demand.push(shape.index, pods));
    expect(demand).toEqual([0, 1]);
    world.queue.remove(a);
    world.queue.remove(b);
    world.queue.remove(c);
    expect([world.queue.pods, world.queue.requests[0]]).toEqual([0, 0]);
    // Every count that was added was taken away again.
    const left = new Map<string, number>();
    for (const [reason, delta] of world.pending) left.set(reason, (left.get(reason) ?? 0) + delta);
    expect([...left.values()].every((pods) => pods === 0)).toBe(true);
  });
});
