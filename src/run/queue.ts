import { CalendarQueue, type EventPreview } from '../collections/calendar-queue.ts';
import { type EventQueue, HeapQueue } from '../collections/event-queue.ts';
import { ReferenceQueue } from '../collections/reference-queue.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Nodes from which the calendar is worth its 220 KB of pages: it is never slower than the heap, but never smaller. */
const CALENDAR_NODES = 2000;

/**
 * Makes the event queue that the scenario asks for; the trajectory never depends on it.
 *
 * @param nodes nodes of the cluster, or of the largest
 * @param capacity events to reserve room for
 */
export function makeQueue(scenario: Scenario, nodes: number, capacity?: number): EventQueue {
  switch (scenario.eventQueue) {
    case 'heap':
      return new HeapQueue(capacity);
    case 'calendar':
      return new CalendarQueue(capacity);
    case 'fastpriorityqueue':
      return new ReferenceQueue();
    case 'auto':
      return nodes < CALENDAR_NODES ? new HeapQueue(capacity) : new CalendarQueue(capacity);
  }
}

/** Shows events to come to whoever prepares for them; a queue that cannot look ahead shows nothing. */
export function showAhead(queue: EventQueue, preview: EventPreview): void {
  if (queue instanceof CalendarQueue) queue.ahead = preview;
}
