import { systemClock } from '@innmesh/kit';
import type { CredentialClaims, Role } from '@innmesh/protocol';
import { P2PConnection, type P2PConnectionConfig, type ReceivedMessage } from '@innmesh/webrtc';
import { onTestFinished } from 'vitest';
import { MemoryStore } from '../../../lib/webrtc/client/journal/store/memory-store.ts';
import { keyOf } from '../../../lib/webrtc/server/test-support/device-keys.ts';
import { TestIssuer } from '../../../lib/webrtc/server/test-support/test-issuer.ts';

export const hotel = new TestIssuer(systemClock);

/** The device's key is the one of its name, so that a test can use it too. */
export const keptKey = (name: string) => {
  const { peerId, publicKey } = keyOf(name);
  const identity = {
    peerId,
    publicKey,
    sign: async (bytes: Uint8Array) => keyOf(name).sign(bytes),
    release: () => {},
  };
  return {
    openIdentity: async () => identity,
    recall: async () => undefined,
    remember: async () => {},
    journalStore: () => new MemoryStore(),
  };
};

/** A device of the hotel's with its own library and application, and what that was told. */
export class Device {
  readonly connection: P2PConnection;
  readonly peerId: string;
  readonly name: string;
  readonly linked: string[] = [];
  readonly unlinked: string[] = [];
  readonly heard: ReceivedMessage[] = [];
  readonly errors: Error[] = [];
  readonly present: string[] = [];

  constructor(url: string, name: string, type: Role = 'staff', more: Partial<P2PConnectionConfig> = {}) {
    this.name = name;
    this.peerId = keyOf(name).peerId;
    this.connection = new P2PConnection(
      {
        signalingServers: [url],
        tenantId: 'hotel',
        deviceInfo: { type, name, capabilities: [] },
        credential: credentialOf(name, type),
        issuerKeys: hotel.keySet,
        iceServers: [],
        reconnectInterval: 200,
        ...more,
      },
      { device: keptKey(name) },
    );
    onTestFinished(() => this.connection.disconnect());
    this.connection.on('connected', ({ peerId }) => this.linked.push(peerId));
    this.connection.on('disconnected', (peerId) => this.unlinked.push(peerId));
    this.connection.on('message', (message) => this.heard.push(message));
    this.connection.on('error', (error) => this.errors.push(error));
    this.connection.on('peers-discovered', (peers) => this.present.push(...peers.map(({ peerId }) => peerId)));
    this.connection.on('peer-joined', ({ peerId }) => this.present.push(peerId));
  }

  get problems(): string[] {
    return this.errors.map(problemOf);
  }

  isLinkedTo(peerId: string): boolean {
    return this.linked.includes(peerId) && !this.unlinked.includes(peerId);
  }
}

export function credentialOf(name: string, type: Role, otherwise: Partial<CredentialClaims> = {}): string {
  return hotel.credential({ name, type }, otherwise);
}

/** `signature`, `NOT_ENTITLED`: the innermost reason. */
export function problemOf(error: unknown): string {
  const { cause, problem, code } = error as { cause?: unknown; problem?: string; code?: string };
  return cause ? problemOf(cause) : (problem ?? code ?? String(error));
}
