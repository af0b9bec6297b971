/** The end of a run: what still waits or runs is accounted, the laws are checked, the bundle is put together. */
import { BINS_PER_OCTAVE, RELATIVE_ERROR } from '../base/bins.ts';
import { asPod, asShape, asWorkload, type NodeIndex, type ShapeIndex } from '../base/ids.ts';
import { Trajectory } from '../base/trajectory.ts';
import { costMetrics, makeBill } from '../cost/bill.ts';
import { ASSUMED, BACKOFF, PENDING, RUNNING, STARTING, TERMINATING } from '../model/pods.ts';
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
import type { BuiltCluster } from './build-cluster.ts';
import { collectCounters, collectGauges, collectSamples, type Gathered } from './collect.ts';
import { collectAllocation, collectFleetGauges, collectFragmentation } from './collect-ratios.ts';
import { collectSeries, withoutSilence } from './collect-series.ts';
import { conserve, countInFlight } from './conservation.ts';
import type { ClusterMeasure } from './measure.ts';
import type { SimulationOptions } from './run.ts';
import { feesOf, usagesOf } from './usage.ts';
import { windowsOf } from './windows.ts';

/** What the end of a run needs. */
export interface FinishParts {
  readonly world: World;
  readonly measures: readonly ClusterMeasure[];
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
  for (const built of world.clusters) accountLivePods(built, endUs);
  const inFlight = countInFlight(world, (parcel) => censor(world, parcel, endUs));
  world.placing.forEachUnplaced((parcel) => censor(world, parcel, endUs));
  for (const measure of measures) measure.closeBucket();
  world.fleetRecorder.closeBucket();
  for (const { recorder } of world.clusters) recorder.paid.closeBucket(0, endUs, () => {});
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
  const pending = world.clusters.flatMap(({ pending: groups, run }) =>
    groups().map((group) => ({ cluster: run.cluster.name, ...group })),
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

/** Resource-time of pods that still hold nodes; waiting times so far of pods that still wait. */
function accountLivePods(built: BuiltCluster, endUs: number): void {
  const { recorder, run } = built;
  const { pods } = run.cluster;
  for (let i = 0; i < pods.end; i++) {
    const p = asPod(i);
    const state = pods.state(p);
    const workload = asWorkload(pods.workload(p));
    const shape = asShape(pods.shape(p));
    if (state === PENDING || state === BACKOFF || state === ASSUMED) {
      const cause = pods.cause(p);
      if (pods.sinceUs(p) <= endUs) {
        recorder.waited({ workload, shape, cause }, pods.sinceUs(p), true);
      }
    }
    // Interrupted pods were accounted when their node went down.
    const isHeld = state === STARTING || state === RUNNING || state === TERMINATING;
    if (isHeld) hold(built, p, pods.sinceUs(p));
    else if (state === ASSUMED) hold(built, p, pods.assumedUs(p));
  }
}

function hold(built: BuiltCluster, p: ReturnType<typeof asPod>, fromUs: number): void {
  const { nodes, pods } = built.run.cluster;
  if (!nodes.isServing(pods.node(p) as NodeIndex)) return;
  built.recorder.held(
    asWorkload(pods.workload(p)),
    pods.node(p) as NodeIndex,
    pods.shape(p) as ShapeIndex,
    fromUs,
  );
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
  const { recorder } = world.clusters[0]!;
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
  for (const { recorder } of world.clusters) fleet.absorb(recorder.trajectory);
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
    policies: world.clusters.map((c) => ({
      cluster: c.run.cluster.name,
      scheduling: c.schedulingName,
      queueing: c.queueingName,
      tier: c.tier,
    })),
    placement: scenario.policies.placement.use,
    trajectory,
    trajectories: world.clusters.map((c, i) => ({
      cluster: c.run.cluster.name,
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
