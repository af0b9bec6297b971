/** Names the first decision in which two runs part, by simulating both again up to the bucket that their bundles tell. */
import { ScenarioError } from '../base/errors.ts';
import type { ManifestFile } from '../results/bundle.ts';
import type { Decision, Divergence, PartedDecision } from '../results/comparable.ts';
import { hearDecisions } from '../run/decisions.ts';
import type { Registry } from '../run/registry.ts';
import { createSimulation, type SimulationManifest } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { InputFeeder } from './streams.ts';

/** One side: what ran, and the bundle that it gave. */
export interface DivergentSide {
  readonly label: string;
  readonly scenario: Scenario;
  readonly registry: Registry;
  readonly manifest: ManifestFile;
  readonly facts: SimulationManifest;
}

/** Events between two looks at the clock. */
const SLICE_EVENTS = 2000;

/**
 * Simulates two runs again up to the end of a bucket, and finds the first decision that one has and the other has not.
 *
 * @param divergence the cluster, replication and bucket where their stored trajectories part
 * @returns null if both decide the same now
 * @throws ScenarioError (exit 2) where a re-simulation does not follow its bundle: another build, or other plug-ins;
 *   PolicyError and InvariantError from the runs
 *
 * *Cost*: both runs up to the bucket; memory for the decisions of one bucket.
 */
export async function nameDivergence(
  base: DivergentSide,
  head: DivergentSide,
  divergence: Divergence,
): Promise<PartedDecision | null> {
  const before = await decisionsIn(base, divergence);
  const after = await decisionsIn(head, divergence);
  const length = Math.max(before.length, after.length);
  for (let i = 0; i < length; i++) {
    const one = before[i];
    const other = after[i];
    if (one === undefined || other === undefined || !isSame(one, other)) {
      return { base: one ?? null, head: other ?? null };
    }
  }
  return null;
}

/** The decisions of a cluster within the bucket. Those at its first instant belong to the bucket before. */
async function decisionsIn(
  side: DivergentSide,
  { cluster, replication, fromSeconds, untilSeconds }: Divergence,
): Promise<readonly Decision[]> {
  const { manifest, scenario, registry, facts } = side;
  const fromUs = fromSeconds * 1e6;
  const untilUs = untilSeconds * 1e6;
  const decisions: Decision[] = [];
  let bracketHash: string | null = null;
  const simulation = createSimulation(scenario, {
    seed: manifest.seed,
    replication: replication ?? 0,
    registry,
    manifest: facts,
  });
  const isThere = hearDecisions(simulation, cluster, (atUs, decision, trajectory) => {
    if (atUs > untilUs || (atUs <= fromUs && fromUs > 0)) return;
    bracketHash ??= trajectory();
    decisions.push(decision());
  });
  if (!isThere) throw notFollowed(side, `a cluster ${cluster}`, 'none');
  const feeder = new InputFeeder(simulation.inputs);
  try {
    await feeder.feedDry();
    while (simulation.progress().nowUs <= untilUs) {
      const status = simulation.runFor(SLICE_EVENTS);
      if (status === 'done') break;
      if (status === 'dry') await feeder.feedDry();
    }
  } finally {
    await feeder.close();
  }
  const stored = storedHash(manifest, cluster, replication, fromUs, untilUs);
  if (stored !== null && bracketHash !== null && stored !== bracketHash) {
    throw notFollowed(side, `trajectory ${stored} at the start of the bucket`, bracketHash);
  }
  return decisions;
}

/** What the bundle says of the trajectory before the bucket; null for the first bucket. */
function storedHash(
  { trajectories }: ManifestFile,
  cluster: string,
  replication: number | null,
  fromUs: number,
  untilUs: number,
): string | null {
  const own = trajectories.find(
    (t) => t.cluster === cluster && (t.replication ?? 0) === (replication ?? 0),
  );
  const bucket = Math.round(fromUs / (untilUs - fromUs));
  return own?.buckets[bucket - 1] ?? null;
}

function notFollowed(side: DivergentSide, expected: string, value: string): ScenarioError {
  const hint = `the bundle is of Orrery ${side.manifest.orrery}; run the scenario again with this build, with the same plug-ins`;
  return new ScenarioError([
    { file: side.label, path: '--name-divergence', value, expected, hint },
  ]);
}

function isSame(a: Decision, b: Decision): boolean {
  return a.atSeconds === b.atSeconds && a.kind === b.kind && a.pod === b.pod && a.node === b.node;
}
