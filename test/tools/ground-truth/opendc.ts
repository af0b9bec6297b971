/** OpenDC's failure cases: one task on one host that fails at given instants; the task starts from zero again. */
import { COMPLETED, DECIDED_NODE_DOWN, DECIDED_NODE_UP } from '../../../src/contracts/observer.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { createSimulation } from '../../../src/run/run.ts';
import type { Failure } from '../../../src/scenario/scenario.ts';
import {
  cluster,
  job,
  lifecycle,
  machine,
  once,
  podSpec,
  pool,
  scenario,
} from '../../builders/scenario.ts';
import { listen } from '../listen.ts';
import { NO_MANIFEST } from '../reproduce/manifest.ts';
import { isRecord, skip, type Verdict, verdictOf } from './report.ts';

const US_PER_MS = 1000;
const TASK_MS = 600_000;
/** Instant at which the task is in the queue, microseconds: everything else counts from here. */
const START_US = 10;

/** What came out, milliseconds. */
type Measured = Record<'finish_ms' | 'busy_host_ms' | 'down_ms', number>;

/** Runs one case. */
export function opendcFailure(raw: Readonly<Record<string, unknown>>): Verdict {
  const { trace_ms: trace, expected } = raw;
  const isTrace =
    Array.isArray(trace) &&
    trace.every((row) => Array.isArray(row) && row.length === 2 && row.every(Number.isFinite));
  if (!isTrace || !isRecord(expected)) return skip('no trace of failures');
  const known = ['name', 'trace_ms', 'expected'];
  const strange = Object.keys(raw).filter((field) => !known.includes(field));
  if (strange.length > 0) return skip(`nothing reads ${strange.join(', ')}`);
  const measured = runTask(trace as [number, number][]);
  const faults: string[] = [];
  const unknown: string[] = [];
  for (const [field, value] of Object.entries(expected)) {
    if (!(field in measured)) unknown.push(field);
    else if (measured[field as keyof Measured] !== value) {
      faults.push(`${field}: ${measured[field as keyof Measured]} instead of ${value}`);
    }
  }
  return verdictOf(faults, unknown, measured);
}

/** Each failure begins its interval after the end of the one before. */
function outages(trace: readonly (readonly [number, number])[]): Failure[] {
  let endUs = START_US;
  return trace.map(([intervalMs, durationMs], i) => {
    const atUs = endUs + intervalMs * US_PER_MS;
    const forUs = durationMs * US_PER_MS;
    endUs = atUs + forUs;
    return {
      kind: 'outage',
      name: `failure-${i}`,
      target: { kind: 'pool', name: 'a/p' },
      atUs,
      forUs,
    };
  });
}

function runTask(trace: readonly (readonly [number, number])[]): Measured {
  const study = scenario({
    name: 'opendc',
    horizonUs: 1e15,
    machineTypes: [machine({ cpuMillicores: 1000 })],
    clusters: [cluster({ pools: [pool()] })],
    workloads: [
      job({
        ...once(START_US),
        pod: podSpec({ cpuMillicores: 500 }),
        durationUs: { law: 'constant', value: TASK_MS * US_PER_MS },
      }),
    ],
    // The task stays with its host until that is back.
    nodeLifecycle: lifecycle(1e14, 1e14),
    failures: outages(trace),
    series: { everyUs: 1e15 },
  });
  const simulation = createSimulation(study, {
    seed: 1,
    registry: builtinRegistry(),
    manifest: NO_MANIFEST,
  });
  const { run } = simulation.world.clusters[0]!;
  const sinceStart = (): number => (run.nowUs - START_US) / US_PER_MS;
  const measured: Measured = { finish_ms: Number.NaN, busy_host_ms: 0, down_ms: 0 };
  let downSince = 0;
  listen(simulation, 0, {
    count: (counter) => {
      if (counter === COMPLETED) measured.finish_ms = sinceStart();
    },
    held: (_workload, _node, _shape, fromUs) => {
      measured.busy_host_ms += (run.nowUs - fromUs) / US_PER_MS;
    },
    decided: (kind) => {
      if (!Number.isNaN(measured.finish_ms)) return;
      if (kind === DECIDED_NODE_DOWN) downSince = sinceStart();
      if (kind === DECIDED_NODE_UP) measured.down_ms += sinceStart() - downSince;
    },
  });
  while (simulation.runFor(10_000) !== 'done');
  return measured;
}
