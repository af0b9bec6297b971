/** What two bundles have in common: whether they may be compared, what changed, where their decisions part. */
import type { ManifestFile, ResultFile } from './bundle.ts';
import { compareText } from './catalog.ts';

/** One thing in which two bundles differ, as text for people. */
export interface Mismatch {
  readonly what: string;
  readonly base: string;
  readonly head: string;
}

/** The parts of a bundle that tell where it comes from. */
export interface Provenance {
  readonly manifest: ManifestFile;
  readonly result: ResultFile;
}

/** Keys of overrides that choose policies and leave the scenario the same. */
const POLICY_KEY = /^(policies$|policies[.[]|fleet\.clusters[.[].+\.(scheduling|queueing)(\.|$))/;
/** Inputs that are parts of the scenario, and therefore of its world. */
const SCENARIO_FILE = /\.ya?ml$/;
const HASH_DIGITS = 12;

/**
 * Lists what forbids a comparison: another world (fleet, load, failures), other traces or catalogues, or a run that did not
 * end. Bundles that do not know their world are compared by scenario file, imports and overrides (those of policies apart); one
 * without a scenario hash matches nothing.
 */
export function mismatchesOf(base: Provenance, head: Provenance): readonly Mismatch[] {
  const worlds = [base, head].map((of) => of.manifest.scenario.worldSha256);
  const isOneWorld = worlds[0] !== undefined && worlds[0] === worlds[1];
  // Files and overrides that make one world may be as they like; else they say best what is different.
  const ofWorld = (of: Provenance): readonly (readonly [what: string, value: string])[] => [
    ['scenario', scenarioText(of.manifest)],
    ['inputs', hashed(of.manifest.inputs)],
    ['overrides', listed(of.manifest.overrides.filter((o) => !isPolicyOverride(o)))],
  ];
  const traces = (of: Provenance) => of.manifest.inputs.filter((i) => !SCENARIO_FILE.test(i.name));
  const facts = (of: Provenance): readonly (readonly [what: string, value: string])[] => [
    ...(isOneWorld ? [['inputs', hashed(traces(of))] as const] : ofWorld(of)),
    ['catalogs', listed(of.manifest.catalogs.map((c) => `${c.name} of ${c.date} (${c.source})`))],
    ['completed', of.result.complete ? 'yes' : `no: stopped by ${of.manifest.stopped ?? 'force'}`],
  ];
  const mismatches = differing(facts(base), facts(head));
  if (!isOneWorld && worlds.every((world) => world !== undefined) && mismatches.length === 0) {
    mismatches.push({
      what: 'world',
      base: worldText(base.manifest),
      head: worldText(head.manifest),
    });
  }
  const isUnknown = base.manifest.scenario.sha256 === '' && head.manifest.scenario.sha256 === '';
  if (isUnknown) {
    mismatches.unshift({ what: 'scenario', base: 'not recorded', head: 'not recorded' });
  }
  const bothStopped = !base.result.complete && !head.result.complete;
  if (bothStopped && !mismatches.some((m) => m.what === 'completed')) {
    mismatches.push({ what: 'completed', base: 'no', head: 'no' });
  }
  return mismatches;
}

/** Lists what changed between bundles that may be compared: policies, plug-ins, seed, replications, version. */
export function changesOf(base: Provenance, head: Provenance): readonly Mismatch[] {
  const facts = (of: Provenance): readonly (readonly [what: string, value: string])[] => [
    ['scenario file', scenarioText(of.manifest)],
    ['placement', of.manifest.placement],
    ['scheduling', distinct(of.manifest.policies.map((p) => p.scheduling))],
    ['queueing', distinct(of.manifest.policies.map((p) => p.queueing))],
    ['policy overrides', listed(of.manifest.overrides.filter(isPolicyOverride))],
    ['plug-ins', listed(of.manifest.plugins.map((p) => `${p.name} ${shortHash(p.sha256)}`))],
    ['seed', String(of.manifest.seed)],
    ['replications', String(of.result.replications)],
    ['orrery', of.manifest.orrery],
  ];
  return differing(facts(base), facts(head));
}

/**
 * Tells whether replication i of both met the same luck by design: the same scenario, seed and number of replications. Draws
 * are keyed by names, so policies do not shift each other's.
 */
export function sharesLuck(base: Provenance, head: Provenance): boolean {
  return (
    mismatchesOf(base, head).length === 0 &&
    base.manifest.seed === head.manifest.seed &&
    base.result.replications === head.result.replications
  );
}

/** One decision of a cluster, as people know it. */
export interface Decision {
  readonly atSeconds: number;
  readonly kind: 'bind' | 'evict' | 'node up' | 'node down';
  /** `workload/number`; null for decisions about nodes. */
  readonly pod: string | null;
  readonly node: string | null;
}

/** The first decision that one run took otherwise; null where a side takes none any more in the bucket. */
export interface PartedDecision {
  readonly base: Decision | null;
  readonly head: Decision | null;
}

/** Where decisions part for the first time, as near as the bundles tell. */
export interface Divergence {
  /** The first cluster, in name order, of those that part in this bucket. */
  readonly cluster: string;
  /** The first replication in which decisions part; null where there is only one. */
  readonly replication: number | null;
  /** Further clusters that part in the same bucket. */
  readonly others: number;
  /** The bucket, seconds since the start. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  /** The decision itself, where somebody asked to simulate both runs again. */
  readonly decision?: PartedDecision;
}

/**
 * Brackets the first difference of two trajectories by replication, cluster and series bucket.
 *
 * @param bucketSeconds of the series of both
 * @returns null where no cluster of both differs in a bucket that both have
 *
 * *Order*: the first replication, its earliest bucket, then the first cluster by name. *Cost*: O(clusters x log buckets): hashes are cumulative.
 */
export function firstDivergence(
  base: ManifestFile,
  head: ManifestFile,
  bucketSeconds: number,
): Divergence | null {
  const key = (replication: number, cluster: string): string => `${replication} ${cluster}`;
  const bucketsOf = new Map(
    head.trajectories.map(({ replication = 0, cluster, buckets }) => [
      key(replication, cluster),
      buckets,
    ]),
  );
  let first = { replication: Number.POSITIVE_INFINITY, bucket: Number.POSITIVE_INFINITY };
  let clusters: string[] = [];
  for (const { replication = 0, cluster, buckets } of base.trajectories) {
    const bucket = firstDifference(buckets, bucketsOf.get(key(replication, cluster)) ?? []);
    if (bucket === null) continue;
    const order = replication - first.replication || bucket - first.bucket;
    if (order > 0) continue;
    if (order < 0) clusters = [];
    first = { replication, bucket };
    clusters.push(cluster);
  }
  if (clusters.length === 0) return null;
  const { replication, bucket } = first;
  const isNumbered = base.trajectories.some((t) => t.replication !== undefined);
  clusters.sort(compareText);
  return {
    cluster: clusters[0]!,
    replication: isNumbered ? replication : null,
    others: clusters.length - 1,
    fromSeconds: bucket * bucketSeconds,
    untilSeconds: (bucket + 1) * bucketSeconds,
  };
}

function firstDifference(a: readonly string[], b: readonly string[]): number | null {
  const length = Math.min(a.length, b.length);
  if (length === 0 || a[length - 1] === b[length - 1]) return null;
  // Once parted, cumulative hashes stay apart.
  let low = -1;
  let high = length - 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (a[middle] === b[middle]) low = middle;
    else high = middle;
  }
  return high;
}

/** Tells whether an override `key=value` chooses or tunes policies and leaves the scenario the same. */
export function isPolicyOverride(override: string): boolean {
  return POLICY_KEY.test(override.slice(0, override.indexOf('=')));
}

function differing(
  base: readonly (readonly [what: string, value: string])[],
  head: readonly (readonly [what: string, value: string])[],
): Mismatch[] {
  return base
    .map(([what, value], i) => ({ what, base: value, head: head[i]![1] }))
    .filter((m) => m.base !== m.head);
}

function scenarioText({ scenario }: ManifestFile): string {
  return `${scenario.name} ${scenario.sha256 === '' ? '(no hash)' : shortHash(scenario.sha256)}`;
}

function worldText({ scenario }: ManifestFile): string {
  return `${scenario.name} (world ${shortHash(scenario.worldSha256!)})`;
}

function hashed(inputs: ManifestFile['inputs']): string {
  return listed(inputs.map((i) => `${i.name} ${shortHash(i.sha256)}`));
}

function shortHash(sha256: string): string {
  return sha256.slice(0, HASH_DIGITS);
}

function distinct(names: readonly string[]): string {
  return listed([...new Set(names)].sort(compareText));
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}
