/** What a cluster tells the placer: summaries at a fixed period, and pods that waited too long. */
import type { ClusterRun } from './cluster-run.ts';
import { PUBLISH } from './kinds.ts';
import { SUMMARY } from './messages.ts';

/** Positions in a summary's payload; then free, allocatable and elastic by resource, then the same three for GPUs. */
export const PUBLISHED_AT = 0;
export const PENDING_PODS = 1;
export const QUANTITIES = 2;

/** Periods in microseconds. */
export interface PublishingParts {
  readonly everyUs: number;
  /** Time in this queue after which a refused pod goes back, to the next publication; null keeps it. */
  readonly returnAfterUs: number | null;
}

/** Publishes one cluster's summary and returns its overdue pods. */
export class Publishing {
  private readonly run: ClusterRun;
  private readonly parts: PublishingParts;
  /** How many units had entered the queue at past publications: tells the age of a ticket. */
  private readonly marks: { readonly atUs: number; readonly entered: number }[] = [];

  constructor(run: ClusterRun, parts: PublishingParts) {
    this.run = run;
    this.parts = parts;
  }

  /** Publishes at once, then at every period. */
  begin(): void {
    this.run.engine.at(0, PUBLISH, 0);
  }

  /** The publishing event; a dark cluster is silent. */
  publish(): void {
    const { run, parts } = this;
    run.engine.at(run.nowUs + parts.everyUs, PUBLISH, 0);
    if (run.isDark) return;
    if (parts.returnAfterUs !== null) this.returnOverdue(parts.returnAfterUs);
    const message = run.send(SUMMARY);
    message.payload = this.summary();
  }

  /** Sends back what entered this queue before the last publication that is old enough. */
  private returnOverdue(afterUs: number): void {
    const { marks, run } = this;
    marks.push({ atUs: run.nowUs, entered: run.queue.entered });
    const borderUs = run.nowUs - afterUs;
    while (marks.length > 1 && marks[1]!.atUs <= borderUs) marks.shift();
    if (marks[0]!.atUs > borderUs) return;
    run.queue.forEachOverdue(marks[0]!.entered, (p) => {
      if (run.isPinned(p)) return;
      run.queue.remove(p);
      run.podLife.sendBack(p);
    });
  }

  private summary(): Float64Array {
    const { cluster, elastic, queue } = this.run;
    const { totals } = cluster;
    const resources = totals.allocated.length;
    const payload = new Float64Array(QUANTITIES + 3 * (resources + 1));
    payload[PUBLISHED_AT] = this.run.nowUs;
    payload[PENDING_PODS] = queue.pods;
    for (let r = 0; r <= resources; r++) {
      const isGpu = r === resources;
      const allocatable = isGpu ? totals.gpuAllocatableMilli : totals.allocatable[r]!;
      const allocated = isGpu ? totals.gpuAllocatedMilli : totals.allocated[r]!;
      payload[QUANTITIES + 3 * r] = allocatable - allocated - queue.requests[r]!;
      payload[QUANTITIES + 3 * r + 1] = allocatable;
      payload[QUANTITIES + 3 * r + 2] = elastic?.couldAdd(isGpu ? -1 : r) ?? 0;
    }
    return payload;
  }
}
