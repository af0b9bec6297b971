/** The shape of a study file, strict: types come from here, and so does its JSON Schema. */
import * as z from 'zod';
import { choice, listOf, mapOf, name, shape, text, whole } from './schema-values.ts';
import { isRange, parseRange } from './study-values.ts';

/** Points of a Latin hypercube at most. */
const POINTS_MAX = 10_000;
/** Replications of a point at most. */
export const REPLICATIONS_MAX = 10_000;

const SEED_MAX = Number.MAX_SAFE_INTEGER;

const VALUE = 'a value for a field of the scenario';
/** Anything that YAML can write but nothing. */
const fieldValue = z
  .custom<unknown>((raw) => raw !== null && raw !== undefined, { error: VALUE })
  .meta({ id: 'FieldValue', description: 'A value as in the scenario file.' });

const settings = z
  .record(
    z
      .custom<string>((raw) => typeof raw === 'string' && /^[^\s=]+$/.test(raw), {
        error: 'the path of a field, such as policies.scheduling or workloads.web.pod.cpu',
      })
      .meta({ type: 'string', pattern: '^[^\\s=]+$' }),
    fieldValue,
    { error: 'fields of the scenario, values by path' },
  )
  .meta({ id: 'Settings', examples: [{ 'policies.scheduling': 'best-fit' }] });

const ITEM = 'a value, or a point with name and set';
const item = z.union(
  [
    z.string({ error: ITEM }),
    z.number({ error: ITEM }),
    z.boolean({ error: ITEM }),
    shape('a point of an axis', {
      name: name.describe('How the point is called in tables and folders.'),
      set: settings.describe('The fields that this point sets together, by path.'),
    }),
  ],
  { error: ITEM },
);

const items = listOf('a list of values or points', item).min(1, { error: 'at least one value' });

function rangeError(input: unknown, otherwise: string): string {
  const parsed = typeof input === 'string' && isRange(input) ? parseRange(input) : null;
  if (parsed === null || !('expected' in parsed)) return otherwise;
  return parsed.hint === undefined ? parsed.expected : `${parsed.expected}\n${parsed.hint}`;
}

const range = z
  .custom<string>(
    (raw) => typeof raw === 'string' && isRange(raw) && !('expected' in parseRange(raw)),
    { error: 'range(from,to) or range(from,to,step)' },
  )
  .meta({
    id: 'Range',
    description:
      'Numbers of one unit, both ends included: range(from,to,step); without a step only for a Latin hypercube.',
    examples: ['range(0,0.4,0.1)', 'range(80/s,120/s,10/s)'],
    type: 'string',
    pattern: '^ *range *\\(.*\\) *$',
  });

const AXIS = 'a list of values, range(from,to,step), or a map with key and values';
const axis = z.union(
  [
    items.describe('Values of the field that the axis is named after, or points.'),
    range.describe('Values of the field that the axis is named after.'),
    shape('an axis', {
      key: text('the path of a field, such as workloads.web.arrivals.poisson').describe(
        'The field that is varied; the name of the axis is free then.',
      ),
      values: z
        .union([items, range], {
          error: ({ input }) => rangeError(input, 'a list of values, or range(from,to,step)'),
        })
        .describe('Its values.'),
    }),
  ],
  { error: ({ input }) => rangeError(input, AXIS) },
);

const paths = z.union(
  [
    text('the path of a scenario file'),
    listOf('a list of scenario files', text('the path of a scenario file')).min(1, {
      error: 'at least one scenario file',
    }),
  ],
  { error: 'the path of a scenario file, or a list of them' },
);

const design = z.union(
  [
    choice(['grid']),
    shape('a design', {
      lhs: shape('a Latin hypercube', {
        points: whole(1, POINTS_MAX).describe('How many points are sampled from the ranges.'),
        seed: whole(0, SEED_MAX)
          .optional()
          .describe('Seed of the sample; default the seed of the study.'),
      }).describe(
        'Ranges are sampled together, each in as many strata as points; lists are crossed with the sample.',
      ),
    }),
  ],
  { error: 'grid, or a map with lhs' },
);

/** A study file. */
export const studySchema = shape('a study', {
  'orrery-study': z
    .literal(1, { error: '1, the version of the format' })
    .describe('Version of the format; tells a study from a scenario.'),
  name: name.describe('Name of the study and of its folder of results.'),
  question: text('the question that the study answers').optional().describe('For people.'),
  scenario: paths.describe(
    'The scenario that is varied, relative to this file; several are compared side by side.',
  ),
  set: settings.optional().describe('Fields that every point sets, before its axes.'),
  axes: mapOf('axes by name', axis).describe('What is varied.'),
  design: design
    .optional()
    .describe('How points are made of axes; default grid: every combination.'),
  replications: whole(1, REPLICATIONS_MAX)
    .optional()
    .describe(
      'Runs of each point, which differ in their luck; default 1. Intervals need at least 2.',
    ),
  seed: whole(0, SEED_MAX)
    .optional()
    .describe('Seed of all runs; default that of the scenario, else one is drawn and kept.'),
  baseline: text('the name of a point, or of a value of an axis')
    .optional()
    .describe(
      'What the others are compared with; default the first policy, where policies are varied.',
    ),
  metrics: listOf(
    'a list of metrics',
    text('a metric, such as cost_dollars or pod_wait_seconds p(99)'),
  )
    .min(1, { error: 'at least one metric' })
    .optional()
    .describe('What is compared; default every metric that has a better side.'),
});

/** A study as written, once its shape is right. */
export type RawStudy = z.infer<typeof studySchema>;
/** An axis as written. */
export type RawAxis = RawStudy['axes'][string];

/** Gives the JSON Schema of study files (draft 2020-12) with descriptions and examples, for editors. */
export function studyJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(studySchema, {
    target: 'draft-2020-12',
    io: 'input',
    unrepresentable: 'any',
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Orrery study',
    description:
      'Scenarios, what is varied in them, how often each point runs and what is compared.',
    ...schema,
  };
}
