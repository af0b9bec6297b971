/** The end of a run: what still waits or runs is accounted, the laws are checked, the bundle is put together. */
import { BINS_PER_OCTAVE, RELATIVE_ERROR } from '../base/bins.ts';
import { asShape, asWorkload } from '../base/ids.ts';
import { Trajectory } from '../base/trajectory.ts';
import { costMetrics, makeBill } from '../cost/bill.ts';
import {
  type Bundle,
  MANIFEST_SCHEMA,
  type ManifestFile,
  RESULT_SCHEMA,
  type ResultFile,
} from '../results/bundle.ts';
import { compareMetrics } from '../results/catalog.ts';
import type { Threshold } from '../results/expression.ts';
import { evaluateThresholds } from '../results/verdicts.ts';
import type { World } from './build.ts';
import type { ClusterSeries } from './cluster-series.ts';
import { collectCounters, collectGauges, collectSamples, type Gathered } from './collect.ts';
import { collectAllocation, collectFleetGauges, collectFragmentation } from './collect-ratios.ts';
import { collectSeries, withoutSilence } from './collect-series.ts';
import { conserve, countInFlight } from './conservation.ts';
import type { SimulationOptions } from './run.ts';
import { feesOf, usagesOf } from './usage.ts';
import { windowsOf } from './windows.ts';

/** What the end of a run needs. */
export interface FinishParts {
  readonly world: World;
  readonly measures: readonly ClusterSeries[];
  readonly thresholds: readonly Threshold[];
  readonly options: SimulationOptions;
  readonly endUs: number;
  /** Why it ended early, or null. */
  readonly stopped: string | null;
}

/**
 * Finishes a run.
 *
 * @throws InvariantError if a conservation law does not hold
 */
export function finishRun(parts: FinishParts): Bundle {
  const { endUs, measures, thresholds, world } = parts;
  const { scenario } = world;
  const inFlight = countInFlight(world, (parcel) => censor(world, parcel, endUs));
  world.placing.forEachUnplaced((parcel) => censor(world, parcel, endUs));
  world.fleetRecorder.closeBucket();
  const bill = makeBill(usagesOf(world), feesOf(world, endUs));
  const checks = (measures[0]?.buckets ?? 0) + 1;
  const conservation = conserve(world, bill, inFlight, { nowUs: endUs, checks });
  const spanUs = Math.max(0, endUs - scenario.warmupUs);
  const series = collectSeries(world, measures, endUs);
  const gathered: Gathered = { metrics: [], distributions: [] };
  collectCounters(world, gathered);
  collectSamples(world, gathered);
  collectGauges(world, spanUs, gathered);
  collectAllocation(world, measures, { series, spanUs }, gathered);
  collectFragmentation(world, measures, gathered);
  collectFleetGauges(world, series, gathered);
  const metrics = [...gathered.metrics, ...costMetrics(bill)].sort(compareMetrics);
  const distributions = {
    schema: 'orrery.distributions/1' as const,
    unit: 'seconds' as const,
    binsPerOctave: BINS_PER_OCTAVE,
    relativeError: RELATIVE_ERROR,
    entries: gathered.distributions,
  };
  const trajectory = foldTrajectories(world);
  const pending = world.books.flatMap(({ name: cluster, report }) =>
    report.pending.map((group) => ({ cluster, ...group })),
  );
  const result: ResultFile = {
    schema: RESULT_SCHEMA,
    scenario: scenario.name,
    question: scenario.question,
    complete: parts.stopped === null,
    seed: parts.options.seed,
    replications: 1,
    horizonSeconds: scenario.horizonUs / 1e6,
    reachedSeconds: endUs / 1e6,
    warmupSeconds: scenario.warmupUs / 1e6,
    trajectory,
    metrics,
    thresholds: evaluateThresholds(thresholds, {
      metrics,
      series,
      distributions,
      observedSeconds: spanUs / 1e6,
      windows: namedWindows(parts),
    }),
    conservation,
    ...(pending.length > 0 ? { pending } : {}),
  };
  return {
    manifest: manifestOf(parts, trajectory),
    result,
    series: withoutSilence(series),
    distributions,
  };
}

/** A parcel between placer and clusters waits too. */
function censor(
  world: World,
  parcel: {
    readonly workload: number;
    readonly shape: number;
    readonly cause: number;
    readonly sinceUs: number;
    readonly count: number;
  },
  endUs: number,
): void {
  const { recorder } = world.books[0]!;
  const { workload, shape, cause, sinceUs } = parcel;
  if (sinceUs > endUs) return;
  for (let i = 0; i < parcel.count; i++) {
    recorder.waited(
      { workload: asWorkload(workload), shape: asShape(shape), cause },
      sinceUs,
      true,
    );
  }
}

function foldTrajectories(world: World): string {
  const fleet = new Trajectory();
  for (const { recorder } of world.books) fleet.absorb(recorder.trajectory);
  return fleet.hex();
}

function namedWindows(parts: FinishParts) {
  return windowsOf(parts.world.scenario, parts.thresholds).map((window) => ({
    name: window.name,
    spans: window.spans.map((s) => ({
      fromSeconds: s.fromUs / 1e6,
      untilSeconds: s.untilUs / 1e6,
    })),
  }));
}

function manifestOf(parts: FinishParts, trajectory: string): ManifestFile {
  const { measures, options, world } = parts;
  const { scenario } = world;
  const { manifest } = options;
  const count = (values: readonly string[]): number => new Set(values).size;
  return {
    schema: MANIFEST_SCHEMA,
    orrery: manifest.orreryVersion,
    scenario: {
      name: scenario.name,
      sha256: manifest.scenarioSha256,
      ...(manifest.worldSha256 === undefined ? {} : { worldSha256: manifest.worldSha256 }),
    },
    inputs: manifest.inputs,
    ...(scenario.kubernetes && scenario.kubernetes.inputs.length > 0
      ? { kubernetes: scenario.kubernetes.inputs }
      : {}),
    catalogs: scenario.catalogs,
    seed: options.seed,
    replications: 1,
    overrides: manifest.overrides,
    plugins: manifest.plugins,
    policies: world.books.map((c) => ({
      cluster: c.name,
      scheduling: c.schedulingName,
      queueing: c.queueingName,
      tier: c.report.tier!,
    })),
    placement: scenario.policies.placement.use,
    trajectory,
    trajectories: world.books.map((c, i) => ({
      cluster: c.name,
      buckets: measures[i]!.hashes,
    })),
    fleet: {
      clusters: scenario.clusters.length,
      nodes: world.plans.reduce((sum, plan) => sum + plan.specs.length, 0),
      regions: count(scenario.clusters.map((c) => c.region)),
      zones: count(scenario.clusters.flatMap((c) => c.pools.map((pool) => pool.zone))),
    },
    windows: windowsOf(scenario, parts.thresholds).map(({ name, spans }) => ({
      name,
      spans: spans.map(({ fromUs, untilUs }) => [fromUs / 1e6, untilUs / 1e6] as const),
    })),
    study: scenario.study,
    complete: parts.stopped === null,
    stopped: parts.stopped,
  };
}
