/** The conservation laws at the end of a run, with their sides. */
import { assert } from '../base/assert.ts';
import { BOUND, COMPLETED, CREATED, LOST } from '../contracts/observer.ts';
import type { Bill } from '../cost/bill.ts';
import { NODE_STATES } from '../model/view.ts';
import { PLACE, RETURN } from '../processes/messages.ts';
import type { Conservation } from '../results/bundle.ts';
import type { World } from './build.ts';

const US_PER_SECOND = 1e6;

/** Pods of messages that were sent and not delivered when the run ended. */
export interface InFlight {
  readonly pods: number;
}

/** Counts pods in messages; `visit` gets each parcel. */
export function countInFlight(
  world: World,
  visit: (parcel: {
    readonly workload: number;
    readonly shape: number;
    readonly cause: number;
    readonly sinceUs: number;
    readonly count: number;
  }) => void,
): InFlight {
  let pods = 0;
  const inboxes = [world.placerLane.inbox, ...world.books.map((c) => c.inbox)];
  for (const inbox of [...inboxes, ...world.books.map((c) => c.outbox)]) {
    inbox.forEach((message) => {
      if (message.kind !== PLACE && message.kind !== RETURN) return;
      pods += message.count;
      visit(message);
    });
  }
  return { pods };
}

/**
 * Checks all laws and returns their sides.
 *
 * @param inFlight pods in messages
 * @param checks how often the laws were checked before
 * @throws InvariantError if a law does not hold
 */
export function conserve(
  world: World,
  bill: Bill,
  inFlight: InFlight,
  what: { readonly nowUs: number; readonly checks: number },
): Conservation {
  const sum = (values: Iterable<number>): number => {
    let total = 0;
    for (const value of values) total += value;
    return total;
  };
  const recorders = world.books.map((c) => c.recorder);
  const arrived =
    sum(world.fleetRecorder.arrivedPods) + sum(recorders.map((r) => r.countedFromStart(CREATED)));
  const completed =
    sum(recorders.map((r) => r.countedFromStart(COMPLETED))) +
    sum(world.fleetRecorder.withdrawnPods);
  const lost = sum(recorders.map((r) => r.countedFromStart(LOST)));
  const running = sum(recorders.map((r) => r.gauges.value(r.running)));
  const live = sum(world.books.map((c) => c.report.livePods));
  const pending = live - running + inFlight.pods + world.placing.unplaced;
  assert(
    arrived === completed + running + pending + lost,
    `arrived ${arrived} != completed ${completed} + running ${running} + pending ${pending} + lost ${lost}`,
  );
  const nodeSeconds = nodeSecondsOf(world, what.nowUs);
  return {
    ok: true,
    pods: { arrived, completed, running, pending, lost },
    nodeSeconds,
    cost: {
      total: bill.total,
      workload: bill.workload,
      idle: bill.idle,
      overhead: bill.overhead,
    },
    checks: what.checks,
    littlesLaw: littlesLaw(world, what.nowUs),
  };
}

function nodeSecondsOf(world: World, nowUs: number): Conservation['nodeSeconds'] {
  const byState: Record<string, number> = {};
  let total = 0;
  let slots = 0;
  NODE_STATES.forEach((state, s) => {
    let us = 0;
    for (const [c, built] of world.books.entries()) {
      const kinds = world.plans[c]!.kinds.length;
      for (let k = 0; k < kinds; k++)
        us += built.recorder.paid.integral(k * NODE_STATES.length + s);
    }
    byState[state] = us / US_PER_SECOND;
    total += us / US_PER_SECOND;
  });
  for (const plan of world.plans) slots += plan.specs.length;
  const expected = (slots * nowUs) / US_PER_SECOND;
  assert(
    Math.abs(total - expected) <= expected * 1e-12,
    `node-seconds ${total} are not nodes x time ${expected}`,
  );
  return { byState, total };
}

/** L against lambda W, both from time 0; only without a warm-up, where both sides see the same pods. */
function littlesLaw(world: World, nowUs: number): Conservation['littlesLaw'] {
  if (world.scenario.warmupUs > 0 || nowUs === 0) return null;
  let inSystemUs = 0;
  let timesUs = 0;
  let bound = 0;
  for (const { recorder } of world.books) {
    inSystemUs += recorder.gauges.integral(recorder.running);
    inSystemUs += recorder.gauges.integral(recorder.pending);
    timesUs += recorder.boundTimeUs();
    bound += recorder.countedFromStart(BOUND);
    for (const pair of recorder.classWaits) {
      if (pair !== undefined) timesUs += pair.full.sum + pair.censored.sum;
    }
  }
  if (bound === 0) return null;
  return { l: inSystemUs / nowUs, lambdaW: timesUs / nowUs };
}
