import { RTCPeerConnection as NodePeerConnection } from 'node-datachannel/polyfill';

export const createPeerConnection = (configuration: RTCConfiguration): RTCPeerConnection =>
  new NodePeerConnection(configuration as ConstructorParameters<typeof NodePeerConnection>[0]) as RTCPeerConnection;
