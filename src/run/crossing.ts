/** What crosses between a run and the threads of its clusters beside mail: books as plain data, and shapes that a trace brought. */
import { assert } from '../base/assert.ts';
import { asShape, type ShapeIndex } from '../base/ids.ts';
import type { WindowedWaits } from '../metrics/waits.ts';
import type { PodShapeSpec } from '../model/shapes.ts';
import type { ApartWorld, World } from './build.ts';
import type { ClusterBooks, ClusterReport } from './cluster-books.ts';
import { RunState } from './snapshot.ts';
import { RUN_CLASSES } from './snapshot-classes.ts';
import type { Snapshot } from './snapshot-forms.ts';
import { tracePodsOf } from './workloads.ts';

/** The books of a thread's clusters as they cross. */
export interface SentBooks {
  /** By member. */
  readonly reports: readonly ClusterReport[];
  readonly snapshot: Snapshot;
  /** Shapes whose classes were asked for. */
  readonly shapesLearned: number;
}

/** What a trace brought. */
export interface SentShapes {
  /** By index, from the first that the thread does not know. */
  readonly shapes: readonly PodShapeSpec[];
  /** Pods by shape of all traces that are read whole. */
  readonly tracePods: ReadonlyMap<ShapeIndex, number>;
}

/**
 * Numbers the books of clusters, so that they can be saved where the clusters run and put into books that were opened alike.
 *
 * @param waits what these clusters record for the fleet
 */
function numberBooks(books: readonly ClusterBooks[], waits: WindowedWaits): RunState {
  return new RunState({
    moving: [...books.flatMap(({ recorder, series }) => [recorder, series]), waits],
    still: [],
    outside: books.flatMap(({ outside }) => outside),
    classes: RUN_CLASSES,
  });
}

/** The books where the clusters run. Made before they begin. */
export class OwnBooks {
  private readonly world: ApartWorld;
  private readonly books: readonly ClusterBooks[];
  private readonly state: RunState;

  constructor(world: ApartWorld) {
    this.world = world;
    this.books = world.clusters.map((built) => built.books);
    this.state = numberBooks(this.books, world.fleetRecorder.waits);
  }

  /** Writes the books down as they are; valid until the clusters go on. */
  save(): SentBooks {
    return {
      reports: this.books.map(({ report }) => report),
      snapshot: this.state.save(),
      shapesLearned: this.world.fleetRecorder.classes.learned,
    };
  }

  /** Learns the shapes that the placer's side met. */
  learn({ shapes, tracePods }: SentShapes): void {
    for (const shape of shapes) this.world.shapes.intern(shape);
    for (const [shape, pods] of tracePods) this.world.tracePods.set(shape, pods);
  }
}

/** The same books where the run is. Made before its first event. */
export class BooksCopy {
  readonly books: readonly ClusterBooks[];
  private readonly world: World;
  private readonly waits: WindowedWaits;
  private readonly state: RunState;
  private shapesSent: number;

  /** @param members the clusters of the thread, by index */
  constructor(world: World, members: readonly number[]) {
    this.world = world;
    this.books = members.map((c) => world.books[c]!);
    this.waits = world.fleetRecorder.waits.emptyTwin();
    this.state = numberBooks(this.books, this.waits);
    this.shapesSent = world.shapes.count;
  }

  /** Puts what was sent in the place of what the books said. */
  take({ reports, shapesLearned, snapshot }: SentBooks): void {
    assert(this.state.fits(snapshot), 'books are opened alike in every thread');
    this.state.restore(snapshot);
    this.books.forEach((books, i) => {
      books.report = reports[i]!;
    });
    const { classes } = this.world.fleetRecorder;
    if (shapesLearned > 0) classes.of(asShape(shapesLearned - 1));
  }

  /** The books are final: what the thread recorded for the fleet joins the rest. */
  close(): void {
    this.world.fleetRecorder.waits.merge(this.waits);
    for (const { recorder } of this.books) recorder.clock = this.world.placerEngine;
  }

  /** Gives what the thread does not know yet of shapes, once; null if it knows all. */
  newShapes(): SentShapes | null {
    const { shapes: table, workloads } = this.world;
    if (this.shapesSent === table.count) return null;
    const shapes: PodShapeSpec[] = [];
    for (; this.shapesSent < table.count; this.shapesSent++) {
      const { index: _, ...shape } = table.at(asShape(this.shapesSent));
      shapes.push(shape);
    }
    return { shapes, tracePods: tracePodsOf(workloads) };
  }

  /** Says how many shapes the thread knows, after its state was put back. */
  knowsShapes(count: number): void {
    this.shapesSent = count;
  }
}
