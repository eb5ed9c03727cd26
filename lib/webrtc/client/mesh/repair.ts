/** How it stands with the path of a link that has stood. */
export type RepairState =
  /** Nothing speaks against it. */
  | 'steady'
  /** The network has changed; a ping is on its way. */
  | 'doubtful'
  /** ICE looks for another path under the same connection. */
  | 'restarting'
  /** A new connection is made beside the old one; the first that works is the link. */
  | 'replacing'
  /** That failed; the next attempt has its time. */
  | 'waiting'
  /** Nothing has come for so long that the peer is not linked any more. */
  | 'lost';

export type RepairEvent =
  /** A ping was not answered; or ICE misses answers. */
  | 'silence'
  /** ICE has given the path up. */
  | 'failed'
  /** ICE has a path again. */
  | 'path-found'
  /** The network has changed, or the peer has come into the room anew: what failed before may work now. */
  | 'change'
  /** Something came from the peer on the old connection. */
  | 'heard'
  /** The time of this state is up. */
  | 'time-up'
  /** The new connection has come to nothing. */
  | 'attempt-failed';

export type RepairAction =
  | 'ping'
  | 'restart-ice'
  /** A connection is made beside the old one, unless one has just been begun. */
  | 'replace'
  /** Also where one is under way: what was signaled for it may be lost. */
  | 'replace-anew'
  /** The old connection works: the new one is not wanted. */
  | 'keep-old'
  | 'drop';

/** What is known of the old connection. */
export interface Condition {
  /** ICE has no path at this moment. */
  isBroken: boolean;
  /** Since something came. */
  silentMs: number;
  /** The platform can restart ICE. */
  canRestart: boolean;
}

export interface Step {
  state: RepairState;
  action?: RepairAction;
}

/**
 * SCTP doubles its waiting with each packet that goes nowhere, so that a connection which was dead for so long takes as long
 * again to wake up, however good its new path is. A new one is there in a tenth of a second.
 */
const STALE_MS = 3_000;
/** A peer that was silent for so long is not linked any more. */
const LOST_MS = 15_000;

type Transition = (condition: Condition) => Step;

const stay =
  (state: RepairState): Transition =>
  () => ({ state });
const ping: Transition = () => ({ state: 'doubtful', action: 'ping' });
const recovered: Transition = () => ({ state: 'steady' });
const replace: Transition = () => ({ state: 'replacing', action: 'replace' });
const replaceAnew: Transition = () => ({ state: 'replacing', action: 'replace-anew' });
const keepOld: Transition = () => ({ state: 'steady', action: 'keep-old' });
const drop: Transition = () => ({ state: 'lost', action: 'drop' });
const repair: Transition = (condition) => {
  const { canRestart, silentMs } = condition;
  return canRestart && silentMs < STALE_MS ? { state: 'restarting', action: 'restart-ice' } : replace(condition);
};
/** What waits on the old connection may have to wait for as long again. */
const wakeUp: Transition = (condition) =>
  condition.silentMs < STALE_MS ? { state: 'restarting' } : replace(condition);
const reconsider: Transition = (condition) => (condition.isBroken ? repair(condition) : ping(condition));
/** A ping is on its way, and has its time already. */
const goOnDoubting: Transition = (condition) => (condition.isBroken ? repair(condition) : { state: 'doubtful' });
const goOn: Transition = (condition) => (condition.silentMs >= LOST_MS ? drop(condition) : replace(condition));
const orWait: Transition = (condition) => (condition.silentMs >= LOST_MS ? drop(condition) : { state: 'waiting' });

/** Each state with each event. */
export const transitions: Readonly<Record<RepairState, Readonly<Record<RepairEvent, Transition>>>> = {
  steady: {
    silence: repair,
    failed: repair,
    'path-found': stay('steady'),
    change: reconsider,
    heard: stay('steady'),
    'time-up': stay('steady'),
    'attempt-failed': stay('steady'),
  },
  doubtful: {
    silence: repair,
    failed: repair,
    'path-found': stay('doubtful'),
    change: goOnDoubting,
    heard: recovered,
    'time-up': repair,
    'attempt-failed': stay('doubtful'),
  },
  restarting: {
    silence: stay('restarting'),
    failed: replace,
    'path-found': wakeUp,
    change: replaceAnew,
    heard: keepOld,
    'time-up': replace,
    'attempt-failed': stay('restarting'),
  },
  replacing: {
    silence: stay('replacing'),
    failed: stay('replacing'),
    'path-found': replace,
    change: replaceAnew,
    heard: keepOld,
    'time-up': orWait,
    'attempt-failed': orWait,
  },
  waiting: {
    silence: stay('waiting'),
    failed: stay('waiting'),
    'path-found': replace,
    change: replaceAnew,
    heard: keepOld,
    'time-up': goOn,
    'attempt-failed': stay('waiting'),
  },
  lost: {
    silence: stay('lost'),
    failed: stay('lost'),
    'path-found': stay('lost'),
    change: stay('lost'),
    heard: stay('lost'),
    'time-up': stay('lost'),
    'attempt-failed': stay('lost'),
  },
};

/** How long a state lasts at most, in milliseconds; `waiting` takes its time from the backoff. */
export const durationsMs = { doubtful: 500, restarting: 2_000, replacing: 5_000 } as const;
