/** What every resolver shares: the problems found so far, where things were written, and the files that may be read. */
import { expandName } from './expand.ts';
import { type Files, folderOf, joinPath } from './files.ts';
import { KubeParts } from './kubernetes/inputs.ts';
import type { Path } from './located.ts';
import type { Problems } from './problems.ts';
import type { MachineType, Provider } from './scenario.ts';
import { isName, nameExpected } from './schema-values.ts';

/** What the resolver needs from outside. */
export interface Sources {
  /** Null for scenarios that are given as objects and may not read files. */
  readonly files: Files | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Machine types and providers by name; null for one that is known but was written wrong. */
export interface Stock {
  readonly machineTypes: Map<string, MachineType | null>;
  readonly providers: Map<string, Provider | null>;
  /** Those of both that are marked so: no source confirms their figures. */
  readonly unverified: Set<MachineType | Provider>;
}

/** The provider of clusters that name none: nodes are up at once and cost what their machine type says. */
const PRIVATE: Provider = {
  name: 'private',
  kind: 'private',
  bootUs: { law: 'constant', value: 0 },
  quotaNodes: null,
  bootsPerSecond: null,
  bootFailureRatio: 0,
  clusterFeeDollarsPerHour: 0,
};

/** One load in progress. */
export class Context {
  readonly problems: Problems;
  readonly files: Files | null;
  readonly stock: Stock = {
    machineTypes: new Map(),
    providers: new Map([['private', PRIVATE]]),
    unverified: new Set(),
  };
  /** What came from a catalogue, as `machineTypes/NAME`. */
  readonly catalogued = new Set<string>();
  /** Where each resolved cluster, pool, workload and failure was written. */
  readonly origins = new Map<object, Path>();
  /** What Kubernetes has, gathered on the way. */
  readonly kube = new KubeParts();
  /** False once something of the fleet could not be read: rules about what exists must keep silent. */
  isFleetComplete = true;
  /** False once a catalogue could not be read: names that it may hold must not be called unknown. */
  isStockComplete = true;
  private readonly env: Sources['env'];
  private hasAskedForData = false;

  constructor(problems: Problems, sources: Sources) {
    this.problems = problems;
    this.files = sources.files;
    this.env = sources.env;
  }

  /** Where a resolved thing was written. */
  originOf(thing: object): Path {
    return this.origins.get(thing) ?? [];
  }

  /** Checks a name after expansion and gives it back. */
  named(name: string, path: Path): string {
    if (!isName(name)) {
      this.problems.at(path, nameExpected, { value: JSON.stringify(name) });
    }
    return name;
  }

  /** Expands a set of names; nothing where it is no set. */
  expand(set: string, path: Path): readonly string[] {
    const expanded = expandName(set);
    if ('names' in expanded) return expanded.names.map((name) => this.named(name, path));
    this.problems.at(path, expanded.expected);
    return [];
  }

  /**
   * Follows the path of a data file: `${ORRERY_DATA}` is replaced, the rest is relative to the file that names it.
   *
   * @returns the path, or null where the data folder is not known
   */
  dataPath(written: string, path: Path): string | null {
    const variable = /\$\{?(\w*)\}?/.exec(written);
    if (variable && !written.startsWith(`\${${DATA}}/`)) {
      const hint = `\${${DATA}} is the only variable`;
      this.problems.at(path, `a path that may start with "\${${DATA}}/"`, { hint });
      return null;
    }
    if (variable) {
      const folder = this.env[DATA];
      if (folder !== undefined && folder !== '') {
        return joinPath(folder, written.slice(variable[0].length + 1));
      }
      // One issue is clear; the same one for each file of the scenario is not.
      if (!this.hasAskedForData) {
        this.hasAskedForData = true;
        this.problems.at(path, `the environment variable ${DATA} to name the folder of the data`, {
          hint: dataHint(written),
          isData: true,
        });
      }
      return null;
    }
    const file = this.problems.places.ofValue(path).file;
    return file === undefined ? written : joinPath(folderOf(file), written);
  }
}

const DATA = 'ORRERY_DATA';

/** How to get the data that a path names. */
export function dataHint(written: string): string {
  const own = 'or override the path with a file of your own';
  return written.includes('openb')
    ? `OpenB is published in the GitHub repository alibaba/clusterdata, folder cluster-trace-gpu-v2023/csv: put its files into $${DATA}/traces/openb, ${own}`
    : `put the file into that folder, ${own}`;
}
