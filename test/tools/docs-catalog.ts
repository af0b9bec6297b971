/** The reference of metrics and of policies, as Markdown, from the catalogue and the registry. */
import { CONTRACTS } from '../../src/contracts/registry.ts';
import { simulate } from '../../src/index.ts';
import { builtinRegistry } from '../../src/policies/builtin.ts';
import type { MetricResult } from '../../src/results/bundle.ts';
import { CATALOG } from '../../src/results/catalog.ts';
import { cell } from './docs-schema.ts';

/** A small fleet in which everything that metrics count happens at least once. */
const EVENTFUL = {
  name: 'eventful',
  horizon: '4h',
  fleet: {
    machineTypes: [
      {
        name: 'm',
        cpu: 8,
        memory: '32Gi',
        gpus: { model: 'T4', count: 1 },
        prices: { owned: '$1/h' },
      },
    ],
    clusters: [{ name: 'c-{a,b}', pools: [{ machineType: 'm', count: 4 }] }],
  },
  workloads: [
    {
      name: 'w',
      kind: 'job',
      arrivals: { poisson: '60/h' },
      duration: '10m',
      pod: { cpu: 4, memory: '1Gi', gpus: '100m' },
    },
  ],
  failures: [
    { model: 'node', mtbf: '2h', repair: '20m' },
    { outage: 'cluster/c-a', at: '1h', for: '1h' },
  ],
};

/** Writes one row per metric, then the label sets under which a bundle has it. */
export async function metricsReference(): Promise<string> {
  const { result } = await simulate(EVENTFUL, { seed: 1 });
  const rows = CATALOG.map(
    (m) => `| \`${m.name}\` | ${m.kind} | ${m.unit} | ${m.direction} | ${cell(m.definition)} |`,
  );
  const sets = CATALOG.map((m) => `| \`${m.name}\` | ${labelSets(m.name, result.metrics)} |`);
  return [
    '## Metrics',
    `| metric | kind | unit | better | definition |\n|---|---|---|---|---|\n${rows.join('\n')}`,
    '## Label sets',
    'A bundle keeps aggregates, not every combination of labels. These are the sets that a result has; a selector that ' +
      'names other labels finds nothing, and a threshold on it fails (unless it says `allow-empty`).',
    `| metric | label sets |\n|---|---|\n${sets.join('\n')}`,
  ].join('\n\n');
}

function labelSets(name: string, metrics: readonly MetricResult[]): string {
  const sets = metrics.filter((m) => m.name === name).map((m) => Object.keys(m.labels).sort());
  const texts = new Set(
    sets
      .sort((a, b) => a.length - b.length || (a.join() < b.join() ? -1 : 1))
      .map((set) => `\`{${set.join(', ')}}\``),
  );
  return [...texts].join(' ');
}

const QUESTIONS: Readonly<Record<string, string>> = {
  failures: 'What breaks, when, for how long?',
  placement: 'Which clusters get the pods, and how many each?',
  queueing: 'Which pod is tried next?',
  scheduling: 'Which node gets a pod, or which job starts?',
};

/** Writes every built-in policy with its summary, formula and parameters, by contract. */
export function policiesReference(): string {
  const all = builtinRegistry().all();
  return CONTRACTS.map((contract) => {
    const entries = all.filter((policy) => policy.contract === contract);
    const texts = entries.map((policy) => {
      const help = policy.params === undefined ? {} : (policy.paramsHelp ?? {});
      const rows = Object.entries(help).map(([key, text]) => `| \`${key}\` | ${cell(text)} |`);
      const parts = [`### ${contract}: \`${policy.name}\``, policy.summary];
      if (policy.formula !== undefined) parts.push(`Formula: \`${policy.formula}\``);
      parts.push(
        rows.length === 0
          ? 'No parameters.'
          : `| parameter | meaning |\n|---|---|\n${rows.join('\n')}`,
      );
      return parts.join('\n\n');
    });
    return [`## ${contract}`, `*${QUESTIONS[contract]}*`, ...texts].join('\n\n');
  }).join('\n\n');
}
