export * from '@innmesh/webrtc';
export { RelayMeter } from '../../lib/webrtc/client/link/relay-meter.ts';
export { readPath } from '../../lib/webrtc/client/link/topology.ts';
export { WebRtcTransport } from '../../lib/webrtc/client/link/transport.ts';
