import { CalendarQueue, type EventPreview } from '../collections/calendar-queue.ts';
import { type EventQueue, HeapQueue } from '../collections/event-queue.ts';
import { ReferenceQueue } from '../collections/reference-queue.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** Nodes from which the calendar is worth its 220 KB of pages: it is never slower than the heap, but never smaller. */
const CALENDAR_NODES = 2000;

/** Makes the event queue that the scenario asks for; the trajectory never depends on it. */
export function makeQueue(scenario: Scenario, nodes: number): EventQueue {
  switch (scenario.eventQueue) {
    case 'heap':
      return new HeapQueue();
    case 'calendar':
      return new CalendarQueue();
    case 'fastpriorityqueue':
      return new ReferenceQueue();
    case 'auto':
      return nodes < CALENDAR_NODES ? new HeapQueue() : new CalendarQueue();
  }
}

/** Shows events to come to whoever prepares for them; a queue that cannot look ahead shows nothing. */
export function showAhead(queue: EventQueue, preview: EventPreview): void {
  if (queue instanceof CalendarQueue) queue.ahead = preview;
}
