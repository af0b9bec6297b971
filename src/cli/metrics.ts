/** `orrery metrics`: the catalogue of metrics, for thresholds and for readers of results. */
import { Command, Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { CATALOG, findMetric, type MetricInfo, suggestMetric } from '../results/catalog.ts';

const EXAMPLES = `Examples:
  orrery metrics
  orrery metrics pod_wait_seconds
  orrery metrics --format json

`;

/** Makes the verb. */
export function metricsCommand(): Command {
  return new Command('metrics')
    .description('list the metrics: kind, unit, better direction, labels and definition')
    .argument('[name]', 'one metric')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .addHelpText('before', EXAMPLES)
    .action((name: string | undefined, options: { readonly format: 'text' | 'json' }) => {
      const metrics = name === undefined ? CATALOG : [find(name)];
      process.stdout.write(
        options.format === 'json'
          ? `${JSON.stringify(metrics, null, 2)}\n`
          : metrics.map(describe).join('\n'),
      );
    });
}

function find(name: string): MetricInfo {
  const metric = findMetric(name);
  if (metric !== undefined) return metric;
  const near = suggestMetric(name);
  const hint = near === null ? 'orrery metrics lists them' : `did you mean ${near}?`;
  const value = JSON.stringify(name);
  throw new ScenarioError([{ path: 'metric', value, expected: 'the name of a metric', hint }]);
}

function describe({ definition, direction, kind, labels, name, unit }: MetricInfo): string {
  const better = direction === 'neutral' ? '' : `, ${direction} is better`;
  return `${name}\n  ${kind} in ${unit}${better}; labels: ${labels.join(', ')}\n  ${definition}\n`;
}
