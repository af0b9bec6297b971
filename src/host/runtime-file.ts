/** `runtime.json`: the only file of a bundle with facts of the wall clock and the machine. */
import { cpus } from 'node:os';

/** What a run took. */
export interface RuntimeFacts {
  readonly startedAt: Date;
  readonly wallMs: number;
  readonly events: number;
  /** Worker threads that ran it; absent for none. */
  readonly threads?: number;
  readonly argv: readonly string[];
}

/** Prints the file; it never takes part in a comparison of bundles. */
export function runtimeJson(facts: RuntimeFacts): string {
  const seconds = facts.wallMs / 1000;
  const file = {
    schema: 'orrery.runtime/1',
    startedAt: facts.startedAt.toISOString(),
    wallSeconds: seconds,
    events: facts.events,
    eventsPerSecond: seconds > 0 ? facts.events / seconds : null,
    // Node gives kibibytes on every platform.
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    node: process.version,
    platform: process.platform,
    architecture: process.arch,
    cpus: cpus().length,
    threads: facts.threads ?? 1,
    argv: facts.argv,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}
