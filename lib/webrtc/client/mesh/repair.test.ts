import { ManualClock, seededRandom } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { LinkRepair } from './link-repair.ts';
import { type Condition, type RepairAction, type RepairEvent, type RepairState, transitions } from './repair.ts';

const fresh: Condition = { isBroken: false, silentMs: 1_500, canRestart: true };
const stale: Condition = { ...fresh, silentMs: 5_000 };
const gone: Condition = { ...fresh, silentMs: 15_000 };
const inNode: Condition = { ...fresh, canRestart: false };

const step = (state: RepairState, event: RepairEvent, condition = fresh) => {
  const next = transitions[state][event](condition);
  return [next.state, next.action];
};

describe('the table of repairs', () => {
  it('knows each state with each event', () => {
    const events = Object.keys(transitions.steady);
    expect(events).toHaveLength(7);
    for (const row of Object.values(transitions)) expect(Object.keys(row)).toEqual(events);
  });

  it('ends in each state that has a way out, whatever happens, in being steady, replaced or lost', () => {
    const states = Object.keys(transitions) as RepairState[];
    for (const state of states.filter((each) => each !== 'steady' && each !== 'lost')) {
      let at: RepairState = state;
      for (let round = 0; round < 5 && at !== 'lost'; round++) at = transitions[at]['time-up'](gone).state;
      expect(at, state).toBe('lost');
      expect(step(state, 'heard')[0], state).toBe('steady');
    }
  });

  it('restarts ICE first, then makes a new connection', () => {
    for (const event of ['silence', 'failed'] as const) {
      expect(step('steady', event), event).toEqual(['restarting', 'restart-ice']);
      expect(step('doubtful', event), event).toEqual(['restarting', 'restart-ice']);
    }
    expect(step('restarting', 'time-up')).toEqual(['replacing', 'replace']);
    expect(step('restarting', 'failed')).toEqual(['replacing', 'replace']);
  });

  it('asks first where the network has changed and nothing else is known', () => {
    expect(step('steady', 'change')).toEqual(['doubtful', 'ping']);
    // However many events tell of one change.
    expect(step('doubtful', 'change')).toEqual(['doubtful', undefined]);
    expect(step('doubtful', 'time-up')).toEqual(['restarting', 'restart-ice']);
  });

  it('makes a new connection at once where the old one would take long to wake up, or cannot be restarted', () => {
    expect(step('doubtful', 'time-up', stale)).toEqual(['replacing', 'replace']);
    expect(step('steady', 'silence', inNode)).toEqual(['replacing', 'replace']);
  });

  it('tries again at once where the network has changed', () => {
    expect(step('steady', 'change', { ...stale, isBroken: true })).toEqual(['replacing', 'replace']);
    for (const state of ['restarting', 'replacing', 'waiting'] as const) {
      expect(step(state, 'change'), state).toEqual(['replacing', 'replace-anew']);
    }
  });

  it('makes a new connection where the old one has its path back, and would take long to wake up', () => {
    expect(step('restarting', 'path-found', stale)).toEqual(['replacing', 'replace']);
    expect(step('restarting', 'path-found')).toEqual(['restarting', undefined]);
    for (const state of ['replacing', 'waiting'] as const) {
      expect(step(state, 'path-found', stale), state).toEqual(['replacing', 'replace']);
    }
  });

  it('keeps the old connection where it works again first', () => {
    for (const state of ['replacing', 'waiting'] as const) {
      expect(step(state, 'heard'), state).toEqual(['steady', 'keep-old']);
    }
  });

  it('waits after an attempt that failed, and gives the link up when nothing has come for 15 s', () => {
    expect(step('replacing', 'attempt-failed')).toEqual(['waiting', undefined]);
    expect(step('replacing', 'time-up')).toEqual(['waiting', undefined]);
    expect(step('waiting', 'time-up', stale)).toEqual(['replacing', 'replace']);
    for (const state of ['replacing', 'waiting'] as const) {
      expect(step(state, 'time-up', gone), state).toEqual(['lost', 'drop']);
    }
  });
});

describe('the repair of a link', () => {
  let clock: ManualClock;
  let condition: Condition;
  let actions: RepairAction[];
  let repair: LinkRepair;

  beforeEach(() => {
    clock = new ManualClock();
    condition = fresh;
    actions = [];
    repair = new LinkRepair({
      clock,
      random: seededRandom(1),
      condition: () => condition,
      act: (action) => actions.push(action),
    });
  });

  it('goes on by itself when the time of a state is up', () => {
    repair.tell('change');
    clock.advance(500);
    clock.advance(2_000);
    expect(actions).toEqual(['ping', 'restart-ice', 'replace']);
  });

  it('leaves the link alone once something is heard', () => {
    repair.tell('change');
    repair.tell('heard');
    clock.advance(60_000);
    expect([actions, repair.state]).toEqual([['ping'], 'steady']);
  });

  it('waits longer from attempt to attempt, and from the beginning after a success', () => {
    const waits = () => {
      repair.tell('failed');
      repair.tell('failed');
      return [1, 2, 3].map(() => {
        repair.tell('attempt-failed');
        const from = actions.length;
        let waitedMs = 0;
        for (; actions.length === from; waitedMs += 10) clock.advance(10);
        return waitedMs;
      });
    };
    const [first = 0, second = 0, third = 0] = waits();
    expect(second).toBeGreaterThan(first);
    expect(third).toBeGreaterThan(second);
    repair.tell('heard');
    expect(waits()[0]).toBeLessThan(second);
  });

  it('does nothing any more when the link has ended', () => {
    repair.tell('change');
    repair.stop();
    clock.advance(60_000);
    for (const event of ['failed', 'change', 'silence'] as const) repair.tell(event);
    expect(actions).toEqual(['ping']);
  });
});
