/**
 * The threads of one run: each runs some of its clusters, the thread of the run its placer.
 *
 * *Guarantees*: the bundle is that of one thread, byte for byte; what goes wrong in a thread reaches the run with its family; a
 * thread that dies ends the run. *Price*: about 40 MB a thread, and a meeting of all threads in each window of the placement
 * latency.
 */
import { MessageChannel, Worker } from 'node:worker_threads';
import type { World } from '../run/build.ts';
import type { ClusterGroup } from '../run/cluster-group.ts';
import { ThreadGroup } from './thread-group.ts';
import {
  AskingEnd,
  type Call,
  sharedLine,
  type ThreadData,
  type ThreadTask,
} from './thread-line.ts';
import { workerFile } from './worker-file.ts';

/** The threads of one run. */
export interface ThreadTeam {
  readonly threads: number;
  /** Gives the run its groups. */
  readonly groupsOf: (world: World) => readonly ClusterGroup[];
  /** Waits until all clusters are built. @throws what went wrong in the first thread that has something */
  ready(): Promise<void>;
  /** Saves the clusters of each thread. @throws ScenarioError for state that cannot be saved */
  save(): Promise<readonly Uint8Array[]>;
  /** Puts back what {@link save} gave in a team of as many threads. */
  restore(states: readonly Uint8Array[]): Promise<void>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Time between two looks at threads that build or save, milliseconds. */
const LOOK_MS = 2;

/**
 * Starts the threads of a run.
 *
 * @param task what all of them build from
 * @param plan the clusters of each thread
 */
export async function openTeam(
  task: Omit<ThreadTask, 'members'>,
  plan: readonly (readonly number[])[],
): Promise<ThreadTeam> {
  const file = await workerFile(new URL('../host/thread-worker.js', import.meta.url));
  const seats = plan.map((members) => openSeat(file, { ...task, members }));
  return new Team(seats);
}

interface Seat {
  readonly group: ThreadGroup;
  readonly worker: Worker;
}

function openSeat(file: string, task: ThreadTask): Seat {
  const { port1, port2 } = new MessageChannel();
  const shared = sharedLine();
  const data: ThreadData = { task, shared, port: port2 };
  const worker = new Worker(file, { workerData: data, transferList: [port2] });
  const group = new ThreadGroup(new AskingEnd(shared, port1), task.members);
  worker.on('error', (error) => group.died(error));
  worker.on('exit', (code) => {
    group.died(new Error(`a thread of the run ended with code ${code}`));
    port1.close();
  });
  group.startBuilding();
  return { group, worker };
}

class Team implements ThreadTeam {
  readonly threads: number;
  private readonly seats: readonly Seat[];

  constructor(seats: readonly Seat[]) {
    this.seats = seats;
    this.threads = seats.length;
  }

  readonly groupsOf = (world: World): readonly ClusterGroup[] => {
    for (const { group } of this.seats) group.join(world);
    return this.seats.map(({ group }) => group);
  };

  async ready(): Promise<void> {
    await this.wait();
  }

  async save(): Promise<readonly Uint8Array[]> {
    return (await this.callAll(() => ({ call: 'save' }))) as Uint8Array[];
  }

  async restore(states: readonly Uint8Array[]): Promise<void> {
    const counts = await this.callAll((i) => ({ call: 'restore', state: states[i]! }));
    this.seats.forEach(({ group }, i) => {
      group.knowsShapes(counts[i] as number);
    });
  }

  private async callAll(callOf: (seat: number) => Call): Promise<unknown[]> {
    this.seats.forEach(({ group }, i) => {
      group.startSaving(callOf(i));
    });
    await this.wait();
    return this.seats.map(({ group }) => group.takeAnswer());
  }

  /** Waits for all groups without holding the process. */
  private async wait(): Promise<void> {
    for (const { group } of this.seats) {
      while (!group.isDone(0)) await new Promise((resume) => setTimeout(resume, LOOK_MS));
      if (group.failure !== null) throw group.failure.error;
    }
  }

  async close(): Promise<void> {
    for (const { group } of this.seats) group.stop();
    await Promise.all(this.seats.map(({ worker }) => worker.terminate()));
  }
}
