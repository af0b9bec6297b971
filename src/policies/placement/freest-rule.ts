import type { ClusterIndex } from '../../base/ids.ts';
import { couldHold, freeRatioAfter } from './candidates.ts';
import { NEVER, type PlacementRule, type Question, ROOM, WAITING } from './standings.ts';
import { ABSENT, type Standing } from './tournament.ts';

/** Freest first: clusters with room by what stays free, then those where the pods could wait. See {@link freeRatioAfter}. */
export class FreestRule implements PlacementRule {
  readonly isByWorkload = false;

  judge(c: ClusterIndex, pods: number, question: Question, standing: Standing): void {
    const { request, fleet } = question;
    standing.second = 0;
    standing.level = fleet.room(request.shape, c, true) >= pods ? ROOM : levelToWait(c, question);
    if (standing.level !== ABSENT) standing.score = freeRatioAfter(pods, c, request, fleet);
  }
}

/** Who has room first; the rest as it is in {@link FreestRule}, all alike. */
export class RoomRule implements PlacementRule {
  readonly isByWorkload = false;

  judge(c: ClusterIndex, pods: number, question: Question, standing: Standing): void {
    const { request, fleet } = question;
    standing.score = 0;
    standing.second = 0;
    standing.level = fleet.room(request.shape, c, true) >= pods ? ROOM : levelToWait(c, question);
  }
}

/** Level of a cluster without room for the pods: WAITING, or NEVER or ABSENT if they cannot even wait there. */
export function levelToWait(c: ClusterIndex, { request, fleet }: Question): number {
  if (fleet.isUp[c] !== 1 || !fleet.canHost(request.shape, c)) return ABSENT;
  return request.gang && !couldHold(request.count, c, request, fleet) ? NEVER : WAITING;
}
