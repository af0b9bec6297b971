import type { PodIndex } from '../base/ids.ts';
import { asPod } from '../base/ids.ts';
import { FREE, type PodTable } from '../model/pods.ts';

interface Gang {
  readonly members: readonly PodIndex[];
  /** Members that are neither completed nor gone. */
  alive: number;
}

/**
 * Which pods start together. A gang's number is never used twice, so a slot that was reused is told apart by its number.
 *
 * *Price*: an object and 8 bytes a pod per gang that lives.
 */
export class GangTable {
  private readonly gangs = new Map<number, Gang>();
  private readonly pods: PodTable;
  private nextNumber = 0;

  constructor(pods: PodTable) {
    this.pods = pods;
  }

  /** Makes one gang of the pods; the first is its leader, which stands for it in queues. */
  form(members: readonly PodIndex[]): void {
    const number = this.nextNumber++;
    for (const p of members) this.pods.setGang(p, number);
    this.gangs.set(number, { members: [...members], alive: members.length });
  }

  /** True if the pod belongs to a gang of two or more. */
  has(p: PodIndex): boolean {
    return this.gangs.size > 0 && this.pods.gang(p) >= 0;
  }

  /** Living members of the pod's gang in order of their serials; a pod without a gang is its own. */
  membersOf(p: PodIndex): readonly PodIndex[] {
    if (!this.has(p)) return [p];
    const number = this.pods.gang(p);
    return this.gangs
      .get(number)!
      .members.filter((m) => this.pods.gang(m) === number && this.pods.state(m) !== FREE);
  }

  /** How many members live. */
  sizeOf(p: PodIndex): number {
    return this.has(p) ? this.gangs.get(this.pods.gang(p))!.alive : 1;
  }

  /** Says that one member ended; called before its slot is freed. */
  ended(p: PodIndex): void {
    if (!this.has(p)) return;
    const number = this.pods.gang(p);
    const gang = this.gangs.get(number)!;
    gang.alive--;
    if (gang.alive === 0) this.gangs.delete(number);
  }

  /** The member that stands for the gang: its first living one. */
  leaderOf(p: PodIndex): PodIndex {
    if (!this.has(p)) return p;
    const number = this.pods.gang(p);
    for (const m of this.gangs.get(number)!.members) {
      if (this.pods.gang(m) === number && this.pods.state(m) !== FREE) return asPod(m);
    }
    return p;
  }
}
