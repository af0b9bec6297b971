/** Runs a scenario text with overrides and splits what came out into the parts that a field may change. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { warningsOf } from '../../src/cli/validate.ts';
import { runScenario } from '../../src/host/simulate.ts';
import type { Bundle } from '../../src/results/bundle.ts';
import { estimate } from '../../src/run/estimate.ts';
import { registryWith } from '../../src/run/registry.ts';
import { loadScenario } from '../../src/scenario/load.ts';
import { bytesOf } from '../builders/scenario.ts';
import { BASES, FILES } from './bases.ts';

/** A part of what a run says. */
export const PARTS = {
  /** Every decision. */
  trajectory: ({ result }: Bundle) => result.trajectory,
  metrics: ({ result }: Bundle) => result.metrics,
  cost: ({ result }: Bundle) => result.conservation.cost,
  thresholds: ({ result }: Bundle) => result.thresholds,
  /** What it says of itself: name, question, seed, horizon. */
  head: ({ result }: Bundle) => ({ ...result, metrics: [], thresholds: [], trajectory: '' }),
  manifest: ({ manifest }: Bundle) => ({ ...manifest, trajectory: '', trajectories: [] }),
  buckets: ({ series }: Bundle) => [series.buckets, series.bucketSeconds],
} as const;

/** What a change may show in: a part of the bundle, or the warnings of `orrery validate`. */
export type Part = keyof typeof PARTS | 'validate';

/** What one run said, each part as text. */
export type Outcome = Readonly<Record<Part | 'bundle', string>>;

/** A folder with the files that the bases read, and the outcomes of runs in it; equal runs run once. */
export class Laboratory {
  private readonly folder = mkdtempSync(join(tmpdir(), 'orrery-options-'));
  private readonly known = new Map<string, Promise<Outcome>>();

  constructor() {
    for (const [name, text] of Object.entries({ ...FILES })) {
      writeFileSync(join(this.folder, name), text);
    }
    for (const [name, text] of Object.entries(BASES)) {
      writeFileSync(join(this.folder, `${name}.yaml`), text);
    }
  }

  /** Runs a base with overrides. @throws ScenarioError if it is refused */
  outcomeOf(base: keyof typeof BASES, overrides: readonly string[]): Promise<Outcome> {
    const key = [base, ...overrides].join('\n');
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const made = this.run(base, overrides);
    this.known.set(key, made);
    return made;
  }

  private async run(base: keyof typeof BASES, overrides: readonly string[]): Promise<Outcome> {
    const { scenario } = loadScenario({
      path: join(this.folder, `${base}.yaml`),
      readText: (path) => readFileSync(path, 'utf8'),
      overrides,
      env: { ORRERY_DATA: this.folder },
    });
    const { bundle } = await runScenario({
      scenario,
      seed: scenario.seed!,
      registry: registryWith([]),
      manifest: {
        scenarioSha256: '',
        inputs: [],
        overrides: [],
        plugins: [],
        orreryVersion: '0.0.0',
      },
    });
    const parts = Object.entries(PARTS).map(([part, of]) => [part, JSON.stringify(of(bundle))]);
    const warnings = warningsOf(scenario, estimate(scenario), []);
    return {
      ...(Object.fromEntries(parts) as Omit<Outcome, 'validate' | 'bundle'>),
      validate: warnings.join('\n'),
      bundle: bytesOf(bundle),
    };
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
