/** A thread that runs some clusters of one run: it builds them, then does what it is asked until the run is over. */
import { deserialize, serialize } from 'node:v8';
import { workerData } from 'node:worker_threads';
import { assert } from '../base/assert.ts';
import { parseThresholds } from '../results/thresholds.ts';
import { type ApartWorld, buildApart } from '../run/build.ts';
import { LocalGroup } from '../run/cluster-group.ts';
import { OwnBooks } from '../run/crossing.ts';
import { PackedMail, unpackMail } from '../run/packed-mail.ts';
import type { Registry } from '../run/registry.ts';
import { RunState } from '../run/snapshot.ts';
import { RUN_CLASSES } from '../run/snapshot-classes.ts';
import type { Snapshot } from '../run/snapshot-forms.ts';
import { registryFor } from './plugins.ts';
import { sentError } from './run-task.ts';
import {
  AnsweringEnd,
  BUILD,
  type Call,
  type Order,
  STOP,
  type ThreadData,
  type ThreadTask,
  WINDOW,
} from './thread-line.ts';

/** Numbers of a mail buffer at first: a thousand messages. */
const MAIL_NUMBERS = 16_384;

// It would end the thread without an answer.
process.exit = (code) => {
  throw new Error(`a plug-in tried to end the process with code ${code ?? 0}`);
};

/** Clusters and what they answer with. */
class Thread {
  private readonly line: AnsweringEnd;
  private readonly world: ApartWorld;
  private readonly group: LocalGroup;
  private readonly books: OwnBooks;
  private readonly state: RunState;
  private readonly byIndex = new Map<number, ApartWorld['clusters'][number]>();
  private readonly sent: PackedMail;
  private received: Float64Array = new Float64Array(0);

  constructor(line: AnsweringEnd, task: ThreadTask, registry: Registry) {
    this.line = line;
    const { check, members, replication, scenario, seed } = task;
    const thresholds = parseThresholds(scenario.thresholds);
    const options = { registry, thresholds, check, seed, replication };
    this.world = buildApart(scenario, options, members);
    const { clusters, fleetRecorder, policies, resources, shapes, tracePods } = this.world;
    this.books = new OwnBooks(this.world);
    for (const built of clusters) {
      this.byIndex.set(built.run.index, built);
      built.begin();
    }
    this.group = new LocalGroup({ clusters, scenario, fleetRecorder, isApart: true, check });
    this.state = new RunState({
      moving: [
        this.group,
        fleetRecorder,
        shapes,
        tracePods,
        ...clusters.flatMap((built) => built.wiring),
      ],
      still: [scenario, options, policies, resources, clusters.map(({ books }) => books.plan)],
      classes: RUN_CLASSES,
    });
    this.sent = new PackedMail((numbers) => {
      const buffer = new SharedArrayBuffer(8 * numbers);
      line.post({ post: 'mail', buffer });
      return new Float64Array(buffer);
    }, MAIL_NUMBERS);
  }

  /** Says that it is ready, or how an order went. */
  private answer(events: number): void {
    const { failure } = this.group;
    if (failure !== null) {
      const { cluster, error } = failure;
      this.line.post({ post: 'failure', cluster, error: sentError(error) });
    }
    this.line.answer(this.group.nextAtUs(), events, this.sent.length);
    this.sent.length = 0;
  }

  serve(): void {
    this.answer(0);
    for (;;) {
      const order = this.line.next();
      if (order.order === STOP) return;
      this.read(order);
      let events = 0;
      if (order.order === WINDOW) {
        this.group.startWindow(order.limitUs);
        events = this.group.windowEvents;
        for (const { run } of this.world.clusters) this.sent.take(run.outbox);
      }
      this.answer(events);
    }
  }

  private read({ mail, posts }: Order): void {
    const calls: Call[] = [];
    for (const post of posts) {
      if (post.post === 'mail') this.received = new Float64Array(post.buffer);
      else if (post.post === 'shapes') this.books.learn(post.shapes);
      else if (post.post === 'call') calls.push(post.call);
    }
    unpackMail(this.received, mail, (cluster) => this.byIndex.get(cluster)!.run.inbox);
    for (const call of calls) {
      const answer = this.called(call);
      const moved = answer instanceof Uint8Array ? [answer.buffer as ArrayBuffer] : [];
      this.line.post({ post: 'answer', answer }, moved);
    }
  }

  private called(call: Call): unknown {
    const { group } = this;
    switch (call.call) {
      case 'counts':
        return group.counts();
      case 'look':
        return group.look(call.nowUs);
      case 'report':
        group.startReport();
        return this.books.save();
      case 'end':
        group.startEnd(call.endUs);
        // What did not arrive goes back to the placer's side, where it is accounted.
        for (const { run } of this.world.clusters) this.sent.take(run.inbox);
        return this.books.save();
      case 'save':
        return serialize(this.state.save());
      case 'restore': {
        const snapshot = deserialize(call.state) as Snapshot;
        assert(this.state.fits(snapshot), 'a thread builds what its checkpoint was written of');
        this.state.restore(snapshot);
        return this.world.shapes.count;
      }
    }
  }
}

const { port, shared, task } = workerData as ThreadData;
const line = new AnsweringEnd(shared, port);
try {
  const order = line.next();
  if (order.order === BUILD) new Thread(line, task, await registryFor(task)).serve();
} catch (error) {
  line.post({ post: 'failure', cluster: task.members[0]!, error: sentError(error) });
  line.answer(Number.POSITIVE_INFINITY, 0, 0);
  // Whoever asked reads it before the thread ends.
  while (line.next().order !== STOP) line.answer(Number.POSITIVE_INFINITY, 0, 0);
}
