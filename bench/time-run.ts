/** Times a run of the whole pipeline, from a given instant of virtual time on. */
import { BOUND } from '../src/contracts/observer.ts';
import { builtinRegistry } from '../src/policies/builtin.ts';
import { createSimulation, type Simulation } from '../src/run/run.ts';
import type { Scenario } from '../src/scenario/scenario.ts';

/** What a run did after the instant from which it was timed, and what that took. */
export interface TimedRun {
  /** Processor time, garbage collection included: on a shared machine steadier than the clock on the wall. */
  readonly seconds: number;
  readonly events: number;
  /** Pods bound. */
  readonly pods: number;
  readonly tier: string;
  readonly trajectory: string;
}

/** Prepares a run with the built-ins, seed 1. */
export function prepareRun(from: Scenario): Simulation {
  return createSimulation(from, {
    seed: 1,
    registry: builtinRegistry(),
    manifest: {
      scenarioSha256: '',
      inputs: [],
      overrides: [],
      plugins: [],
      orreryVersion: '0.0.0',
    },
  });
}

/** Events of one slice: short against everything that is timed. */
const SLICE = 1000;

/** Events and binds so far: the placer may be ahead of its cluster, so arrivals would not do. */
function progressOf(simulation: Simulation): { readonly events: number; readonly pods: number } {
  let pods = 0;
  for (const { recorder } of simulation.world.clusters) pods += recorder.countedFromStart(BOUND);
  return { events: simulation.progress().events, pods };
}

/** Runs a scenario; what happens before `fromUs` (filling the fleet) is not timed. */
export function timeRun(from: Scenario, fromUs = 0): TimedRun {
  const simulation = prepareRun(from);
  let status: ReturnType<Simulation['runFor']> = 'more';
  while (status === 'more' && simulation.progress().nowUs < fromUs) {
    status = simulation.runFor(SLICE);
  }
  const before = progressOf(simulation);
  const start = process.cpuUsage();
  while (status === 'more') status = simulation.runFor(100 * SLICE);
  const { system, user } = process.cpuUsage(start);
  const seconds = (system + user) / 1e6;
  const after = progressOf(simulation);
  const { manifest } = simulation.finish(null);
  return {
    seconds,
    events: after.events - before.events,
    pods: after.pods - before.pods,
    tier: manifest.policies[0]!.tier,
    trajectory: manifest.trajectory,
  };
}
