/** Simulates a scenario again up to the attempt of a pod that somebody asks about. */
import type { PodExplainer } from '../run/explain.ts';
import type { Registry } from '../run/registry.ts';
import { createSimulation, type SimulationManifest } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { InputFeeder } from './streams.ts';

/** What to simulate. */
export interface ExplainOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly registry: Registry;
  readonly manifest: SimulationManifest;
  readonly explainer: PodExplainer;
}

/** Events between two looks at whether the attempt was seen. */
const SLICE_EVENTS = 1000;

/**
 * Runs until the explainer has what it looks for, or to the horizon.
 *
 * @throws ScenarioError for scenario and data, PolicyError and InvariantError from the run
 */
export async function explainPod(options: ExplainOptions): Promise<void> {
  const { explainer, scenario, ...rest } = options;
  const simulation = createSimulation(scenario, { ...rest, watch: explainer });
  const feeder = new InputFeeder(simulation.inputs);
  try {
    await feeder.feedDry();
    while (!explainer.isOver(simulation.progress().nowUs)) {
      const status = simulation.runFor(SLICE_EVENTS);
      if (status === 'done') break;
      if (status === 'dry') await feeder.feedDry();
    }
  } finally {
    await feeder.close();
  }
}
