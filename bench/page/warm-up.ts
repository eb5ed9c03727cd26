/** Makes the browser load and start what WebRTC needs in this page, which costs some 40 ms once and varies a lot. */
export async function warmUpWebRtc(): Promise<void> {
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  a.onicecandidate = ({ candidate }) => candidate && b.addIceCandidate(candidate);
  b.onicecandidate = ({ candidate }) => candidate && a.addIceCandidate(candidate);
  const [channel] = [a, b].map((connection) => connection.createDataChannel('warm-up', { negotiated: true, id: 0 }));
  const opened = new Promise((resolve) => channel?.addEventListener('open', resolve));
  await a.setLocalDescription();
  await b.setRemoteDescription(a.localDescription as RTCSessionDescription);
  await b.setLocalDescription();
  await a.setRemoteDescription(b.localDescription as RTCSessionDescription);
  await opened;
  a.close();
  b.close();
}
