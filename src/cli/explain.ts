/** `orrery explain`: why a pod went where it went, or why it waits, node by node, on re-simulation. */
import { Command, Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { parseDuration } from '../base/units.ts';
import { explainPod } from '../host/explain.ts';
import { loadRegistry } from '../host/plugins.ts';
import { orreryVersion } from '../host/version.ts';
import { PodExplainer } from '../run/explain.ts';
import { explainText } from './explain-text.ts';
import { checkPolicies, pluginOption, readScenario } from './inputs.ts';

interface ExplainOptions {
  readonly at?: string;
  readonly seed?: string;
  readonly plugin: readonly string[];
  readonly nodes: string;
  readonly format: 'text' | 'json';
}

const EXAMPLES = `Examples:
  orrery explain pod urgent/1 --at 18m5s scenarios/preemption.yaml --seed 42
  orrery explain pod jobs/17 --at 2h scenarios/quickstart.yaml --seed 42
  orrery explain pod jobs/17 mine.yaml policies.scheduling=best-fit --seed 1 --format json

`;

/** Makes the verb. */
export function explainCommand(): Command {
  const verb = new Command('explain')
    .description('say why a pod was placed where it was, or refused, by simulating again')
    .addHelpText('before', EXAMPLES);
  const pod = new Command('pod')
    .description('filters, scores and ties of the last attempt of one pod')
    .argument('<name>', 'workload and number of the pod, such as web/0')
    .argument('<file>', 'scenario file; - reads stdin')
    .argument('[overrides...]', 'fields of the scenario as key=value')
    .option(
      '--at <instant>',
      'its last attempt up to then; none given: the first that found a node',
    )
    .option('--seed <n>', 'seed of all draws; that of the run in question')
    .addOption(pluginOption())
    .option('--nodes <n>', 'how many nodes to show of each kind', '10')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .action(async (name: string, file: string, overrides: string[], options: ExplainOptions) => {
      process.stdout.write(await explain({ name, file, overrides }, options));
    });
  return verb.addCommand(pod.exitOverride());
}

async function explain(
  what: { readonly name: string; readonly file: string; readonly overrides: readonly string[] },
  options: ExplainOptions,
): Promise<string> {
  const loaded = readScenario(what.file, what.overrides, options.seed);
  const { scenario } = loaded;
  if (loaded.seed === null) {
    const expected = 'the seed of the run in question';
    throw new ScenarioError([
      { path: 'seed', expected, hint: 'the manifest of its bundle has it' },
    ]);
  }
  const atUs = options.at === undefined ? null : parseInstant(options.at);
  const most = parseCount(options.nodes);
  const explainer = new PodExplainer(scenario, what.name, atUs);
  const { registry, plugins } = await loadRegistry(options.plugin);
  checkPolicies(loaded, registry);
  await explainPod({
    scenario,
    seed: loaded.seed,
    registry,
    explainer,
    manifest: {
      scenarioSha256: loaded.sha256,
      inputs: loaded.inputs,
      overrides: loaded.overrides,
      plugins,
      orreryVersion: orreryVersion(),
    },
  });
  const { attempts, last } = explainer;
  if (last === null) {
    const until = options.at === undefined ? 'in the whole run' : `up to ${options.at}`;
    throw new ScenarioError([
      {
        path: 'pod',
        value: what.name,
        expected: `a pod that was tried ${until}: this one was not`,
      },
    ]);
  }
  if (options.format === 'json') {
    return `${JSON.stringify({ schema: 'orrery.explain/1', pod: what.name, attempts, ...last }, null, 2)}\n`;
  }
  return explainText(what.name, last, { attempts, most });
}

function parseInstant(text: string): number {
  const parsed = parseDuration(text);
  if ('value' in parsed) return parsed.value;
  throw new ScenarioError([
    { path: '--at', value: JSON.stringify(text), expected: parsed.expected },
  ]);
}

function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  const expected = 'a whole number of nodes';
  throw new ScenarioError([{ path: '--nodes', value: JSON.stringify(text), expected }]);
}
