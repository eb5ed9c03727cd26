import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviceMessage, linkMessage, relayMessage, serverMessage } from '../test-support/arbitraries.ts';
import { decodeLinkMessage, encodeLinkMessage } from './link-codec.ts';
import { decodeForDevice, decodeForServer, encodeSignaling, isRelayFrame, openRelayFrame } from './signaling-codec.ts';

const run = { seed: 1, numRuns: 1_000 };

describe('a message comes out as it went in', () => {
  it('from a device to the server', () => {
    fc.assert(
      fc.property(deviceMessage, (message) => {
        expect(decodeForServer(encodeSignaling(message))).toEqual(message);
      }),
      run,
    );
  });

  it('from the server to a device', () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        expect(decodeForDevice(encodeSignaling(message))).toEqual(message);
      }),
      run,
    );
  });

  it('from a device to another through the server', () => {
    fc.assert(
      fc.property(relayMessage, (message) => {
        expect(decodeForDevice(encodeSignaling(message))).toEqual(message);
      }),
      run,
    );
  });

  it('over a link', () => {
    fc.assert(
      fc.property(linkMessage, (message) => {
        expect(decodeLinkMessage(encodeLinkMessage(message))).toEqual(message);
      }),
      run,
    );
  });
});

describe('a relay frame', () => {
  it('is told from a frame for the server by its first byte', () => {
    fc.assert(
      fc.property(deviceMessage, relayMessage, (forServer, forDevice) => {
        expect(isRelayFrame(encodeSignaling(forServer))).toBe(false);
        expect(isRelayFrame(encodeSignaling(forDevice))).toBe(true);
      }),
      run,
    );
    expect(isRelayFrame(new Uint8Array())).toBe(false);
  });

  it("says whom it is for, and reaches them with the sender's slot and nothing else changed", () => {
    fc.assert(
      fc.property(relayMessage, fc.maxSafeNat(), (message, senderSlot) => {
        const relay = openRelayFrame(encodeSignaling(message));
        expect(relay.targetSlot).toBe(message.peer);
        expect(relay.readdress(senderSlot)).toEqual(encodeSignaling({ ...message, peer: senderSlot }));
      }),
      run,
    );
  });
});
