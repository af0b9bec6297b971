/** Reads a study file, and the axes of a command line, into a study. */
import { type Issue, ScenarioError } from '../base/errors.ts';
import { folderOf, joinPath } from './files.ts';
import type { Path } from './located.ts';
import { Problems, shorten } from './problems.ts';
import { readYaml } from './read-yaml.ts';
import type { AxisPoint, Design, PlacedText, Setting, Study, StudyAxis } from './study.ts';
import { SCENARIO_AXIS } from './study.ts';
import { type RawAxis, type RawStudy, studySchema } from './study-schema.ts';
import {
  canonicalText,
  canonicalValue,
  isRange,
  parseRange,
  type Range,
  rangeCount,
  rangeValue,
  splitValues,
  VALUES_MAX,
} from './study-values.ts';

/** True if the text of a file is meant as a study: it says so, or has axes, which no scenario has. */
export function isStudyText(text: string): boolean {
  const { node } = readYaml(text);
  return node?.kind === 'map' && (node.entries.has('orrery-study') || node.entries.has('axes'));
}

/**
 * Reads a study.
 *
 * @param path of the file, to which paths of scenarios are relative
 * @throws ScenarioError (exit 2) with every issue: file, line, column, value, expectation and hint
 */
export function loadStudy(path: string, text: string): Study {
  const { node, issues } = readYaml(text, path);
  if (node === null) throw new ScenarioError(issues);
  const problems = new Problems(node);
  for (const issue of issues) problems.foreign(issue);
  const shape = studySchema.safeParse(problems.raw);
  if (!shape.success) problems.schema(shape.error.issues);
  if (node.kind !== 'map') problems.fail();
  const study = new StudyReader(problems, path).read(problems.raw as RawStudy);
  problems.fail();
  return study;
}

class StudyReader {
  private readonly problems: Problems;
  private readonly folder: string;

  constructor(problems: Problems, path: string) {
    this.problems = problems;
    this.folder = folderOf(path);
  }

  /** Reads what is right; what is wrong was noted. */
  read(raw: RawStudy): Study {
    const { problems } = this;
    const isRight = (key: string): boolean => !problems.hasIssueIn([key]);
    const design = this.design(isRight('design') ? raw.design : undefined);
    const axes = problems.isBrokenAt(['axes']) ? [] : Object.entries(raw.axes ?? {});
    if (axes.length === 0 && isRight('axes')) problems.at(['axes'], 'at least one axis');
    const scenarios = isRight('scenario') ? [raw.scenario].flat() : [];
    const study: Study = {
      name: raw.name,
      question: raw.question ?? '',
      scenarios: scenarios.map((text, i) => {
        const path = ['scenario', ...(typeof raw.scenario === 'string' ? [] : [i])];
        const place = problems.places.ofValue(path);
        return { text: joinPath(this.folder, text), place };
      }),
      set: isRight('set') ? this.settings(raw.set ?? {}, ['set']) : [],
      axes: axes.flatMap(([name, axis]) =>
        problems.hasIssueIn(['axes', name]) ? [] : [this.axis(name, axis, design)],
      ),
      design,
      replications: raw.replications ?? 1,
      seed: raw.seed ?? null,
      baseline: raw.baseline === undefined ? null : this.placed(raw.baseline, ['baseline']),
      metrics: isRight('metrics')
        ? (raw.metrics?.map((text, i) => this.placed(text, ['metrics', i])) ?? null)
        : null,
    };
    this.checkRanges(study);
    this.checkKeys(study);
    return study;
  }

  private placed(text: string, path: Path): PlacedText {
    return { text, place: this.problems.places.ofValue(path) };
  }

  private design(raw: RawStudy['design']): Design {
    if (raw === undefined || raw === 'grid') return { kind: 'grid' };
    return { kind: 'lhs', points: raw.lhs.points, seed: raw.lhs.seed ?? null };
  }

  private settings(raw: Readonly<Record<string, unknown>>, path: Path): Setting[] {
    return Object.entries(raw).map(([key, value]) => ({
      key,
      value: canonicalValue(value),
      place: this.problems.places.ofValue([...path, key]),
    }));
  }

  private axis(name: string, raw: RawAxis, design: Design): StudyAxis {
    const isPlain = typeof raw === 'string' || Array.isArray(raw);
    const path = ['axes', name, ...(isPlain ? [] : ['values'])];
    const values = isPlain ? raw : raw.values;
    const key = isPlain ? name : raw.key;
    if (name === SCENARIO_AXIS) {
      this.problems.at(['axes', name], 'another name', {
        hint: 'several scenarios are listed as scenario: [a.yaml, b.yaml]',
        atKey: true,
      });
    }
    if (typeof values !== 'string') {
      const points = values.map((item, i) => this.point(item, key, [...path, i]));
      return { kind: 'list', name, points: this.distinct(points, path) };
    }
    const range = parseRange(values) as Range;
    const place = this.problems.places.ofValue(path);
    if (design.kind === 'lhs') return { kind: 'range', name, key, range, place };
    if (range.step === null) {
      this.problems.at(path, 'range(from,to,step)', {
        hint: 'a grid needs the step; without one there is design: {lhs: {points: 20}}',
      });
      return { kind: 'list', name, points: [] };
    }
    return { kind: 'list', name, points: rangePoints(range, key, place) };
  }

  private point(
    item: string | number | boolean | { name: string; set: Readonly<Record<string, unknown>> },
    key: string,
    path: Path,
  ): AxisPoint {
    if (typeof item === 'object') {
      return { label: item.name, settings: this.settings(item.set, [...path, 'set']) };
    }
    const place = this.problems.places.ofValue(path);
    return { label: String(item), settings: [{ key, value: canonicalValue(item), place }] };
  }

  private distinct(points: readonly AxisPoint[], path: Path): readonly AxisPoint[] {
    const seen = new Set<string>();
    for (const [i, { label, settings }] of points.entries()) {
      if (seen.has(label)) this.problems.at([...path, i], 'values that differ', { value: label });
      if (settings.length === 0) this.problems.at([...path, i, 'set'], 'at least one field');
      seen.add(label);
    }
    return points;
  }

  /** A hypercube without ranges has nothing to sample. */
  private checkRanges({ design, axes }: Study): void {
    if (design.kind === 'grid' || axes.some(({ kind }) => kind === 'range')) return;
    if (this.problems.hasIssueIn(['axes'])) return;
    const hint = 'such as growth: range(0,0.4); lists alone are a grid';
    this.problems.at(['design', 'lhs'], 'at least one axis that is a range', { hint });
  }

  /** What two parts of a study set, one of them would win without a word. */
  private checkKeys(study: Study): void {
    const owners = new Map<string, string>(study.set.map(({ key }) => [key, 'set']));
    if (owners.has('seed')) this.refuseSeed(['set', 'seed']);
    for (const axis of study.axes) {
      for (const key of keysOf(axis)) {
        if (key === 'seed') this.refuseSeed(['axes', axis.name]);
        const owner = owners.get(key);
        if (owner !== undefined) {
          const hint = `${key} is also set by ${owner === 'set' ? 'set' : `axis ${owner}`}`;
          this.problems.at(['axes', axis.name], 'fields that nothing else sets', {
            hint,
            atKey: true,
          });
        }
      }
      for (const key of keysOf(axis)) owners.set(key, axis.name);
    }
  }

  private refuseSeed(path: Path): void {
    this.problems.at(path, 'a field other than seed', { hint: SEED_HINT, atKey: true });
  }
}

const SEED_HINT = 'the study has one seed; replications differ in their luck';

/** The fields that an axis sets. *Order*: as written, each once. */
export function keysOf(axis: StudyAxis): readonly string[] {
  if (axis.kind === 'range') return [axis.key];
  return [...new Set(axis.points.flatMap((p) => p.settings.map(({ key }) => key)))];
}

function rangePoints(range: Range, key: string, place: Setting['place']): AxisPoint[] {
  return Array.from({ length: rangeCount(range) }, (_, i) => {
    const value = rangeValue(range, i);
    return { label: value, settings: [{ key, value, place }] };
  });
}

/** What the words after the file of a command line say. */
export interface Assignments {
  readonly axes: readonly StudyAxis[];
  readonly set: readonly Setting[];
}

/**
 * Reads `key=value`, `key=a,b,c` and `key=range(0,0.4,0.1)`: several values make an axis that is named after its key.
 *
 * @param texts without the seed, which is no axis
 * @throws ScenarioError (exit 2) with every issue
 */
export function readAssignments(texts: readonly string[]): Assignments {
  const axes: StudyAxis[] = [];
  const set: Setting[] = [];
  const issues: Issue[] = [];
  const seen = new Set<string>();
  for (const text of texts) {
    const [, key, value] = /^([^=\s]+)=(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      const hint = 'such as policies.scheduling=best-fit,first-fit or horizon=6h';
      issues.push({
        path: '',
        value: JSON.stringify(text),
        expected: 'key=values after the file',
        hint,
      });
      continue;
    }
    if (seen.has(key)) issues.push({ path: key, expected: 'each field only once' });
    seen.add(key);
    if (key === 'seed') {
      issues.push({ path: key, value: shorten(value), expected: 'one seed', hint: SEED_HINT });
    }
    const read = readValues(key, value);
    if ('expected' in read) issues.push({ path: key, value: shorten(value), ...read });
    else if (read.length === 1 && !isRange(value)) set.push(read[0]!.settings[0]!);
    else axes.push({ kind: 'list', name: key, points: read });
  }
  if (issues.length > 0) throw new ScenarioError(issues);
  return { axes, set };
}

function readValues(
  key: string,
  text: string,
): readonly AxisPoint[] | { readonly expected: string; readonly hint?: string } {
  if (isRange(text)) {
    const range = parseRange(text);
    if ('expected' in range) return range;
    if (range.step !== null) return rangePoints(range, key, {});
    const hint = 'a range without a step is for a Latin hypercube, in a study file';
    return { expected: 'range(from,to,step)', hint };
  }
  const parts = splitValues(text);
  if (parts.includes('')) return { expected: 'values with one comma between them' };
  const values = parts.map(canonicalText);
  if (values.length > VALUES_MAX) return { expected: `at most ${VALUES_MAX} values` };
  if (new Set(values).size < values.length) return { expected: 'values that differ' };
  return values.map((value) => ({ label: labelOf(value), settings: [{ key, value, place: {} }] }));
}

/** A quoted text is called by what is in the quotes. */
function labelOf(value: string): string {
  return value.startsWith('"') ? (JSON.parse(value) as string) : value;
}
