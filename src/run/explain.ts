/** The last attempt of one pod, found by simulating again: nothing of it is stored in a bundle. */
import { ScenarioError } from '../base/errors.ts';
import type { AttemptWatch, TriedPod } from '../processes/attempt-watch.ts';
import type { Scenario } from '../scenario/scenario.ts';

export type { TriedNode, TriedPod } from '../processes/attempt-watch.ts';

/** Keeps the last attempt of a pod up to an instant, or the one that found a node. */
export class PodExplainer implements AttemptWatch {
  readonly workload: number;
  readonly serial: number;
  /** Null until it is tried. */
  last: TriedPod | null = null;
  /** How often it was tried up to `last`. */
  attempts = 0;
  private readonly atUs: number | null;

  /**
   * @param name `workload/number`, the number counting the workload's pods from 0
   * @param atUs attempts after this instant do not count; null looks for the first that found a node
   * @throws ScenarioError if no workload of the scenario has such a pod
   */
  constructor(scenario: Scenario, name: string, atUs: number | null) {
    const slash = name.lastIndexOf('/');
    const workload = name.slice(0, Math.max(0, slash));
    const names = scenario.workloads.map((one) => one.name);
    this.workload = names.indexOf(workload);
    this.serial = /^\d{1,10}$/.test(name.slice(slash + 1)) ? Number(name.slice(slash + 1)) : -1;
    this.atUs = atUs;
    if (this.workload >= 0 && this.serial >= 0) return;
    throw new ScenarioError([
      {
        path: 'pod',
        value: name,
        expected: 'a workload and the number of its pod, such as web/0',
        hint: `workloads are ${names.join(', ')}`,
      },
    ]);
  }

  attempted(tried: TriedPod): void {
    if (this.isDone || (this.atUs !== null && tried.atUs > this.atUs)) return;
    this.last = tried;
    this.attempts++;
  }

  /** True once nothing that comes later counts. */
  get isDone(): boolean {
    return this.atUs === null && this.last !== null && this.last.node !== null;
  }

  /** True if the run need not go beyond an instant. */
  isOver(reachedUs: number): boolean {
    return this.isDone || (this.atUs !== null && reachedUs > this.atUs);
  }
}
