/** `orrery policies`: what can be chosen, and by which formula it chooses. */
import { Command, Option } from 'commander';
import { ScenarioError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { AnyPolicy } from '../contracts/policy.ts';
import { CONTRACTS } from '../contracts/registry.ts';
import { loadRegistry } from '../host/plugins.ts';
import { pluginOption } from './inputs.ts';

interface PoliciesOptions {
  readonly format: 'text' | 'json';
  readonly plugin: readonly string[];
}

const EXAMPLES = `Examples:
  orrery policies
  orrery policies fgd/fgd
  orrery policies scheduling --format json

`;

/** Makes the verb. */
export function policiesCommand(): Command {
  return new Command('policies')
    .description('list the policies, or explain one')
    .argument('[name]', 'a policy, such as fgd/fgd, or a contract, such as scheduling')
    .addOption(
      new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text'),
    )
    .addOption(pluginOption())
    .addHelpText('before', EXAMPLES)
    .action(async (name: string | undefined, options: PoliciesOptions) => {
      const { registry } = await loadRegistry(options.plugin);
      const all = registry.all();
      const chosen = name === undefined ? all : choose(all, name);
      const isOne = chosen.length > 0 && chosen.every((policy) => policy.name === name);
      if (options.format === 'json') {
        process.stdout.write(`${JSON.stringify(chosen.map(asData), null, 2)}\n`);
      } else process.stdout.write(isOne ? chosen.map(details).join('\n') : listing(chosen));
    });
}

/** All policies of that name (contracts may share one), or of that contract. */
function choose(all: readonly AnyPolicy[], name: string): readonly AnyPolicy[] {
  const chosen = all.filter((policy) => policy.name === name || policy.contract === name);
  if (chosen.length > 0) return chosen;
  const near = nearest(name, [...all.map((policy) => policy.name), ...CONTRACTS]);
  const hint = near ? `did you mean ${near}?` : 'orrery policies lists them';
  throw new ScenarioError([
    { path: '', value: JSON.stringify(name), expected: 'the name of a policy or contract', hint },
  ]);
}

function asData(policy: AnyPolicy) {
  const { contract, name, summary } = policy;
  const params = policy.params === undefined ? {} : (policy.paramsHelp ?? {});
  return { contract, name, summary, formula: policy.formula ?? null, params };
}

function listing(policies: readonly AnyPolicy[]): string {
  const width = Math.max(0, ...policies.map((policy) => policy.name.length));
  const groups = CONTRACTS.map((contract) => {
    const rows = policies
      .filter((policy) => policy.contract === contract)
      .map((policy) => `  ${policy.name.padEnd(width)}  ${policy.summary}\n`);
    return rows.length === 0 ? '' : `${contract}\n${rows.join('')}`;
  });
  return groups.filter((group) => group !== '').join('\n');
}

function details(policy: AnyPolicy): string {
  const { name, contract, summary, formula, params } = asData(policy);
  const lines = [`${name} (${contract})`, `  ${summary}`];
  if (formula !== null) lines.push('', `  formula: ${formula}`);
  const entries = Object.entries(params);
  if (entries.length === 0) lines.push('', '  takes no parameters');
  else lines.push('', '  parameters:', ...entries.map(([key, help]) => `    ${key}: ${help}`));
  return `${lines.join('\n')}\n`;
}
