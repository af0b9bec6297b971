/** Node lists in the format of the OpenB trace: CSV with `sn,cpu_milli,memory_mib,gpu,model`. */
import type { Issue } from '../base/errors.ts';
import { GPU_COUNT_MAX } from '../base/units.ts';
import { shorten } from './problems.ts';
import type { MachineType } from './scenario.ts';

/** What a node list gives: nodes in file order, and one machine type per distinct (cpu, memory, GPUs, model). */
export interface NodeList {
  readonly nodes: readonly { readonly name: string; readonly machineType: string }[];
  readonly machineTypes: readonly MachineType[];
  readonly issues: readonly Issue[];
}

const COLUMNS = ['sn', 'cpu_milli', 'memory_mib', 'gpu', 'model'] as const;
const MIB = 1024 * 1024;
/** A file that is wrong on every line is told about on the first ones. */
const ISSUES_MAX = 20;

/**
 * Reads a node list. Machine types are named by their size (`openb-96000m-384Gi-8xG2`), are owned at $0 and take 110
 * pods; other columns are ignored.
 *
 * @param text the whole file
 * @param file its name in messages
 */
export function readNodeList(text: string, file: string): NodeList {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1) === '') lines.pop();
  const issues: Issue[] = [];
  const header = (lines[0] ?? '').split(',').map((cell) => cell.trim());
  const missing = COLUMNS.filter((column) => !header.includes(column));
  if (missing.length > 0 || lines.length < 2) {
    const expected =
      missing.length > 0 ? `the columns ${COLUMNS.join(', ')}` : 'at least one row of a node';
    const hint = missing.length > 0 ? `missing: ${missing.join(', ')}` : undefined;
    issues.push({ file, line: 1, column: 1, path: '', expected, hint });
    return { nodes: [], machineTypes: [], issues };
  }
  const places = COLUMNS.map((column) => header.indexOf(column));
  const types = new Map<string, MachineType>();
  const nodes: { name: string; machineType: string }[] = [];
  const names = new Set<string>();
  for (const [i, line] of lines.entries()) {
    if (i === 0) continue;
    if (issues.length >= ISSUES_MAX) break;
    const cells = line.split(',').map((cell) => cell.trim());
    const fault = faultOf(cells, header, places, names);
    if (fault !== null) {
      issues.push({ file, line: i + 1, column: 1, ...fault });
      continue;
    }
    const [name, cpu, memory, gpus, model] = places.map((place) => cells[place]!) as [
      string,
      string,
      string,
      string,
      string,
    ];
    names.add(name);
    const type = typeOf(Number(cpu), Number(memory), Number(gpus), model);
    types.set(type.name, type);
    nodes.push({ name, machineType: type.name });
  }
  return { nodes, machineTypes: [...types.values()], issues };
}

/** What is wrong with a row, or null. */
function faultOf(
  cells: readonly string[],
  header: readonly string[],
  places: readonly number[],
  names: ReadonlySet<string>,
): Pick<Issue, 'path' | 'value' | 'expected'> | null {
  if (cells.length !== header.length) {
    return { path: '', value: `${cells.length} cells`, expected: `${header.length} cells` };
  }
  const [name, cpu, memory, gpus, model] = places.map((place) => cells[place]!) as string[];
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,252}$/.test(name!)) {
    return { path: 'sn', value: shorten(name!), expected: 'a node name' };
  }
  if (names.has(name!)) return { path: 'sn', value: name, expected: 'each node only once' };
  const isWhole = (text: string, max: number) => /^\d{1,15}$/.test(text) && Number(text) <= max;
  if (!isWhole(cpu!, 2_147_483_647) || Number(cpu) === 0) {
    return { path: 'cpu_milli', value: shorten(cpu!), expected: 'whole millicores above 0' };
  }
  if (!isWhole(memory!, 2_147_483_647) || Number(memory) === 0) {
    return { path: 'memory_mib', value: shorten(memory!), expected: 'whole MiB above 0' };
  }
  if (!isWhole(gpus!, GPU_COUNT_MAX)) {
    return {
      path: 'gpu',
      value: shorten(gpus!),
      expected: `a whole number from 0 to ${GPU_COUNT_MAX}`,
    };
  }
  if (Number(gpus) > 0 && !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(model!)) {
    return { path: 'model', value: shorten(model!), expected: 'the model of the GPUs' };
  }
  return null;
}

function typeOf(cpuMillicores: number, mib: number, count: number, model: string): MachineType {
  const size = mib % 1024 === 0 ? `${mib / 1024}Gi` : `${mib}Mi`;
  const devices = count > 0 ? `-${count}x${model}` : '';
  return {
    name: `openb-${cpuMillicores}m-${size}${devices}`,
    cpuMillicores,
    memoryBytes: mib * MIB,
    pods: 110,
    gpus: count > 0 ? { model, count } : null,
    extended: {},
    labels: {},
    prices: { owned: 0 },
  };
}
