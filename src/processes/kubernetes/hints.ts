/** Which plug-in of which profile wants to hear of which event. */
import {
  ADD,
  type ClusterEvent,
  DELETE,
  type FrameworkPlugin,
  type FrameworkProfile,
  type QueueingHint,
  UPDATE_NODE_TAINT,
} from '../../contracts/framework.ts';

/** Name of the plug-in that preempts: it also holds pods back while their victims are being deleted. */
export const DEFAULT_PREEMPTION = 'DefaultPreemption';

/** What preemption registers: it never wakes a pod, but lets one that it holds back be looked at again. */
const PREEMPTION_HINTS: readonly QueueingHint[] = [
  { resource: 'Pod', actions: DELETE, queue: () => false },
];

/** Hints by name of the plug-in. */
export type HintsByPlugin = ReadonlyMap<string, readonly QueueingHint[]>;

const NO_HINTS: HintsByPlugin = new Map();

/**
 * The queueing hints of all profiles, looked up by event.
 *
 * *Cost*: one walk over all registrations for each kind of event that ever happens.
 */
export class HintTable {
  private readonly registered: readonly HintsByPlugin[];
  /** By resource, then by action. */
  private readonly byEvent = new Map<string, (readonly HintsByPlugin[] | undefined)[]>();

  /** @param profiles in the order of the scheduler */
  constructor(profiles: readonly FrameworkProfile[]) {
    this.registered = profiles.map(registrationsOf);
  }

  /** True if some plug-in of some profile registered the event: if none did it is ignored. */
  isRegistered(event: ClusterEvent): boolean {
    return this.hintsOf(event).some((hints) => hints.size > 0);
  }

  /** The hints of one profile that match an event. */
  of(profile: number, event: ClusterEvent): HintsByPlugin {
    return this.hintsOf(event)[profile] ?? NO_HINTS;
  }

  private hintsOf(event: ClusterEvent): readonly HintsByPlugin[] {
    let byAction = this.byEvent.get(event.resource);
    if (byAction === undefined) {
      byAction = [];
      this.byEvent.set(event.resource, byAction);
    }
    let hints = byAction[event.action];
    if (hints === undefined) {
      hints = this.registered.map((all) => matching(all, event));
      byAction[event.action] = hints;
    }
    return hints;
  }
}

/** A registration matches the same resource if action bits intersect and the event's are numerically not above its mask. */
export function matches(hint: QueueingHint, event: ClusterEvent): boolean {
  return (
    hint.resource === event.resource &&
    (hint.actions & event.action) !== 0 &&
    event.action <= hint.actions
  );
}

function matching(all: HintsByPlugin, event: ClusterEvent): HintsByPlugin {
  const found = new Map<string, readonly QueueingHint[]>();
  for (const [name, hints] of all) {
    const wanted = hints.filter((hint) => matches(hint, event));
    if (wanted.length > 0) found.set(name, wanted);
  }
  return found;
}

function registrationsOf(profile: FrameworkProfile): HintsByPlugin {
  const all = new Map<string, readonly QueueingHint[]>();
  const add = (plugin: FrameworkPlugin): void => {
    all.set(plugin.name, withTaintRule(plugin.hints));
  };
  for (const plugin of profile.preEnqueue) add(plugin);
  for (const plugin of profile.preFilters) add(plugin);
  for (const plugin of profile.filters) add(plugin);
  for (const { plugin } of profile.scores) add(plugin);
  if (profile.preemption !== null) all.set(DEFAULT_PREEMPTION, PREEMPTION_HINTS);
  return all;
}

/**
 * A plug-in that registers added nodes but not changes of taints hears of these too, without a function: a node that was
 * added with taints is seen when it loses them.
 */
function withTaintRule(hints: readonly QueueingHint[]): readonly QueueingHint[] {
  const registers = (action: number): boolean =>
    hints.some((hint) => hint.resource === 'Node' && (hint.actions & action) !== 0);
  if (!registers(ADD) || registers(UPDATE_NODE_TAINT)) return hints;
  return [...hints, { resource: 'Node', actions: UPDATE_NODE_TAINT }];
}
