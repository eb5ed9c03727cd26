import { describe, expect, it } from 'vitest';
import { FlowControl } from './flow-control.ts';

const KIB = 1024;

function setUp() {
  const channel = { readyState: 'open' as RTCDataChannelState, bufferedAmount: 0, bufferedAmountLowThreshold: 0 };
  const flow = new FlowControl(channel);
  const hasRoomAt = (kib: number) => {
    channel.bufferedAmount = kib * KIB;
    return flow.hasRoom;
  };
  return { channel, flow, hasRoomAt };
}

describe('a channel', () => {
  it('is given up to 128 KiB, and more when it is down to 64 KiB', () => {
    const { channel, flow, hasRoomAt } = setUp();
    expect([hasRoomAt(127), hasRoomAt(128)]).toEqual([true, false]);
    expect([channel.bufferedAmountLowThreshold, flow.frameBytes]).toEqual([64 * KIB, 16 * KIB]);
  });

  it('has no room while it is not open', () => {
    const { channel, flow } = setUp();
    channel.readyState = 'connecting';
    expect(flow.hasRoom).toBe(false);
  });

  it('that gives way is given 16 KiB at a time, in shorter frames, so that an order is soon through', () => {
    const { channel, flow, hasRoomAt } = setUp();
    flow.giveWay();
    expect([hasRoomAt(15), hasRoomAt(16)]).toEqual([true, false]);
    expect([channel.bufferedAmountLowThreshold, flow.frameBytes]).toEqual([8 * KIB, 8 * KIB]);
  });

  it('is back at full pace 8 MiB after the last time it gave way', () => {
    const { channel, flow } = setUp();
    flow.giveWay();
    flow.sent(7 * KIB * KIB);
    flow.giveWay();
    flow.sent(7 * KIB * KIB);
    expect(channel.bufferedAmountLowThreshold).toBe(8 * KIB);
    flow.sent(KIB * KIB);
    expect([channel.bufferedAmountLowThreshold, flow.frameBytes]).toEqual([64 * KIB, 16 * KIB]);
  });
});
