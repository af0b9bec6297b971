/** Policies, control planes, failures and thresholds as written become data. */
import { parseDuration, parseRate, parseRatio } from '../base/units.ts';
import type { Context } from './context.ts';
import type { Path } from './located.ts';
import { read, resolveLaw } from './resolve-laws.ts';
import type {
  ControlPlane,
  DomainTarget,
  Failure,
  PolicyUse,
  Scenario,
  ThresholdEntry,
} from './scenario.ts';
import type { RawCluster, RawFailure, RawScenario } from './schema.ts';

type RawPolicy = NonNullable<RawCluster['scheduling']>;
type RawOutage = Extract<RawFailure, { outage: string }>;
type RawControlPlane = NonNullable<RawScenario['controlPlane']>;

/** Resolves the use of a policy: a name alone has no parameters. */
export function resolvePolicy(raw: RawPolicy): PolicyUse {
  return typeof raw === 'string'
    ? { use: raw, params: undefined }
    : { use: raw.use, params: raw.params };
}

/** A control plane that decides and binds in no time. */
export const IDEAL: ControlPlane = {
  attemptUs: 0,
  perNodeUs: 0,
  bindsPerSecond: null,
  bindBurst: 0,
};

/** Resolves a control plane. */
export function resolveControlPlane(raw: RawControlPlane): ControlPlane {
  if (raw === 'ideal') return IDEAL;
  const bindsPerSecond = raw.bindsPerSecond ?? null;
  // kube-scheduler: 50 requests a second, bursts of 100.
  const burst = bindsPerSecond === null ? 0 : Math.max(1, Math.round(2 * bindsPerSecond));
  return {
    attemptUs: read(parseDuration, raw.attempt ?? 0),
    perNodeUs: read(parseDuration, raw.perNode ?? 0),
    bindsPerSecond,
    bindBurst: raw.bindBurst ?? burst,
  };
}

/** Times and rates of the node lifecycle; the defaults are Kubernetes'. */
export function resolveNodeLifecycle(
  raw: RawScenario['nodeLifecycle'] = {},
): Scenario['nodeLifecycle'] {
  const { api = { perSecond: 20, burst: 30 } } = raw;
  return {
    detectAfterUs: read(parseDuration, raw.detectAfter ?? '50s'),
    evictAfterUs: read(parseDuration, raw.evictAfter ?? '300s'),
    controller: raw.controller ?? null,
    monitorEveryUs: read(parseDuration, raw.monitorEvery ?? '5s'),
    evictionsPerSecond: read(parseRate, raw.evictionRate ?? '0.1/s'),
    slowEvictionsPerSecond: read(parseRate, raw.slowEvictionRate ?? '0.01/s'),
    unhealthyRatio: read(parseRatio, raw.unhealthyRatio ?? '55%'),
    largeZone: raw.largeZone ?? 50,
    api: api === 'ideal' ? null : api,
  };
}

const KINDS: readonly DomainTarget['kind'][] = [
  'node',
  'rack',
  'pool',
  'cluster',
  'zone',
  'site',
  'region',
  'provider',
  'domain',
];

/** Resolves the failures whose shape is right; two outages of one target get names that differ. */
export function resolveFailures(raws: readonly RawFailure[], context: Context): Failure[] {
  const failures: Failure[] = [];
  const names = new Set<string>();
  for (const [i, raw] of raws.entries()) {
    const path = ['failures', i];
    if (context.problems.isBroken(path)) continue;
    const failure = 'outage' in raw ? outage(raw, names, context, path) : nodes(raw, context, path);
    if (failure === null) continue;
    context.origins.set(failure, path);
    failures.push(failure);
  }
  return failures;
}

/** Takes the text of a failure domain apart; null where it is none, which is noted. */
export function targetOf(text: string, path: Path, context: Context): DomainTarget | null {
  const slash = text.indexOf('/');
  const kind = KINDS.find((known) => known === text.slice(0, Math.max(slash, 0)));
  const name = text.slice(slash + 1);
  if (kind !== undefined && name !== '') return { kind, name };
  context.problems.at(path, 'a failure domain such as zone/idc-b', {
    hint: `kinds are ${KINDS.join(', ')}`,
  });
  return null;
}

function outage(raw: RawOutage, names: Set<string>, context: Context, path: Path): Failure | null {
  const target = targetOf(raw.outage, [...path, 'outage'], context);
  if (target === null) return null;
  if (raw.name !== undefined && names.has(raw.name)) {
    context.problems.at([...path, 'name'], 'names of outages that differ');
  }
  let name = raw.name ?? raw.outage;
  for (let k = 2; raw.name === undefined && names.has(name); k++) name = `${raw.outage}-${k}`;
  names.add(name);
  return {
    kind: 'outage',
    name,
    target,
    atUs: read(parseDuration, raw.at),
    forUs: read(parseDuration, raw.for),
  };
}

function nodes(raw: Exclude<RawFailure, RawOutage>, context: Context, path: Path): Failure {
  const clusters = raw.clusters
    ? raw.clusters.flatMap((set, i) => context.expand(set, [...path, 'clusters', i]))
    : null;
  const repairers = raw.repairers ?? null;
  checkModelFields(raw, context, path);
  if (raw.model !== 'node') {
    const model = { use: raw.model, params: raw.params };
    return { kind: 'nodes', model, clusters, repairers };
  }
  const law = raw.law ?? 'exponential';
  const at = { problems: context.problems, path: [...path, 'repair'], parse: parseDuration };
  const params = {
    mtbf: read(parseDuration, raw.mtbf),
    ...(law === 'weibull' ? { shape: raw.shape } : {}),
    repair: resolveLaw(raw.repair ?? '0s', at),
  };
  return { kind: 'nodes', model: { use: law, params }, clusters, repairers };
}

/** Says which fields a failure model lacks, and which belong to another one. */
function checkModelFields(
  raw: Exclude<RawFailure, RawOutage>,
  { problems }: Context,
  path: Path,
): void {
  const ofNode = ['mtbf', 'repair', 'law', 'shape'] as const;
  if (raw.model !== 'node') {
    const field = ofNode.find((key) => raw[key] !== undefined);
    if (field !== undefined) {
      const hint = `${field} belongs to model: node; a failure policy takes params`;
      problems.at([...path, 'model'], '"node"', { hint });
    }
    return;
  }
  if (raw.params !== undefined) {
    problems.at([...path, 'params'], 'no params with model: node', { atKey: true });
  }
  if (raw.mtbf === undefined) {
    problems.at([...path, 'mtbf'], 'a mean time between failures such as "365d"', {
      hint: 'add mtbf, which model: node needs',
    });
  }
  if (raw.repair === undefined) {
    problems.at([...path, 'repair'], 'a time to repair such as "4h", or a law', {
      hint: 'add repair, which model: node needs',
    });
  }
  if (raw.law === 'weibull' && raw.shape === undefined) {
    problems.at([...path, 'shape'], 'the shape of the Weibull law', {
      hint: 'add shape; 0.75 is typical of machines',
    });
  }
  if (raw.law !== 'weibull' && raw.shape !== undefined) {
    problems.at([...path, 'shape'], 'no shape without law: weibull', { atKey: true });
  }
}

/** Resolves thresholds: one entry per expression, in the order of the file. */
export function resolveThresholds(raw: NonNullable<RawScenario['thresholds']>): ThresholdEntry[] {
  return Object.entries(raw).flatMap(([selector, written]) => {
    const list = Array.isArray(written) ? written : [written];
    return list.map((threshold, i): ThresholdEntry => {
      const path = `thresholds.${selector}${Array.isArray(written) ? `[${i}]` : ''}`;
      if (typeof threshold === 'string') {
        return { selector, expr: threshold, because: null, warn: false, path };
      }
      return {
        selector,
        expr: threshold.expr,
        because: threshold.because ?? null,
        warn: threshold.warn ?? false,
        path,
      };
    });
  });
}
