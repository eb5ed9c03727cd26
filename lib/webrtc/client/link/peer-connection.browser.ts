export const createPeerConnection = (configuration: RTCConfiguration): RTCPeerConnection =>
  new RTCPeerConnection(configuration);
