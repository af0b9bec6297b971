/**
 * The leaves of the schema: quantities, numbers, names and choices. Each says what it expects as a noun phrase, which
 * becomes `Issue.expected`; a hint may follow on a second line (see {@link unpack}).
 */
import * as z from 'zod';
import type { Parsed } from '../base/units.ts';
import {
  parseCpu,
  parseDuration,
  parseGpus,
  parseMemory,
  parsePrice,
  parseRate,
  parseRatio,
} from '../base/units.ts';
import { parseWholeQuantity } from './kubernetes/quantity.ts';
import { RESERVED_NAMES } from './read-yaml.ts';

/** A quantity as written: text with a unit, or a number where the unit is implied. */
export type Quantity = string | number;

const FIELDS = new Map<string, readonly string[]>();

/** The fields of the map with this noun, for suggestions. */
export function fieldsOf(noun: string): readonly string[] {
  return FIELDS.get(noun) ?? [];
}

/**
 * Declares a map with fixed fields; any other key is an issue.
 *
 * @param noun what the map is, unique in the schema: `a pool`
 */
export function shape<S extends z.ZodRawShape>(noun: string, fields: S) {
  FIELDS.set(noun, Object.keys(fields));
  return z.strictObject(fields, { error: () => noun });
}

/** Declares a map of which exactly one field is given: the alternatives of a process or law. */
export function oneOf<S extends z.ZodRawShape>(noun: string, fields: S) {
  const error = `${noun}: exactly one of ${Object.keys(fields).join(', ')}`;
  return shape(noun, fields)
    .refine((value) => Object.keys(value as object).length === 1, { error })
    .meta({ minProperties: 1, maxProperties: 1 });
}

/** Packs an expectation and its hint into one message. */
function pack(expected: string, hint?: string): string {
  return hint === undefined ? expected : `${expected}\n${hint}`;
}

/** Takes a packed message apart. */
export function unpack(message: string): { expected: string; hint?: string } {
  const [expected, hint] = message.split('\n') as [string, string?];
  return hint === undefined ? { expected } : { expected, hint };
}

function quantity(parse: (raw: unknown) => Parsed, meta: z.GlobalMeta): z.ZodType<Quantity> {
  return z
    .custom<Quantity>((raw) => 'value' in parse(raw), {
      error: (issue) => {
        const parsed = parse(issue.input);
        return 'expected' in parsed ? pack(parsed.expected, parsed.hint) : '';
      },
    })
    .meta(meta);
}

/** Refuses zero where only a positive quantity makes sense. */
function positive(parse: (raw: unknown) => Parsed): (raw: unknown) => Parsed {
  return (raw) => {
    const parsed = parse(raw);
    return 'value' in parsed && parsed.value === 0
      ? { expected: positiveText(parse), hint: 'zero has no meaning here' }
      : parsed;
  };
}

/** The expectation of a parser, asked with something that no parser takes. */
function positiveText(parse: (raw: unknown) => Parsed): string {
  const parsed = parse(null);
  return 'expected' in parsed ? `${parsed.expected}, above 0` : '';
}

/** Reads a duration or one word instead, which reads as Infinity. */
function durationOr(word: string): (raw: unknown) => Parsed {
  return (raw) => {
    if (raw === word) return { value: Number.POSITIVE_INFINITY };
    const parsed = parseDuration(raw);
    return 'expected' in parsed
      ? { expected: `${parsed.expected}, or "${word}"`, hint: parsed.hint }
      : parsed;
  };
}

const TIME = '[0-9]+(\\.[0-9]+)? ?(w|d|h|m|s|ms|us) ?';
const durationMeta = {
  description: 'Time: w, d, h, m, s, ms, us, largest first. Kept as whole microseconds.',
  examples: ['90s', '5m', '1d10h'],
};
const durationText = { anyOf: [{ type: 'string', pattern: `^(${TIME})+$` }, { const: 0 }] };

/** A duration, zero included. */
export const duration = quantity(parseDuration, {
  id: 'Duration',
  ...durationMeta,
  ...durationText,
});
/** A duration above zero. */
export const positiveDuration = quantity(positive(parseDuration), {
  id: 'PositiveDuration',
  ...durationMeta,
  type: 'string',
  pattern: `^(${TIME})+$`,
});

const neverParse = durationOr('never');
/** A duration, or `never`, which {@link parseDurationOrNever} reads as Infinity. */
export const durationOrNever = quantity(neverParse, {
  id: 'DurationOrNever',
  description: 'Time, or never.',
  examples: ['5m', 'never'],
  anyOf: [...durationText.anyOf, { const: 'never' }],
});
/** Reads what {@link durationOrNever} accepts; never is Infinity. */
export const parseDurationOrNever = neverParse;

const foreverParse = durationOr('forever');
/** A duration, or `forever`, which {@link parseDurationOrForever} reads as Infinity. */
export const durationOrForever = quantity(foreverParse, {
  id: 'DurationOrForever',
  description: 'Time, or forever: never ends.',
  examples: ['5m', 'forever'],
  anyOf: [...durationText.anyOf, { const: 'forever' }],
});
/** Reads what {@link durationOrForever} accepts; forever is Infinity. */
export const parseDurationOrForever = foreverParse;

/** An amount of cpu. */
export const cpu = quantity(parseCpu, {
  id: 'Cpu',
  description: 'Cores, or millicores with m. Kept as whole millicores.',
  examples: ['500m', 2, '2.5'],
  anyOf: [
    { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?m?$' },
    { type: 'number', minimum: 0 },
  ],
});
/** An amount of memory. */
export const memory = quantity(parseMemory, {
  id: 'Memory',
  description: 'Ki, Mi, Gi, Ti, Pi binary (GiB is accepted); k, M, G, T, P decimal. Kept as bytes.',
  examples: ['64Gi', '512Mi', '1G'],
  anyOf: [
    { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)? ?([KMGTP](i?B?)|k|kB|B)$' },
    { const: 0 },
  ],
});
/** An amount of any resource in the full notation of Kubernetes, where a bare number is whole units (of memory: bytes). */
export const resourceQuantity = quantity(parseWholeQuantity, {
  id: 'ResourceQuantity',
  description:
    'As in Kubernetes: a number with n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei or an exponent. Exact; the sum of a pod is rounded up once.',
  examples: ['500m', '1.5Gi', 2],
  anyOf: [
    {
      type: 'string',
      pattern: '^\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,2}|[KMGTPE]i|[numkMGTPE])?$',
    },
    { type: 'number', minimum: 0 },
  ],
});
/** A request for GPUs. */
export const gpus = quantity(parseGpus, {
  id: 'Gpus',
  description: 'Whole devices, or a share of one device in thousandths. Kept as thousandths.',
  examples: [8, '250m'],
  anyOf: [
    { type: 'string', pattern: '^[0-9]+m?$' },
    { type: 'integer', minimum: 0, maximum: 31 },
  ],
});
/** A rate above zero. */
export const positiveRate = quantity(positive(parseRate), {
  id: 'Rate',
  description: 'Events per s, m, h or d. Kept per second.',
  examples: ['40/s', '100/h'],
  type: 'string',
  pattern: '^[0-9]+(\\.[0-9]+)?/[smhd]$',
});
/** A price per time. */
export const price = quantity(parsePrice, {
  id: 'Price',
  description: 'Dollars per h, day, month (730 h) or year (8,760 h). Kept per hour.',
  examples: ['$1.20/h', '$73/month'],
  anyOf: [
    { type: 'string', pattern: '^\\$[0-9]+(\\.[0-9]+)?/(h|hour|day|month|year)$' },
    { const: 0 },
  ],
});
const ratioText = { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)? ?%?$' };
/** A share from 0 to 1. */
export const ratio = quantity((raw) => parseRatio(raw), {
  id: 'Ratio',
  description: 'A share from 0 to 1, or a percentage.',
  examples: [0.8, '80%'],
  anyOf: [ratioText, { type: 'number', minimum: 0, maximum: 1 }],
});

/** Largest share of more than all: inflating a trace a hundredfold is the end of sense. */
export const SHARE_MAX = 100;
/** A share above 0 that may pass 1. */
export const share = quantity(
  positive((raw) => parseRatio(raw, SHARE_MAX)),
  {
    id: 'Share',
    description: 'A share that may pass 1, or a percentage.',
    examples: [1.3, '130%'],
    anyOf: [ratioText, { type: 'number', exclusiveMinimum: 0, maximum: SHARE_MAX }],
  },
);
/** Declares a whole number in a closed range. */
export function whole(min: number, max: number): z.ZodType<number> {
  const fits = (raw: unknown) =>
    Number.isSafeInteger(raw) && Number(raw) >= min && Number(raw) <= max;
  return z
    .custom<number>(fits, { error: `a whole number from ${min} to ${max}` })
    .meta({ type: 'integer', minimum: min, maximum: max });
}

/** Declares a finite number in a closed range; `above` excludes the lower end. */
export function real(min: number, max: number, above = false): z.ZodType<number> {
  const fits = (raw: unknown) =>
    typeof raw === 'number' && (above ? raw > min : raw >= min) && raw <= max;
  const range = above ? `above ${min}, at most ${max}` : `from ${min} to ${max}`;
  const low = above ? { exclusiveMinimum: min } : { minimum: min };
  return z
    .custom<number>(fits, { error: `a number ${range}` })
    .meta({ type: 'number', ...low, maximum: max });
}

/** Declares free text. */
export function text(noun: string): z.ZodString {
  return z.string({ error: noun });
}

/** True or false. */
export const flag = z.boolean({ error: 'true or false' });

/** Declares one of some words. */
export function choice<const T extends readonly [string, ...string[]]>(words: T) {
  return z.enum(words, {
    error: words.length === 1 ? `"${words[0]}"` : `one of ${words.join(', ')}`,
  });
}

/** Declares a list. */
export function listOf<T extends z.ZodType>(noun: string, item: T) {
  return z.array(item, { error: noun });
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/;
const NAME_TEXT =
  'a name of at most 63 letters, digits and . _ - /, starting with a letter or digit';

/** True for a name that is safe as a label, a key and part of a file name. */
export function isName(name: string): boolean {
  return NAME.test(name) && !RESERVED_NAMES.has(name);
}

/** What {@link isName} accepts, for messages. */
export const nameExpected = NAME_TEXT;

/** A name that stands for itself. */
export const name = z
  .string({ error: NAME_TEXT })
  .refine(isName, { error: NAME_TEXT })
  .meta({ id: 'Name', description: 'A name.', pattern: NAME.source, examples: ['web'] });

/** A name that may be a set, or hold `{name}`: checked once it is expanded. */
export const nameSet = z.string({ error: NAME_TEXT }).meta({
  id: 'NameSet',
  description: 'A name, or a set of names: c-{1..140}, c-{001..140}, idc-{a,b,c}.',
  examples: ['idc-a', 'idc-{a,b,c}', 'c-{001..140}'],
});

const KEY = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}$/;
const key = z
  .custom<string>((raw) => typeof raw === 'string' && KEY.test(raw), {
    error: 'a key of letters, digits and . _ - /, starting with a letter or digit',
  })
  .meta({ type: 'string', pattern: KEY.source });

/** Declares a map with free keys. */
export function mapOf<T extends z.ZodType>(noun: string, value: T) {
  return z.record(key, value, { error: noun });
}

const IMAGE = /^[A-Za-z0-9][A-Za-z0-9._/:@+-]{0,510}$/;
/** Declares a map with names of images as keys. */
export function mapOfImages<T extends z.ZodType>(noun: string, value: T) {
  const image = z
    .custom<string>((raw) => typeof raw === 'string' && IMAGE.test(raw), {
      error: 'the name of an image such as registry/app:1.2',
    })
    .meta({ type: 'string', pattern: IMAGE.source });
  return z.record(image, value, { error: noun });
}

/** Labels by name. */
export const labels = mapOf(
  'a map of labels, texts by name',
  z.string({ error: 'a text\nput quotes around it' }),
).meta({ id: 'Labels', description: 'Labels by name.', examples: [{ disk: 'ssd' }] });
