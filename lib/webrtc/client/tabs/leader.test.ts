import { describe, expect, it } from 'vitest';
import type { MessagingSession } from '../messaging-session.ts';
import type { SessionEvents } from '../session.ts';
import { Leader } from './leader.ts';

/** The events that the session of a leading tab is given; `listens`: whether that tab's own application does. */
function leading(listens: boolean) {
  let events: SessionEvents | undefined;
  const own = { wantsTopology: () => listens } as SessionEvents;
  const leader = new Leader((given) => {
    events = given;
    return {} as MessagingSession;
  }, own);
  const wantsTopology = () => events?.wantsTopology();
  const hostWith = (isHeard: boolean) => ({ isHeard, tell: () => {}, stopServing: () => {}, close: () => {} });
  return { leader, wantsTopology, hostWith };
}

describe('the session of a leading tab finds out the ways to its peers', () => {
  it('when its own application listens', () => {
    expect(leading(true).wantsTopology()).toBe(true);
    expect(leading(false).wantsTopology()).toBe(false);
  });

  it('when another tab works through it, whose application may listen', () => {
    const { leader, wantsTopology, hostWith } = leading(false);
    leader.host = hostWith(false);
    expect(wantsTopology()).toBe(false);
    leader.host = hostWith(true);
    expect(wantsTopology()).toBe(true);
  });
});
