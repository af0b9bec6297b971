import { type EventQueue, HeapQueue } from '../collections/event-queue.ts';
import { ReferenceQueue } from '../collections/reference-queue.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Makes the event queue that the scenario asks for; the trajectory never depends on it. */
export function makeQueue(scenario: Scenario): EventQueue {
  return scenario.eventQueue === 'heap' ? new HeapQueue() : new ReferenceQueue();
}
