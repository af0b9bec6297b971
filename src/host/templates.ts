/** The scenario templates of this installation: YAML files that run as they are, each with its purpose on top. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { ScenarioError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { readText } from './files.ts';
import { packagePath } from './version.ts';

const SCHEMA_LINE = /^# yaml-language-server: \$schema=.*\n/;

/** Names the templates. *Order*: by name, code units. */
export function templateNames(): string[] {
  const folder = packagePath('scenarios', 'templates');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/**
 * Reads a template as it lies in the package.
 *
 * @throws ScenarioError (exit 2) with the nearest name for an unknown one
 */
export function readTemplate(name: string): string {
  const names = templateNames();
  if (!names.includes(name)) {
    const near = nearest(name, names);
    const hint = near ? `did you mean ${near}?` : 'orrery init --list shows them';
    const expected = 'the name of a template';
    throw new ScenarioError([{ path: '--template', value: JSON.stringify(name), expected, hint }]);
  }
  return readText(packagePath('scenarios', 'templates', `${name}.yaml`));
}

/** The sentence that a template has behind its name: what it is for. */
export function purposeOf(template: string): string {
  const match = /^# Template "[^"]+": ((?:.*\n# ?)*?.*?[.])(?:\n| )/m.exec(template);
  return (match?.[1] ?? '').replaceAll(/\n# ?/g, ' ');
}

/**
 * Points the first line, by which editors find the JSON Schema, to this installation; drops it if there is no schema.
 *
 * @param folder where the file will lie
 */
export function withSchema(template: string, folder: string): string {
  const schema = packagePath('schema', 'scenario.schema.json');
  if (!existsSync(schema)) return template.replace(SCHEMA_LINE, '');
  const path = relative(resolve(folder), join(schema)).split(sep).join('/');
  return template.replace(SCHEMA_LINE, () => `# yaml-language-server: $schema=${path}\n`);
}
