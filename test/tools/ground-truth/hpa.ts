/** Cases of a replica calculator: asks the registered autoscaler, which then neither limits nor delays. */
import type { Autoscaler, MeasuredPods, MetricReading } from '../../../src/contracts/scaling.ts';
import { builtinRegistry } from '../../../src/policies/builtin.ts';
import { isRecord, skip, type Verdict, verdictOf } from './report.ts';

const FIELDS = ['name', 'metricType', 'currentReplicas', 'target', 'pods', 'metricValues'];
const EXPECTED = ['expectedReplicas', 'expectedUtilization'];
const POD_FIELDS = ['usage', 'request', 'ready', 'ignoreCpuSample', 'phase', 'deleting'];
const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed'];

/** Runs one case. */
export function replicaCalculator(raw: Readonly<Record<string, unknown>>): Verdict {
  const strange = Object.keys(raw).filter((f) => !FIELDS.includes(f) && !EXPECTED.includes(f));
  const pods = Array.isArray(raw.pods) ? raw.pods : [];
  for (const pod of pods) {
    if (!isRecord(pod)) return skip('a pod is no object');
    strange.push(...Object.keys(pod).filter((field) => !POD_FIELDS.includes(field)));
    if (!PHASES.includes(String(pod.phase)))
      return skip(`nothing reads phase ${String(pod.phase)}`);
  }
  if (strange.length > 0) return skip(`nothing reads ${[...new Set(strange)].join(', ')}`);
  const reading = readingOf(raw);
  if (reading === null) return skip(`nothing reads metricType ${String(raw.metricType)}`);
  const groups = pods.map((pod) => podsOf(pod as Readonly<Record<string, unknown>>));
  // Twice the present number is the most of one step: `Max` of 10^9 pods takes that limit away.
  const decision = autoscaler().decide({
    nowUs: 0,
    replicas: Number(raw.currentReplicas),
    minReplicas: 0,
    maxReplicas: 1_000_000_000,
    metrics: [reading],
    pods: () => groups,
  });
  const proposal = decision.proposals[0];
  if (proposal === null || proposal === undefined) {
    return { status: 'failed', reason: 'the metric could not be read', actual: null };
  }
  const actual = {
    expectedReplicas: decision.replicas,
    expectedUtilization: proposal.observed,
  };
  const faults = EXPECTED.filter(
    (field) => field in raw && raw[field] !== actual[field as keyof typeof actual],
  ).map(
    (field) => `${field} is ${actual[field as keyof typeof actual]}, not ${String(raw[field])}`,
  );
  return verdictOf(faults, [], actual);
}

function autoscaler(): Autoscaler {
  const policy = builtinRegistry().find('scaling', 'hpa')!;
  const window = { stabilizationWindowSeconds: 0 };
  const policies = [{ type: 'Pods', value: 1_000_000_000, periodSeconds: 15 }];
  const checked = policy.params!({
    behavior: { scaleUp: { ...window, policies }, scaleDown: { ...window, policies } },
  });
  if ('issues' in checked) throw new Error(JSON.stringify(checked.issues));
  return policy.create(checked.value as never, { workload: 'case' } as never) as Autoscaler;
}

function readingOf(raw: Readonly<Record<string, unknown>>): MetricReading | null {
  const target = Number(raw.target);
  const values: unknown[] = Array.isArray(raw.metricValues) ? raw.metricValues : [];
  const isRead = values.length > 0 && values.every((value) => typeof value === 'number');
  // Several series of one external metric add up.
  const valueMilli = isRead ? (values as number[]).reduce((sum, value) => sum + value, 0) : null;
  switch (raw.metricType) {
    case 'resource':
      return { kind: 'utilization', targetPercent: target };
    case 'pods':
      return { kind: 'pods-average', targetMilli: target };
    case 'object':
    case 'external':
      return { kind: 'value', targetMilli: target, valueMilli };
    case 'objectPerPod':
    case 'externalPerPod':
      return { kind: 'value-average', targetMilli: target, valueMilli };
    default:
      return null;
  }
}

function podsOf(pod: Readonly<Record<string, unknown>>): MeasuredPods {
  return {
    count: 1,
    usageMilli: typeof pod.usage === 'number' ? pod.usage : null,
    requestMilli: typeof pod.request === 'number' ? pod.request : null,
    phase: pod.phase as MeasuredPods['phase'],
    isDeleting: pod.deleting === true,
    isReady: pod.ready === true,
    isCpuSampleIgnored: pod.ignoreCpuSample === true,
  };
}
