/** What pods ask for that only a scheduler made of Kubernetes' plug-ins can give: any other one refuses the scenario. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import { HOSTNAME } from '../model/kube-classes.ts';
import type { PodSpec, Scenario } from '../scenario/scenario.ts';

/**
 * Refuses workloads whose pods ask for what a policy does not look at. Taints with `PreferNoSchedule` and images only
 * matter to scores, and priorities of preemption to a scheduler that preempts: nothing is promised, nothing is refused.
 *
 * @throws ScenarioError with one issue per field of a workload
 */
export function refuseKubernetesOnly(scenario: Scenario, cluster: string, policy: string): void {
  const issues: Issue[] = [];
  const controlled = scenario.kubernetes?.controllers.find((one) => one.cluster === cluster);
  if (controlled !== undefined) {
    issues.push({
      path: `workloads.${controlled.workload}`,
      value: controlled.kind,
      expected: `workloads without controllers of Kubernetes with scheduling ${policy}`,
      hint: 'policies.scheduling: kubernetes/default runs them',
    });
  }
  for (const { cluster: pinned, name, pod } of scenario.workloads) {
    if (pinned !== undefined && pinned !== cluster) continue;
    for (const field of demandsOf(pod)) {
      issues.push({
        path: `workloads.${name}.pod.${field}`,
        expected: `no such field with scheduling ${policy}, which does not look at it`,
        hint: 'policies.scheduling: kubernetes/default does',
      });
    }
  }
  if (issues.length > 0) throw new ScenarioError(issues);
}

/** Fields of a pod that no policy but a framework's can honour, as a scenario names them. */
function demandsOf({ kube, nodeSelector }: PodSpec): string[] {
  const hostname = Object.hasOwn(nodeSelector, HOSTNAME) ? [`nodeSelector["${HOSTNAME}"]`] : [];
  if (kube === undefined) return hostname;
  const has = (field: string, isGiven: boolean): string[] => (isGiven ? [field] : []);
  return [
    ...hostname,
    ...has('affinity', [kube.nodeAffinity, kube.podAffinity, kube.podAntiAffinity].some(Boolean)),
    ...has('topologySpreadConstraints', kube.spread.length > 0),
    ...has('hostPorts', kube.hostPorts.length > 0),
    ...has('volumes', kube.volumes.length > 0),
    ...has('schedulingGates', kube.schedulingGates.length > 0),
    ...has('schedulerName', kube.schedulerName !== 'default-scheduler'),
  ];
}
