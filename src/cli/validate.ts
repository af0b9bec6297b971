/** `orrery validate`: reads everything that a run reads, and says how big it is and what cannot work. */
import { Command, Option } from 'commander';
import {
  formatCount,
  formatCpu,
  formatDuration,
  formatMemory,
  formatRatio,
} from '../base/units.ts';
import { loadRegistry } from '../host/plugins.ts';
import { checkTrace } from '../host/streams.ts';
import { orreryVersion } from '../host/version.ts';
import type { ManifestFile } from '../results/bundle.ts';
import { type Amounts, type Estimate, estimate, meanOf } from '../run/estimate.ts';
import { estimateTime, type TimeRange } from '../run/estimate-time.ts';
import { createSimulation } from '../run/run.ts';
import type { Scenario } from '../scenario/scenario.ts';
import {
  checkPolicies,
  type LoadedScenario,
  pluginOption,
  readScenario,
  scaleOption,
} from './inputs.ts';
import { describeKubernetesInput } from './kubernetes-input.ts';
import { memoryRefusal } from './memory-limit.ts';

interface ValidateOptions {
  readonly seed?: string;
  readonly scale?: string;
  readonly plugin: readonly string[];
  readonly format: 'text' | 'json';
}

/** What a policy costs where it is used. */
interface PolicyCost {
  readonly scheduling: string;
  readonly queueing: string;
  readonly tier: string;
  readonly clusters: number;
}

const EXAMPLES = `Examples:
  orrery validate scenarios/quickstart.yaml
  orrery validate scenarios/quickstart.yaml policies.scheduling=fgd/random
  orrery validate scenarios/borg-week.yaml --scale 1/1000
  orrery validate mine.yaml --plugin my-policy.ts --format json

`;

/** Makes the verb. */
export function validateCommand(): Command {
  return new Command('validate')
    .description('check a scenario and estimate its size, without running it')
    .argument('<file>', 'scenario file; - reads stdin')
    .argument('[overrides...]', 'fields of the scenario as key=value')
    .option('--seed <n>', 'seed of all draws')
    .addOption(scaleOption())
    .addOption(pluginOption())
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .addHelpText('before', EXAMPLES)
    .action(async (file: string, overrides: string[], options: ValidateOptions) => {
      const loaded = readScenario(file, overrides, options.seed, options.scale);
      const size = estimate(loaded.scenario);
      const tooLarge = memoryRefusal(size.memoryBytes, undefined);
      const policies = await build(loaded, options.plugin, tooLarge === null);
      for (const { trace } of size.workloads) if (trace !== null) await checkTrace(trace);
      const warnings = [...warningsOf(loaded.scenario, size, policies)];
      if (tooLarge !== null) warnings.unshift(`it ${tooLarge}: orrery run refuses it`);
      const time = timeOf(size, policies);
      const text =
        options.format === 'json'
          ? `${JSON.stringify({ scenario: loaded.scenario.name, seed: loaded.seed, ...size, time, policies, warnings, ...kubernetesOf(loaded.scenario) }, null, 2)}\n`
          : report(loaded, { ...size, time }, policies, warnings);
      process.stdout.write(text);
    });
}

/** What became of files of Kubernetes objects, if there are any. */
function kubernetesOf({ kubernetes }: Scenario): { kubernetes?: unknown } {
  const inputs = kubernetes?.inputs ?? [];
  return inputs.length === 0 ? {} : { kubernetes: inputs };
}

/**
 * Builds the world as a run does, so that names and parameters of policies are checked, and asks it for the tiers. A world
 * that does not fit is not built, and its tiers are not known.
 */
async function build(
  loaded: LoadedScenario,
  pluginFiles: readonly string[],
  fits: boolean,
): Promise<readonly PolicyCost[]> {
  const { registry, plugins } = await loadRegistry(pluginFiles);
  checkPolicies(loaded, registry);
  if (!fits) return [];
  const simulation = createSimulation(loaded.scenario, {
    seed: loaded.seed ?? 0,
    registry,
    manifest: {
      scenarioSha256: loaded.sha256,
      inputs: loaded.inputs,
      overrides: loaded.overrides,
      plugins,
      orreryVersion: orreryVersion(),
    },
  });
  return groupPolicies(simulation.finish('not run').manifest.policies);
}

function groupPolicies(policies: ManifestFile['policies']): readonly PolicyCost[] {
  const groups = new Map<string, PolicyCost>();
  for (const { scheduling, queueing, tier } of policies) {
    const key = JSON.stringify([scheduling, queueing, tier]);
    const clusters = (groups.get(key)?.clusters ?? 0) + 1;
    groups.set(key, { scheduling, queueing, tier, clusters });
  }
  return [...groups.values()];
}

/**
 * Node checks of a scan per second of one core, for the estimate of its time: 45 to 53 million were measured for a plug-in's
 * score of one line on 5,000 nodes of a 2026 server; dearer scores and slower machines need room.
 */
const CHECKS_PER_SECOND = 3e7;

/** The time of a run, with what policies that scan may look at. */
function timeOf(size: Estimate, policies: readonly PolicyCost[]): TimeRange {
  const scans = policies.some(({ tier }) => tier === 'scan')
    ? size.pods * size.nodesOfLargestCluster
    : 0;
  return estimateTime(size, scans, CHECKS_PER_SECOND);
}

/** Says what cannot work, will take long or rests on figures that nobody confirms. */
export function warningsOf(
  scenario: Scenario,
  size: Estimate,
  policies: readonly PolicyCost[],
): readonly string[] {
  const warnings: string[] = [];
  for (const [name, key] of RESOURCES) {
    const { demandMean, demandPeak, capacity, capacityMax } = size;
    if (demandMean[key] > capacityMax[key]) {
      warnings.push(`mean demand for ${name} is above the capacity of the whole fleet`);
    } else if (demandPeak[key] > capacityMax[key]) {
      warnings.push(`peak demand for ${name} is above the capacity of the whole fleet`);
    } else if (demandPeak[key] > capacity[key]) {
      warnings.push(`peak demand for ${name} needs nodes that elastic pools must add`);
    }
  }
  for (const policy of policies) {
    if (policy.tier !== 'scan') continue;
    const checks = size.pods * size.nodesOfLargestCluster;
    const cost = `up to ${formatCount(size.nodesOfLargestCluster)} nodes a decision, up to ${formatCount(checks)} checks`;
    const seconds = checks / CHECKS_PER_SECOND;
    const time = seconds >= 1 ? `, about ${formatDuration(Math.round(seconds) * 1e6)}` : '';
    warnings.push(`${policy.scheduling} scans every node: ${cost}${time}`);
  }
  warnings.push(...hastyReturns(scenario));
  const { unverified } = scenario;
  if (unverified.length > 0) {
    warnings.push(`no source confirms the figures of ${unverified.join(', ')}`);
  }
  return warnings;
}

/** An elastic pool asks for nodes this often: a boot starts that much after the pod waits, at most. */
const SCAN_US = 10e6;

/** Pods that a cluster gives back before the nodes that it boots for them are up are never served by those nodes. */
function hastyReturns({ clusters, placement, providers }: Scenario): string[] {
  const { returnAfterUs } = placement;
  if (returnAfterUs === null || clusters.length < 2) return [];
  const hasty = clusters.filter(({ pools, provider }) => {
    const law = providers.find(({ name }) => name === provider)?.bootUs;
    const isElastic = pools.some((pool) => pool.max > pool.count);
    return isElastic && law !== undefined && meanOf(law) + SCAN_US > returnAfterUs;
  });
  if (hasty.length === 0) return [];
  const names = hasty.map(({ name }) => name).join(', ');
  const after = formatDuration(returnAfterUs);
  return [
    `pods leave ${names} after ${after} (placement.returnAfter), before a node boots for them`,
  ];
}

const RESOURCES = [
  ['cpu', 'cpuMillicores'],
  ['memory', 'memoryBytes'],
  ['GPUs', 'gpuMilli'],
] as const satisfies readonly (readonly [string, keyof Amounts])[];

function printAmount(key: keyof Amounts, value: number): string {
  if (key === 'memoryBytes') return formatMemory(value);
  if (key === 'gpuMilli') return formatCount(value / 1000);
  return value < 1000 ? formatCpu(Math.round(value)) : formatCount(Math.round(value / 1000));
}

function report(
  { scenario, seed }: LoadedScenario,
  size: Estimate & { readonly time: TimeRange },
  policies: readonly PolicyCost[],
  warnings: readonly string[],
): string {
  const hasTrace = size.workloads.some((workload) => workload.trace !== null);
  const grows = size.nodesMax > size.nodes ? `, ${formatCount(size.nodesMax)} at most` : '';
  const lines = [
    `VALID  ${scenario.name}  ${scenario.question}`,
    `fleet      ${plural(size.clusters, 'cluster')}, ${plural(size.nodes, 'node')}${grows}, ` +
      `${plural(size.regions, 'region')}, ${plural(size.zones, 'zone')}`,
    `horizon    ${formatDuration(scenario.horizonUs)}, seed ${seed ?? 'drawn by each run'}`,
    ...describeKubernetesInput(scenario),
    ...size.workloads.map(workloadLine),
    ...RESOURCES.filter(([, key]) => size.capacityMax[key] > 0 && size.demandPeak[key] > 0).map(
      ([name, key]) => demandLine(name, key, size),
    ),
    ...policies.map(
      (policy) =>
        `policy     ${policy.scheduling} (${policy.tier}), queueing ${policy.queueing}, ` +
        `on ${plural(policy.clusters, 'cluster')}`,
    ),
    `placement  ${scenario.policies.placement.use}`,
    `estimate   ${formatCount(size.pods)} pods, about ${formatCount(size.events)} events, ` +
      `${formatMemory(Math.round(size.memoryBytes))} of memory, ${secondsText(size.time.least)} to ` +
      `${secondsText(size.time.most)} of one core${hasTrace ? ', traces not counted' : ''}`,
    ...warnings.map((warning) => `! ${warning}`),
  ];
  return `${lines.join('\n')}\n`;
}

function secondsText(seconds: number): string {
  return formatDuration(seconds < 10 ? Math.round(seconds * 10) * 1e5 : Math.round(seconds) * 1e6);
}

function plural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function workloadLine(workload: Estimate['workloads'][number]): string {
  const { name, kind, trace, pods, runningMean } = workload;
  const size =
    trace === null
      ? `${formatCount(pods!)} pods, ${formatCount(Math.round(runningMean!))} running on average`
      : `from ${trace}`;
  return `workload   ${name} (${kind}): ${size}`;
}

function demandLine(name: string, key: keyof Amounts, size: Estimate): string {
  const mean = size.demandMean[key];
  const capacity = size.capacityMax[key];
  return (
    `${name.padEnd(10)} ${printAmount(key, mean)} wanted on average ` +
    `(${formatRatio(mean / capacity)}), ${printAmount(key, size.demandPeak[key])} at the peak, ` +
    `of ${printAmount(key, capacity)}`
  );
}
