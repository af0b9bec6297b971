import type { ShapeIndex } from '../base/ids.ts';
import type { ShapeTable } from '../model/shapes.ts';

/** Numbers the priority classes of a run by first sight; reports sort them by name. */
export class ClassTable {
  readonly names: string[] = [];
  private readonly shapes: ShapeTable;
  private readonly byShape: number[] = [];

  constructor(shapes: ShapeTable) {
    this.shapes = shapes;
  }

  /** How many shapes were asked for so far, by the largest of them. */
  get learned(): number {
    return this.byShape.length;
  }

  /** The class of a shape. */
  of(shape: ShapeIndex): number {
    return this.byShape[shape] ?? this.learn(shape);
  }

  private learn(shape: ShapeIndex): number {
    while (this.byShape.length <= shape) {
      const { priorityClass } = this.shapes.at(this.byShape.length as ShapeIndex);
      let index = this.names.indexOf(priorityClass);
      if (index < 0) index = this.names.push(priorityClass) - 1;
      this.byShape.push(index);
    }
    return this.byShape[shape]!;
  }
}
